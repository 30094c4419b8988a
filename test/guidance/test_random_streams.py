"""Random and hostile streams of all inputs: no command breaks a limit, no fault moves the camera, every fault stops it.

`MT3DNET_STREAMS=10000 python -m pytest test/guidance/test_random_streams.py` tries so many in place of a few.
"""

from __future__ import annotations

import math
import os
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

pytest.importorskip('hypothesis', reason="needs hypothesis; `pip install '.[test]'`")

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from mt3dnet_ros.guidance.ecm import Ecm
from mt3dnet_ros.guidance.guide import Guide, MotionCommand
from mt3dnet_ros.guidance.mechanism import ImpossibleJointsError
from mt3dnet_ros.guidance.reasons import Reason
from mt3dnet_ros.guidance.settings import STOPPING_TIME, GuidanceSettings
from mt3dnet_ros.guidance.simulated_arm import SimulatedArm
from mt3dnet_ros.guidance.simulated_scene import on_surface, seen_from
from mt3dnet_ros.guidance.supervisor import State
from mt3dnet_ros.perception.scale.depth_scale import GUESS, DepthScale, SupportingSource

STREAMS = int(os.environ.get('MT3DNET_STREAMS', '0'))
pytestmark = pytest.mark.timeout(180 + STREAMS)
PERIOD, FRAME = 0.01, 4  # seconds; periods from image to image
MARGIN = 0.001  # metres before the no-go distance at which a forward motion ends
START = np.array([0.2, -0.1, 0.1, 0.2])
STARTS = [START, *(START + np.eye(4)[joint] * (Ecm().limits[1] * 0.95 - START) for joint in range(3))]  # or at an end
KNOWN = DepthScale(1.2, 0.01, (SupportingSource('shaft', 1.2, 0.01, 0.0),))
SETTINGS = GuidanceSettings(resume_delay=0.05, scale_confirmation=0.1, jump_confirmation=0.05)

TARGETS = {
    'nan': [math.nan] * 3,
    'infinite': [math.inf, 0.0, 0.1],
    'huge': [1e300, -1e300, 1e300],
    'behind': [0.0, 0.0, -0.1],
    'at the lens': [1e-3, 0.0, 1e-12],
    'aside': [0.5, -0.4, 0.1],
    'on the other side': [-0.5, 0.4, 0.1],
    'far': [0.0, 0.0, 1e6],
}
DEPTHS = {
    'nan': np.full((8, 8), np.nan),
    'nothing': np.zeros((0, 0)),
    'zero': np.zeros((8, 8)),
    'negative': np.full((8, 8), -0.1),
    'infinite': np.full((8, 8), np.inf),
    'touching': np.full((8, 8), 1e-9),
    'near': np.full((8, 8), 0.0315),
    'one pixel': np.full((1, 1), 0.1),
    'half': np.where(np.arange(64).reshape(8, 8) % 2, 0.1, np.nan),
    'huge': np.full((8, 8), 1e30),
}
SCALES = {
    'guess': GUESS,
    'nan': replace(KNOWN, factor=math.nan),
    'zero': replace(KNOWN, factor=0.0),
    'negative': replace(KNOWN, factor=-1.0),
    'infinite deviation': replace(KNOWN, deviation=math.inf),
    'negative deviation': replace(KNOWN, deviation=-0.5),
    'tiny': replace(KNOWN, factor=1e-300),
    'huge': replace(KNOWN, factor=1e300),
    'conflict': replace(KNOWN, conflicts=('shaft against robot',)),
}
AGES = [0.0, 0.05, 0.29, 0.31, 5.0, 1.8e9, -0.01, -1.0]  # of an image when it arrives, seconds
GOOD, LOST = 'good', 'lost'
ROBOT = {'not ready': Reason.ARM_NOT_READY, 'unheard': Reason.UNHEARD, 'taken': Reason.RIVAL}


@dataclass(frozen=True)
class Phase:
    """What arrives for a while; ``good`` is what a healthy system would send, ``lost`` is nothing."""

    periods: int
    target: str = GOOD
    depth: str = GOOD
    scale: str = GOOD
    joints: str = GOOD
    switch: str = GOOD
    robot: str = GOOD
    age: float = 0.0
    confidence: float = 1.0
    elapsed: float = PERIOD  # of the clock at its first step
    enable: bool | None = True

    def must_stand(self, has_arm: bool) -> bool:
        """Whether it alone keeps the camera from moving, after the time that a fault may take."""
        return (
            self.switch != GOOD
            or self.robot != GOOD
            or self.enable is False
            or self.target in (LOST, 'nan', 'infinite', 'behind')
            or self.depth in (LOST, 'nan', 'nothing', 'zero', 'negative', 'infinite', 'touching')
            or (has_arm and self.joints in (LOST, 'nan', 'a turn more', 'huge'))
            or not -0.02 <= self.age <= 0.3
            or not self.confidence >= 0.2
        )


