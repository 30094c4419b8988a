"""Guidance, an arm and a scene in one closed loop, without ROS."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.guidance.ecm import Ecm
from mt3dnet_ros.guidance.guide import Guide
from mt3dnet_ros.guidance.near_surface import nearest_surface
from mt3dnet_ros.guidance.settings import GuidanceSettings
from mt3dnet_ros.guidance.simulated_arm import SimulatedArm
from mt3dnet_ros.guidance.simulated_perception import SimulatedPerception
from mt3dnet_ros.guidance.simulated_scene import SimulatedScene, seen_from
from mt3dnet_ros.perception.scale.depth_scale import DepthScale

FRAME = 4  # periods from image to image
LATENCY = 6  # periods from an image to what perception says of it
_SECOND = 1_000_000_000


@dataclass(frozen=True)
class TrueState:
    """What was true at the time of an image.

    :param time: seconds
    :param nearest: distance of the nearest surface, metres
    :param near_end: the least that guidance took it for, metres; NaN where unknown
    :param joints: (4,) radians and metres
    """

    time: float
    nearest: float
    near_end: float
    joints: np.ndarray


class SimulatedLoop:
    """A guided arm over a scene, seen by a perception that does not know the scale.

    :param settings: with an ECM
    :param target: its place (3,) at a time in seconds, metres in the arm's base frame
    :param joints: (4,) at the start
    """

    def __init__(
        self,
        settings: GuidanceSettings,
        camera: Camera,
        perception: SimulatedPerception,
        target: Callable[[float], np.ndarray],
        joints: np.ndarray,
    ) -> None:
        self.arm = SimulatedArm(settings.ecm or Ecm(), joints)
        self.guide = Guide(settings)
        self.moments: list[TrueState] = []
        self.on_scale: Callable[[DepthScale, float], DepthScale | None] = lambda scale, stamp: scale  # None: lost
        self._settings, self._target, self._perception = settings, target, perception
        self._scene = SimulatedScene(camera)
        self._periods = 0
        self._waiting: deque[tuple[int, np.ndarray, np.ndarray, DepthScale]] = deque()
        self.guide.enable(True)

    @property
    def time(self) -> float:
        """Seconds since the start."""
        return self._periods * self._settings.period

    def run(self, seconds: float) -> None:
        """Let time pass."""
        for _ in range(round(seconds / self._settings.period)):
            self._step()

    def _step(self) -> None:
        self.guide.inputs.dead_man.take(True, self.time)
        if self.guide.arm:
            self.guide.arm.take_joints(self.arm.joints, self.time)
        if self._periods % FRAME == 0:
            self._look()
        while self._waiting and self._waiting[0][0] + LATENCY <= self._periods:
            self._tell(*self._waiting.popleft())
        command = self.guide.step(self.time)
        if command.moving:
            self.arm.servo_jr(command.increments)
        self.arm.step(self._settings.period)
        self._periods += 1

    def _look(self) -> None:
        """Let perception have an image, and record what is true in it."""
        pose = self.arm.ecm.camera_pose(self.arm.joints)
        depth, seen = self._scene.depth(pose), seen_from(pose, self._target(self.time))
        nearest, near_end = nearest_surface(depth), self.guide.inputs.near_end
        self.moments.append(TrueState(self.time, nearest, near_end, self.arm.joints))
        perceived, scale = self._perception.perceive(depth, round(self.time * _SECOND))
        self._waiting.append((self._periods, seen * (scale.factor / self._perception.factor), perceived, scale))

    def _tell(self, period: int, seen: np.ndarray, depth: np.ndarray, scale: DepthScale) -> None:
        stamp, inputs = period * self._settings.period, self.guide.inputs
        told = self.on_scale(scale, stamp)
        if told:
            inputs.take_scale(told, stamp, self.time)
        inputs.take_depth(depth, stamp, self.time)
        inputs.take_target(seen, stamp, 1.0, self.time)
