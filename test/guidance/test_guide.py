"""Guidance as a whole, with a simulated arm and without ROS."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from mt3dnet_ros.guidance.ecm import Ecm
from mt3dnet_ros.guidance.guide import Guide
from mt3dnet_ros.guidance.mechanism import ImpossibleJointsError
from mt3dnet_ros.guidance.reasons import Reason
from mt3dnet_ros.guidance.settings import GuidanceSettings, SettingsError, Timeouts
from mt3dnet_ros.guidance.simulated_arm import SimulatedArm
from mt3dnet_ros.guidance.simulated_scene import on_surface, seen_from
from mt3dnet_ros.guidance.supervisor import State
from mt3dnet_ros.perception.scale.depth_scale import DepthScale, SupportingSource

START = np.array([0.0, 0.0, 0.1, 0.2])
PERIOD = 0.01
FRAME = 4  # periods from image to image
FAR = np.full((8, 8), 0.1)
KNOWN = DepthScale(1.2, 0.01, (SupportingSource('shaft', 1.2, 0.01, 0.0),))


@dataclass
class Loop:
    """A closed loop; inputs that a test sets to None do not arrive any more."""

    settings: GuidanceSettings = field(default_factory=lambda: GuidanceSettings(ecm=Ecm()))
    target: Callable[[float], np.ndarray] = lambda _: on_surface(0.03, 0.01)
    depth: np.ndarray | None = field(default_factory=lambda: FAR)
    scale: DepthScale | None = KNOWN
    confidence: float = 1.0
    sees: bool = True
    measures: bool = True
    presses: bool = True
    sends_goals: bool = False
    time: float = 0.0
    periods: int = 0

    def __post_init__(self) -> None:
        self.arm = SimulatedArm(self.settings.ecm or Ecm(), START)
        self.guide = Guide(self.settings)
        self.guide.enable(True)
        self.increments: list[np.ndarray] = []
        self.twists: list[np.ndarray] = []

    def seen(self) -> np.ndarray:
        return seen_from(self.arm.ecm.camera_pose(self.arm.joints), self.target(self.time))

    def run(self, seconds: float) -> Loop:
        for _ in range(round(seconds / PERIOD)):
            self._tell()
            command = self.guide.step(self.time)
            if command.moving and self.sends_goals and self.periods % 5 == 0:
                self.arm.move_jp(command.goal)
            elif command.moving and command.increments.size and not self.sends_goals:
                self.arm.servo_jr(command.increments)
            self.increments.append(command.increments)
            self.twists.append(command.twist)
            self.arm.step(PERIOD)
            self.periods += 1
            self.time = self.periods * PERIOD
        return self

    def _tell(self) -> None:
        inputs = self.guide.inputs
        inputs.dead_man.take(self.presses, self.time)
        if self.measures and self.guide.arm:
            self.guide.arm.take_joints(self.arm.joints, self.time)
        if self.periods % FRAME == 0 and self.sees:
            inputs.take_target(self.seen(), self.time, self.confidence, self.time)
        if self.periods % FRAME == 0 and self.depth is not None:
            inputs.take_depth(self.depth, self.time, self.time)
        if self.periods % FRAME == 0 and self.scale is not None:
            inputs.take_scale(self.scale, self.time, self.time)


@pytest.fixture
def loop() -> Loop:
    """Return a loop that follows a moving target."""
    loop = Loop(target=lambda time: on_surface(0.02 * np.cos(time), 0.02 * np.sin(time)))
    loop.run(2.0)
    assert loop.guide.state is State.GUIDING
    assert np.abs(loop.increments[-1]).max() > 0.0
    return loop


def test_the_target_is_centred_and_brought_to_the_working_distance() -> None:
    seen = Loop().run(8.0).seen()
    assert np.linalg.norm(seen[:2]) / seen[2] < 0.025
    assert seen[2] == pytest.approx(0.1, abs=0.006)


def test_a_free_camera_is_turned_towards_the_target() -> None:
    loop = Loop(GuidanceSettings()).run(0.5)
    assert loop.increments[-1].size == 0
    seen, twist = loop.seen(), loop.twists[-1]
    assert np.sign(twist[4]) == np.sign(seen[0])
    assert np.sign(twist[3]) == -np.sign(seen[1])


@pytest.mark.parametrize('seed', range(3))
def test_random_targets_never_exceed_a_limit(seed: int) -> None:
    random = np.random.default_rng(seed)
    places = random.uniform(-0.3, 0.3, (20, 2))
    settings = GuidanceSettings(ecm=Ecm('up'), jump_distance=1.0)
    loop = Loop(settings, target=lambda time: on_surface(*places[int(time / 1.5)])).run(20.0)
    increments = np.stack(loop.increments) / PERIOD
    lower, upper = loop.arm.ecm.limits
    assert np.abs(increments[:, :2]).max() <= 0.08 + 1e-9
    assert np.abs(increments[:, 2]).max() <= 0.003 + 1e-9
    assert not increments[:, 3].any()
    assert np.abs(np.diff(increments[:, :2], axis=0)).max() <= 1.2 * PERIOD + 1e-9
    assert np.abs(np.diff(increments[:, 2])).max() <= 0.05 * PERIOD + 1e-9
    assert ((loop.arm.setpoint >= lower) & (loop.arm.setpoint <= upper)).all()


def test_a_joint_stops_before_its_limit() -> None:
    start = np.array([0.0, 1.05, 0.1, 0.0])
    loop = Loop(target=lambda _: on_surface(0.0, 0.0))
    loop.arm = SimulatedArm(Ecm(), start)
    away = seen_from(Ecm().camera_pose(start), on_surface(0.0, 0.0))
    loop.target = lambda _: on_surface(0.0, 3.0 if away[1] < 0.0 else -3.0)
    loop.run(4.0)
    lower, upper = Ecm().limits
    assert loop.arm.joints[1] <= upper[1] - 0.02 * (upper[1] - lower[1]) + 1e-6


def stale_target(loop: Loop) -> None:
    loop.sees = False


def stale_depth(loop: Loop) -> None:
    loop.depth = None


def unknown_depth(loop: Loop) -> None:
    loop.depth = np.full((8, 8), np.nan)


def near_surface(loop: Loop) -> None:
    loop.depth = np.full((8, 8), 0.02)


def low_confidence(loop: Loop) -> None:
    loop.confidence = 0.1


def jump(loop: Loop) -> None:
    before = loop.target
    loop.target = lambda time: before(time) + (0.05, 0.0, 0.0)


def lost_joints(loop: Loop) -> None:
    loop.measures = False


def frozen_joints(loop: Loop) -> None:
    loop.arm.freeze(True)


def release(loop: Loop) -> None:
    loop.presses = False


def disable(loop: Loop) -> None:
    loop.guide.enable(False)


def impossible_target(loop: Loop) -> None:
    loop.target = lambda _: np.full(3, np.nan)


def not_ready(loop: Loop) -> None:
    loop.guide.objections.note(Reason.ARM_NOT_READY, 'it says DISABLED')


FAULTS = {
    not_ready: Reason.ARM_NOT_READY,
    stale_target: Reason.STALE_TARGET,
    stale_depth: Reason.STALE_DEPTH,
    unknown_depth: Reason.UNKNOWN_DEPTH,
    near_surface: Reason.TOO_NEAR,
    low_confidence: Reason.LOW_CONFIDENCE,
    jump: Reason.JUMPING_TARGET,
    lost_joints: Reason.NO_JOINTS,
    frozen_joints: Reason.NOT_FOLLOWING,
    release: Reason.DEAD_MAN,
    disable: Reason.NOT_ENABLED,
    impossible_target: Reason.BAD_TARGET,
}


@pytest.mark.parametrize(('fault', 'reason'), FAULTS.items(), ids=lambda value: getattr(value, '__name__', ''))
def test_a_fault_stops_the_motion_within_200_ms(loop: Loop, fault: Callable[[Loop], None], reason: Reason) -> None:
    fault(loop)
    loop.run(0.2)
    assert loop.guide.supervisor.last_stop.reason is reason
    assert not loop.increments[-1].any()
    assert not loop.twists[-1].any()


@pytest.mark.parametrize('seconds', [0.15, 0.2, 1.0, 5.0])
@pytest.mark.parametrize('by_steady', [False, True], ids=['by_its_clock', 'by_the_steady_clock'])
def test_after_a_pause_nothing_moves_before_all_inputs_have_come_again(
    loop: Loop, seconds: float, by_steady: bool
) -> None:
    steady = (100.0, 100.0 + PERIOD + seconds) if by_steady else (100.0, 100.0 + PERIOD)
    loop.guide.step(loop.time, steady[0])
    later = loop.time + PERIOD + (0.0 if by_steady else seconds)
    command = loop.guide.step(later, steady[1])
    assert not command.moving and not command.twist.any() and not command.increments.any()
    assert np.isnan(command.goal).all(), 'an arm that was moved by hand meanwhile is not sent back'
    assert loop.guide.supervisor.reason is Reason.PAUSED
    assert loop.guide.state is State.HOLDING
    assert loop.guide.supervisor.stops[Reason.PAUSED] == 1
    loop.periods = round(later / PERIOD)
    loop.time = later
    for name in ('presses', 'measures', 'sees'):
        setattr(loop, name, False)
    first = len(loop.twists)
    loop.run(0.08)
    assert not np.any(loop.twists[first:])
    assert loop.guide.supervisor.reason in (Reason.PAUSED, Reason.DEAD_MAN)


def test_after_a_pause_it_goes_on_by_itself_once_all_is_well(loop: Loop) -> None:
    loop.periods += 50
    loop.time = loop.periods * PERIOD
    first = len(loop.twists)
    loop.run(0.29)
    assert not np.any(loop.twists[first:])
    loop.run(0.3)
    assert loop.guide.state is State.GUIDING
    assert np.any(loop.twists[-1])


def test_joints_that_do_not_come_again_after_a_pause_are_lost(loop: Loop) -> None:
    loop.measures = False
    loop.periods += 50
    loop.time = loop.periods * PERIOD
    loop.run(0.2)
    assert loop.guide.supervisor.reason is Reason.NO_JOINTS
    assert loop.guide.state is State.DISABLED


def test_what_is_halted_after_a_pause_has_no_goal_of_before(loop: Loop) -> None:
    command = loop.guide.halt(loop.time + 1.0, Reason.INACTIVE)
    assert np.isnan(command.goal).all()
    assert loop.guide.supervisor.reason is Reason.INACTIVE


IMPOSSIBLE = {
    'a turn more': [2.0 * np.pi, 0.0, 0.0, 0.0],
    'a turn less': [-2.0 * np.pi, 0.0, 0.0, 0.0],
    'degrees': [20.0, 0.0, 0.0, 0.0],
    'millimetres': [0.0, 0.0, 100.0, 0.0],
    'NaN': [0.0, np.nan, 0.0, 0.0],
    'infinite': [0.0, 0.0, 0.0, np.inf],
}


@pytest.mark.parametrize('offset', IMPOSSIBLE.values(), ids=IMPOSSIBLE)
def test_joints_where_no_arm_can_be_are_refused_from_the_first_on(offset: list[float]) -> None:
    guide = Guide(GuidanceSettings(ecm=Ecm()))
    with pytest.raises(ImpossibleJointsError, match=r'from -1\.571 -0\.768 0\.000 -1\.552 to .* set dvrk\.model'):
        guide.arm.take_joints(START + offset, 1.0)
    guide.enable(True)
    assert not guide.assess(1.0)
    assert guide.supervisor.reason is Reason.NO_JOINTS


def test_joints_a_little_beyond_their_limits_are_those_of_a_real_arm() -> None:
    arm = Guide(GuidanceSettings(ecm=Ecm())).arm
    arm.take_joints(Ecm().limits[1] + (0.02, 0.02, 0.002, 0.02), 1.0)
    assert (arm.room()[1] < 0.0).all() or np.isnan(arm.goal).all()


@pytest.mark.parametrize('joint', range(4))
@pytest.mark.parametrize('sends_goals', [False, True])
def test_where_no_goal_is_taken_none_is_sent(sends_goals: bool, joint: int) -> None:
    loop = Loop(GuidanceSettings(ecm=Ecm(), sends_goals=sends_goals))
    loop.seen = lambda: np.array([0.03, 1e-5 * loop.periods, 0.1])
    beyond = Ecm().limits[1][joint] + (0.003 if joint == 2 else 0.03)
    loop.arm.joints = loop.arm.setpoint = np.where(np.arange(4) == joint, beyond, START)
    loop.arm.freeze(True)
    loop.run(0.2)
    assert loop.guide.supervisor.reason is (Reason.OUT_OF_RANGE if sends_goals else Reason.SETTLING)
    if sends_goals:
        loop.run(0.3)
        assert loop.guide.state is State.HOLDING and not np.any(loop.increments)
        loop.arm.joints = START
        loop.arm.freeze(False)
        loop.run(0.5)
        assert loop.guide.state is State.GUIDING, 'it goes on once the joint is back'


def test_an_objection_refuses_and_keeps_its_words_after_it_has_ended() -> None:
    guide = Guide(GuidanceSettings(ecm=Ecm()))
    guide.objections.note(Reason.RIVAL, 'the other one')
    guide.enable(True)
    assert not guide.assess(1.0)
    assert (guide.state, guide.supervisor.reason) == (State.DISABLED, Reason.RIVAL)
    guide.objections.note(Reason.RIVAL, '')
    assert list(guide.objections) == []
    assert guide.objections.text(Reason.RIVAL) == 'the other one'


def test_an_error_inside_stops_and_is_told(loop: Loop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(loop.settings.law), 'speeds', lambda *_, **__: np.full(3, np.nan))
    loop.run(0.1)
    assert loop.guide.supervisor.reason is Reason.ERROR
    assert 'not finite' in loop.guide.error
    assert not loop.increments[-1].any()


def test_halting_stops_at_once(loop: Loop) -> None:
    command = loop.guide.halt(loop.time, Reason.INACTIVE)
    assert not command.moving
    assert not command.twist.any()
    assert loop.guide.state is State.DISABLED


def test_a_frozen_image_with_new_stamps_stops_until_someone_has_looked(loop: Loop) -> None:
    frozen = loop.seen()
    loop.seen = lambda: frozen
    loop.run(0.6)
    assert loop.guide.supervisor.reason is Reason.FROZEN_IMAGE
    assert loop.guide.state is State.DISABLED
    assert not loop.increments[-1].any()


def test_a_target_at_rest_that_is_reached_is_no_frozen_image() -> None:
    assert Loop(target=lambda _: on_surface(0.002, 0.0)).run(12.0).guide.state is State.GUIDING


def test_an_old_image_is_no_target() -> None:
    guide = Guide(GuidanceSettings())
    guide.inputs.take_target(np.array([0.0, 0.0, 0.1]), stamp=1.0, confidence=1.0, now=1.5)
    guide.inputs.take_depth(FAR, stamp=1.0, now=1.5)
    assert {Reason.LATE_TARGET, Reason.STALE_DEPTH} <= set(guide.inputs.problems(1.5))


def test_a_forward_motion_ends_at_the_no_go_distance() -> None:
    """By the near end of the depth's interval."""
    settings = replace(GuidanceSettings(ecm=Ecm()), no_go_distance=0.108)
    loop = Loop(settings, target=lambda _: on_surface(0.0, 0.0), depth=np.full((8, 8), 0.114))
    for _ in range(500):
        loop.run(PERIOD)
        loop.depth = np.full((8, 8), 0.114 - (loop.arm.setpoint[2] - START[2]))
    assert 0.109 <= KNOWN.near_end(loop.depth.min()) < 0.1091