def kinds(name: str, *values: Any) -> st.SearchStrategy[tuple[str, Any]]:
    return st.sampled_from([(name, value) for value in values])


FAULTS = st.one_of(
    kinds('target', LOST, *TARGETS),
    kinds('depth', LOST, *DEPTHS),
    kinds('scale', LOST, *SCALES),
    kinds('joints', LOST, 'nan', 'a turn more', 'huge', 'mirrored', 'frozen', 'doubled', 'jumping'),
    kinds('switch', LOST, 'released', 'disagreeing', 'on events'),
    kinds('robot', 'not ready', 'unheard', 'taken'),
    kinds('age', *AGES),
    kinds('confidence', 0.0, -1.0, math.nan, 0.2, 1e9),
    kinds('elapsed', 0.0, 0.09, 0.15, 5.0, -0.001, -3.0),
    kinds('enable', None, False),
)
PHASES = st.builds(
    lambda periods, faults: Phase(periods, **dict(faults)),
    st.one_of(st.integers(1, 10), st.integers(10, 100)),
    st.lists(FAULTS, max_size=3),
)


class Attack:
    """A guided arm, or a free camera, that is told whatever the phases say; every command is checked."""

    def __init__(self, has_arm: bool, start: np.ndarray = START, sends_goals: bool = False) -> None:
        self.guide = Guide(replace(SETTINGS, ecm=Ecm() if has_arm else None, sends_goals=sends_goals))
        self.arm = SimulatedArm(Ecm(), start)
        self.sends_goals = sends_goals
        self.now, self.periods = 100.0, 0
        self.speeds, self.goal = np.zeros(3), np.full(4, np.nan)
        self.moved = 0  # steps of motion, in all

    def run(self, phase: Phase) -> None:
        if phase.enable is not None:
            self.guide.enable(phase.enable)
        self.arm.freeze(phase.joints == 'frozen')
        for number in range(phase.periods):
            paused = number == 0 and not 0.0 <= phase.elapsed <= SETTINGS.timeouts.pause
            self.now += phase.elapsed if number == 0 else PERIOD
            self._tell(phase)
            command = self.guide.step(self.now)
            self._check(command, paused)
            long_ago = number * PERIOD > STOPPING_TIME
            assert not (long_ago and command.moving and phase.must_stand(self.guide.arm is not None)), (
                f'it moves in {phase}'
            )
            if command.moving and command.increments.size and self.sends_goals:
                self.arm.servo_jp(command.goal)
            elif command.moving and command.increments.size:
                self.arm.servo_jr(command.increments)
            self.arm.step(PERIOD)

    def _tell(self, phase: Phase) -> None:
        self.periods += 1
        self._press(phase.switch)
        for kind, reason in ROBOT.items():
            self.guide.objections.note(reason, 'it says so' if phase.robot == kind else '')
        if self.guide.arm and phase.joints != LOST:
            for joints in self._joints(phase.joints):
                with suppress(ImpossibleJointsError):
                    self.guide.arm.take_joints(joints, self.now)
        if self.periods % FRAME == 0:
            self._see(phase, self.now - phase.age)

    def _see(self, phase: Phase, stamp: float) -> None:
        inputs = self.guide.inputs
        if phase.scale != LOST:
            inputs.take_scale(SCALES.get(phase.scale, KNOWN), stamp, self.now)
        if phase.depth != LOST:
            inputs.take_depth(DEPTHS.get(phase.depth, np.full((8, 8), 0.1)), stamp, self.now)
        if phase.target != LOST:
            place = on_surface(0.03 * math.cos(self.now), 0.03 * math.sin(1.3 * self.now))
            seen = seen_from(self.arm.ecm.camera_pose(self.arm.joints), place)
            point = np.array(TARGETS.get(phase.target, seen)) + 1e-5 * (self.periods % 5)  # no picture is frozen
            inputs.take_target(point, stamp, phase.confidence, self.now)

    def _joints(self, kind: str) -> list[np.ndarray]:
        true = self.arm.joints
        return {
            'nan': [true * math.nan],
            'a turn more': [true + (2.0 * math.pi, 0.0, 0.0, 0.0)],
            'huge': [true * 1e300],
            'mirrored': [true * (-1.0, -1.0, 1.0, 1.0)],
            'doubled': [true, START],
            'jumping': [true + 0.02 * (self.periods % 2)],
        }.get(kind, [true])

    def _press(self, kind: str) -> None:
        switch = self.guide.inputs.dead_man
        if kind == 'on events' and self.periods % 50 == 0:
            switch.take(True, self.now, 'pedal')
        if kind in (GOOD, 'disagreeing'):
            switch.take(True, self.now, 'pedal')
        if kind in ('released', 'disagreeing'):
            switch.take(False, self.now, 'pedal' if kind == 'released' else 'other')
        if kind == GOOD:
            switch.keep({'pedal'})

    def _check(self, command: MotionCommand, paused: bool) -> None:
        before, self.speeds = self.speeds, _speeds(command)
        limits = SETTINGS.limits
        assert np.isfinite(command.twist).all() and np.isfinite(command.increments).all()
        assert (np.abs(self.speeds) <= limits.speed + 1e-9).all(), 'no command is faster than allowed'
        assert command.moving == bool(self.speeds.any())
        self.moved += command.moving
        if paused:
            assert not command.moving, 'after a pause it rests'
            return
        change = limits.acceleration * PERIOD + 1e-9
        assert (np.abs(self.speeds - before) <= change).all(), 'no command accelerates more than allowed'
        if self.guide.state is not State.GUIDING:
            assert (np.abs(self.speeds) <= np.maximum(np.abs(before) - change, 0.0) + 2e-9).all(), 'it brakes'
        if not self.guide.advance.is_open:
            assert abs(self.speeds[2]) <= max(abs(before[2]) - change[2], 0.0) + 2e-9, 'in depth it brakes'
        if not self.guide.inputs.near_end > SETTINGS.no_go_distance + MARGIN:
            assert self.speeds[2] <= max(before[2] - change[2], 0.0) + 2e-9, 'it does not go on towards a surface'
        self._check_joints(command)

    def _check_joints(self, command: MotionCommand) -> None:
        if not command.increments.size or not command.moving:
            return
        assert command.increments[3] == 0.0, 'the roll stays'
        lower, upper = Ecm().limits
        start = command.goal - command.increments
        assert (command.goal <= np.maximum(upper, start) + 1e-9).all(), 'no joint is led out of its range'
        assert (command.goal >= np.minimum(lower, start) - 1e-9).all(), 'no joint is led out of its range'


