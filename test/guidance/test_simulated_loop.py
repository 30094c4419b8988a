"""A guided camera over a scene of an unknown scale: the true distance never falls below the no-go distance."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.guidance.ecm import INSERTION, Ecm
from mt3dnet_ros.guidance.limits import MotionLimits
from mt3dnet_ros.guidance.reasons import AdvanceReason
from mt3dnet_ros.guidance.settings import STOPPING_TIME, GuidanceSettings
from mt3dnet_ros.guidance.simulated_loop import SimulatedLoop
from mt3dnet_ros.guidance.simulated_perception import SHAFT, SimulatedPerception
from mt3dnet_ros.guidance.simulated_scene import on_surface, seen_from
from mt3dnet_ros.guidance.supervisor import State
from mt3dnet_ros.guidance.visual_servo import ServoLaw
from mt3dnet_ros.perception.scale.depth_scale import DepthScale, SupportingSource

CAMERA = Camera.from_field_of_view(20, 16, math.radians(60.0))
START = np.array([0.0, 0.0, 0.14, 0.2])  # 74 mm from the nearest surface
NO_GO = 0.05
SETTINGS = GuidanceSettings(
    law=ServoLaw(0.04, 2.0, 0.8, 0.02, 0.005),  # would come nearer than it may
    limits=MotionLimits(0.08, 1.2, 0.006, 0.06),
    no_go_distance=NO_GO,
    ecm=Ecm(),
)


def still(_: float) -> np.ndarray:
    return on_surface(0.004, 0.002)


def moving(time: float) -> np.ndarray:
    return on_surface(0.012 * math.cos(time), 0.012 * math.sin(time))


def aside(_: float) -> np.ndarray:
    return on_surface(0.03, 0.012)


def make_loop(factor: float, settings: GuidanceSettings = SETTINGS, supported: bool = False) -> SimulatedLoop:
    """Return a loop in which the true scale is a factor, with a shaft in view or without anything that tells it."""
    perception = SimulatedPerception(factor, np.random.default_rng(0))
    perception.sources = (SHAFT,) if supported else ()
    return SimulatedLoop(settings, CAMERA, perception, aside, START)


def way(loop: SimulatedLoop) -> float:
    """Return how far the insertion moved at most, either way, metres."""
    return max(abs(moment.joints[INSERTION] - START[INSERTION]) for moment in loop.moments)


def off_centre(loop: SimulatedLoop) -> float:
    """Return the angle between the target and the centre of the image."""
    x, y, z = seen_from(loop.arm.ecm.camera_pose(loop.arm.joints), aside(0.0))
    return math.hypot(x, y) / z


class Stated:
    """Scales whose 95 % interval holds the truth, in every way that leaves open; some are lost, guesses or conflicts.

    :param truth: true metres per metre of the network
    """

    def __init__(self, truth: float, random: np.random.Generator, spoilt: bool) -> None:
        self._truth, self._random, self._spoilt = truth, random, spoilt
        self._until = -1.0
        self._kind, self._error, self._deviation = 'good', 0.0, 0.02

    def at(self, stamp: float) -> DepthScale | None:
        if stamp >= self._until:
            self._change(stamp)
        factor = self._truth * math.exp(1.96 * self._error * self._deviation)
        if self._kind == 'lost':
            return None
        sources = () if self._kind == 'guess' else (SupportingSource('shaft', factor, self._deviation, 0.0),)
        conflicts = ('shaft against second_eye',) if self._kind == 'conflict' else ()
        return DepthScale(factor, self._deviation, sources, conflicts)

    def _change(self, stamp: float) -> None:
        random = self._random
        self._until = stamp + random.uniform(0.04, 1.5)
        self._error = random.choice([-1.0, 1.0, random.uniform(-1.0, 1.0)])  # both ends, and in between
        self._deviation = math.exp(random.uniform(math.log(0.005), math.log(0.25)))
        kinds = ['good', 'good', 'good', 'lost', 'guess', 'conflict'] if self._spoilt else ['good']
        self._kind = random.choice(kinds)


class TamperedPerception(SimulatedPerception):
    """Gives depth by what is stated."""

    def __init__(self, factor: float, stated: Stated) -> None:
        super().__init__(factor, np.random.default_rng(0))
        self._stated = stated
        self.lost: set[int] = set()  # stamps of scales that do not arrive

    def perceive(self, depth: np.ndarray, stamp: int) -> tuple[np.ndarray, DepthScale]:
        scale = self._stated.at(stamp * 1e-9)
        if scale is None:
            self.lost.add(stamp)
            scale = DepthScale()
        return (depth * (scale.factor / self.factor)).astype(depth.dtype), scale


@pytest.mark.parametrize('spoilt', [False, True], ids=['every scale arrives', 'lost, guessed, conflicting'])
@pytest.mark.parametrize('seed', range(6))
def test_the_true_distance_is_kept_while_the_interval_holds_the_truth(seed: int, spoilt: bool) -> None:
    random = np.random.default_rng(seed)
    truth = math.exp(random.uniform(math.log(0.5), math.log(2.0)))
    perception = TamperedPerception(truth, Stated(truth, random, spoilt))
    target = moving if seed % 2 else still
    loop = SimulatedLoop(replace(SETTINGS, jump_distance=1.0), CAMERA, perception, target, START)
    loop.on_scale = lambda scale, stamp: None if round(stamp * 1e9) in perception.lost else scale
    loop.run(8.0)
    assert min(moment.nearest for moment in loop.moments) >= NO_GO


def test_without_that_care_the_distance_would_not_be_kept() -> None:
    loop = make_loop(0.5, replace(SETTINGS, scale_required=False))
    loop.run(8.0)
    assert loop.moments[-1].nearest < 0.8 * NO_GO


@pytest.mark.parametrize('factor', [0.5, 0.8, 1.2])
def test_without_a_source_the_camera_turns_and_does_not_move_in_depth(factor: float) -> None:
    loop = make_loop(factor)
    loop.run(4.0)
    assert way(loop) == 0.0
    assert off_centre(loop) < 0.025
    assert loop.guide.state is State.GUIDING
    assert loop.guide.advance.reason is AdvanceReason.GUESSED_SCALE


@pytest.mark.parametrize('factor', [0.5, 1.0, 2.0])
def test_with_a_source_the_camera_goes_as_near_as_it_may_and_no_nearer(factor: float) -> None:
    loop = make_loop(factor, supported=True)
    loop.run(8.0)
    assert NO_GO <= min(moment.nearest for moment in loop.moments) < 1.2 * NO_GO


def test_without_any_message_the_camera_does_not_move_in_depth() -> None:
    loop = make_loop(1.0, supported=True)
    loop.on_scale = lambda scale, stamp: None
    loop.run(3.0)
    assert way(loop) == 0.0
    assert loop.guide.advance.reason is AdvanceReason.NO_SCALE


def test_scales_that_come_late_are_none() -> None:
    loop = make_loop(1.0, supported=True)
    said: list[tuple[DepthScale, float]] = []

    def late(scale: DepthScale, stamp: float) -> None:
        said.append((scale, stamp))
        if len(said) > 10:
            loop.guide.inputs.take_scale(*said[-10], loop.time)

    loop.on_scale = late
    loop.run(3.0)
    assert way(loop) == 0.0
    assert loop.guide.advance.reason is AdvanceReason.NO_SCALE


def lose(scale: DepthScale) -> None:
    return None


def contradict(scale: DepthScale) -> DepthScale:
    return replace(scale, conflicts=('shaft against second_eye',))


def guess(scale: DepthScale) -> DepthScale:
    return replace(scale, sources=())


def spoil(scale: DepthScale) -> DepthScale:
    return replace(scale, deviation=math.nan)


FAULTS = {
    lose: AdvanceReason.NO_SCALE,
    contradict: AdvanceReason.CONFLICTING_SCALE,
    guess: AdvanceReason.GUESSED_SCALE,
    spoil: AdvanceReason.BAD_SCALE,
}


@pytest.mark.parametrize(('fault', 'reason'), FAULTS.items(), ids=lambda value: getattr(value, '__name__', ''))
def test_a_fault_of_the_scale_stops_the_advance_within_200_ms_and_nothing_else(
    fault: Callable[[DepthScale], DepthScale | None], reason: AdvanceReason
) -> None:
    settings = replace(SETTINGS, limits=MotionLimits(0.02, 1.2, 0.006, 0.06))  # turns for long
    loop = make_loop(0.7, settings, supported=True)
    loop.run(2.0)
    before = loop.arm.setpoint
    loop.run(0.1)
    assert loop.arm.setpoint[INSERTION] > before[INSERTION]
    begin = loop.time
    loop.on_scale = lambda scale, stamp: fault(scale)
    loop.run(STOPPING_TIME)
    before = loop.arm.setpoint
    loop.run(0.2)
    assert loop.arm.setpoint[INSERTION] == before[INSERTION]
    assert (loop.arm.setpoint[:2] != before[:2]).any()
    assert loop.guide.advance.reason is reason
    assert loop.guide.supervisor.last_stop is None or loop.guide.supervisor.last_stop.time < begin
    loop.on_scale = lambda scale, stamp: scale
    loop.run(1.3)
    before = loop.arm.setpoint
    loop.run(0.1)
    assert loop.arm.setpoint[INSERTION] > before[INSERTION]
    assert loop.guide.advance.stops == {reason: 1}


def test_where_no_scale_is_required_depth_is_taken_as_it_is() -> None:
    loop = make_loop(1.0, replace(SETTINGS, scale_required=False))
    loop.on_scale = lambda scale, stamp: None
    loop.run(0.7)
    assert way(loop) > 0.0