def test_goals_for_move_jp_lead_to_the_centre_as_well() -> None:
    loop = Loop(replace(GuidanceSettings(ecm=Ecm()), response_time=0.15), sends_goals=True).run(4.0)
    assert np.linalg.norm(loop.seen()[:2]) / loop.seen()[2] < 0.025


def test_settings_that_could_not_stop_in_time_are_refused() -> None:
    with pytest.raises(SettingsError, match=r'more than 0\.2 s'):
        GuidanceSettings(timeouts=Timeouts(target=0.3))
    with pytest.raises(SettingsError, match=r'more than 0\.2 s'):
        GuidanceSettings(timeouts=Timeouts(scale=0.3))
    GuidanceSettings(timeouts=Timeouts(scale=0.3), scale_required=False)
    with pytest.raises(SettingsError, match=r'more than 0\.2 s'):
        GuidanceSettings(timeouts=Timeouts(heartbeat=0.3))
    GuidanceSettings(timeouts=Timeouts(heartbeat=0.3), dead_man_heartbeat='none')


def test_what_is_seen_is_nearer_by_what_the_camera_moved_since_its_image() -> None:
    guide = Guide(GuidanceSettings())
    guide.inputs.camera_advances(0.001, end=0.95)
    guide.inputs.camera_advances(0.002, end=1.05)
    guide.inputs.take_depth(FAR, stamp=1.0, now=1.1)
    guide.inputs.take_scale(KNOWN, stamp=1.0, now=1.1)
    guide.inputs.camera_advances(0.004, end=1.15)
    assert guide.inputs.nearest == pytest.approx(0.094)
    assert guide.inputs.near_end == pytest.approx(KNOWN.near_end(0.1) - 0.006)


def test_what_the_last_scale_left_open_still_counts_when_it_is_lost() -> None:
    inputs = Guide(replace(GuidanceSettings(), no_go_distance=0.095, dead_man_required=False)).inputs
    vague = replace(KNOWN, deviation=0.1)
    for number, scale in enumerate((KNOWN, vague, None)):
        inputs.take_depth(FAR, stamp=float(number), now=float(number))
        if scale:
            inputs.take_scale(scale, stamp=float(number), now=float(number))
        assert (Reason.TOO_NEAR in inputs.problems(float(number))) == (scale is not KNOWN)