def _speeds(command: MotionCommand) -> np.ndarray:
    """Return two turns and the advance, per second."""
    if command.increments.size:
        return command.increments[:3] / PERIOD
    return np.array([command.twist[3], command.twist[4], command.twist[2]])


HEALTHY = Phase(40)


@settings(
    max_examples=STREAMS or 100,
    derandomize=not STREAMS,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(
    has_arm=st.booleans(),
    start=st.sampled_from(STARTS),
    phases=st.lists(PHASES, min_size=1, max_size=6),
    sends_goals=st.booleans(),
)
@example(
    has_arm=True, start=START, phases=[Phase(30, elapsed=0.15), Phase(30, switch='disagreeing')], sends_goals=False
)
@example(
    has_arm=True,
    start=START,
    phases=[Phase(40, joints='frozen'), HEALTHY, Phase(40, joints='doubled')],
    sends_goals=False,
)
@example(has_arm=True, start=STARTS[1], phases=[Phase(200, target='aside')], sends_goals=False)
@example(has_arm=True, start=STARTS[2], phases=[Phase(200, target='aside')], sends_goals=True)
@example(has_arm=True, start=START, phases=[Phase(40, robot='not ready'), HEALTHY], sends_goals=True)
@example(has_arm=True, start=STARTS[1], phases=[Phase(200, target='on the other side')], sends_goals=False)
@example(has_arm=True, start=STARTS[2], phases=[Phase(200, target='aside')], sends_goals=False)
@example(has_arm=True, start=STARTS[2], phases=[Phase(200, target='on the other side')], sends_goals=False)
@example(has_arm=True, start=STARTS[3], phases=[Phase(200, target='far', joints='doubled')], sends_goals=False)
@example(
    has_arm=False,
    start=START,
    phases=[Phase(40, depth='touching'), HEALTHY, Phase(40, target='at the lens')],
    sends_goals=False,
)
@example(
    has_arm=False,
    start=START,
    phases=[Phase(60, depth='near', target='far'), Phase(40, depth='nan')],
    sends_goals=False,
)
def test_no_stream_breaks_a_limit_or_moves_a_camera_that_must_stand(
    has_arm: bool, start: np.ndarray, phases: list[Phase], sends_goals: bool
) -> None:
    attack = Attack(has_arm, start, sends_goals)
    attack.run(HEALTHY)
    for phase in phases:
        attack.run(phase)


@pytest.mark.parametrize('has_arm', [True, False], ids=['arm', 'free'])
def test_a_healthy_stream_moves_so_that_the_checks_mean_something(has_arm: bool) -> None:
    attack = Attack(has_arm)
    attack.run(replace(HEALTHY, periods=100))
    assert attack.moved > 50
    assert attack.guide.advance.is_open
