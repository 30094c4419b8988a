"""A grabber that repeats its last picture while the camera moves, with the gaze smoothed as by default."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from mt3dnet_ros.guidance.ecm import Ecm
from mt3dnet_ros.guidance.guide import Guide
from mt3dnet_ros.guidance.reasons import Reason
from mt3dnet_ros.guidance.settings import GuidanceSettings
from mt3dnet_ros.guidance.simulated_arm import SimulatedArm
from mt3dnet_ros.guidance.simulated_scene import on_surface, seen_from
from mt3dnet_ros.guidance.supervisor import State
from mt3dnet_ros.perception.frame import Frame
from mt3dnet_ros.perception.over_time.gaze import GazeFilter
from mt3dnet_ros.perception.over_time.repetition import FrozenPicture
from mt3dnet_ros.perception.settings import Settings

PERIOD, FRAME, LATENCY = 0.01, 4, 6  # seconds; periods from image to image, and until it is perceived
SECOND = 1_000_000_000
DOCUMENTED = 0.5  # seconds, with such images
FAR = np.full((8, 8), 0.1)


@dataclass
class Grabber:
    """Pictures with noise, and where the target is in them; ``alive`` False repeats the last."""

    seed: int = 0
    alive: bool = True
    seen: np.ndarray | None = None
    picture: np.ndarray | None = None

    def grab(self, seen: np.ndarray) -> None:
        if self.alive or self.picture is None:
            self.seed += 1
            self.picture = np.random.default_rng(self.seed).integers(90, 110, (70, 90, 3), np.uint8)
            self.seen = seen


class Loop:
    """Guidance on an arm, by a gaze that is smoothed, and ends where the picture is frozen, as perception does both.

    :param frozen_timeout: of perception
    """

    def __init__(self, frozen_timeout: float) -> None:
        self.grabber, self.time, self.periods = Grabber(), 0.0, 0
        self.arm, self.guide = SimulatedArm(Ecm(), np.array([0.0, 0.0, 0.1, 0.2])), Guide(GuidanceSettings(ecm=Ecm()))
        self.guide.enable(True)
        self._timeout = frozen_timeout
        self._filter, self._frozen = GazeFilter(), FrozenPicture()
        self._waiting: list[tuple[int, float, tuple[float, ...] | None]] = []
        self.moves: list[float] = []

    def run(self, seconds: float) -> None:
        for _ in range(round(seconds / PERIOD)):
            self.periods += 1
            self.time = self.periods * PERIOD
            self._perceive()
            self.guide.inputs.dead_man.take(True, self.time)
            self.guide.arm.take_joints(self.arm.joints, self.time)
            command = self.guide.step(self.time)
            if command.moving:
                self.moves.append(self.time)
                self.arm.servo_jr(command.increments)
            self.arm.step(PERIOD)

    def _perceive(self) -> None:
        inputs = self.guide.inputs
        if self.periods % FRAME == 0:
            target = on_surface(0.02 * np.cos(self.time), 0.02 * np.sin(self.time))
            self.grabber.grab(seen_from(self.arm.ecm.camera_pose(self.arm.joints), target))
            stamp = round(self.time * SECOND)
            frozen = 0.0 < self._timeout <= self._frozen(Frame(self.grabber.picture, stamp))
            gaze = None if frozen else self._filter(tuple(self.grabber.seen), stamp, Settings().gaze_time_constant)
            self._waiting.append((self.periods + LATENCY, self.time, gaze))
        while self._waiting and self._waiting[0][0] <= self.periods:
            _, taken, gaze = self._waiting.pop(0)
            inputs.take_depth(FAR, taken, self.time)
            if gaze is not None:
                inputs.take_target(np.array(gaze), taken, 1.0, self.time)


@pytest.mark.parametrize(
    ('frozen_timeout', 'longest', 'reason'),
    [(Settings().frozen_timeout, DOCUMENTED, Reason.STALE_TARGET), (0.0, 3.5, Reason.FROZEN_IMAGE)],
    ids=['perception_sees_it', 'guidance_sees_it'],
)
def test_a_picture_that_is_repeated_ends_the_motion(frozen_timeout: float, longest: float, reason: Reason) -> None:
    loop = Loop(frozen_timeout)
    loop.run(3.0)
    assert loop.guide.state is State.GUIDING
    assert loop.moves[-1] == loop.time
    begin, loop.grabber.alive = loop.time, False
    loop.run(10.0)
    assert loop.moves[-1] - begin <= longest
    assert loop.guide.supervisor.reason is reason
