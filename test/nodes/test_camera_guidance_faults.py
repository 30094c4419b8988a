"""Processes that are killed or stopped while the camera moves, in real time: it stands within 200 ms."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from geometry_msgs.msg import TwistStamped
from std_msgs.msg import Empty
from std_srvs.srv import SetBool
from support.faults import often
from support.paths import ROOT
from support.ros_probe import Probe, patience
from support.ros_processes import NodeProcess

from mt3dnet_ros.guidance.settings import STOPPING_TIME
from mt3dnet_ros.ros.guidance.messages import read_twist
from mt3dnet_ros.ros.messages.headers import SECOND, stamp_to_ns

pytestmark = pytest.mark.timeout(300)
NAMESPACE = '/guidance_faults'  # no real robot may receive the commands
GUIDANCE = f'{NAMESPACE}/camera_guidance'
REMAPS = {'__ns': NAMESPACE, 'heartbeat': 'measured_js', 'camera_twist': 'camera_guidance/camera_twist'}
RIG = str(ROOT / 'test/support/guidance_rig.py')
SPEED_LIMIT, RATE = 0.08, 100  # of turning, and of commands
PARAMETERS = {
    'autostart': False,
    'least_confidence': 0.0,
    'scale_required': False,
    'resume_delay': 0.1,
}
DEATHS = {signal.SIGKILL: 'killed', signal.SIGSTOP: 'stopped'}


class Twists:
    """Every twist that has come, and when, by the clock that stamps are of."""

    def __init__(self, probe: Probe) -> None:
        self.came: list[tuple[float, float, np.ndarray]] = []  # stamp, time of arrival, twist

        def take(message: TwistStamped) -> None:
            self.came.append((stamp_to_ns(message.header.stamp) / SECOND, time.time(), read_twist(message)))

        probe.node.create_subscription(TwistStamped, f'{GUIDANCE}/camera_twist', take, 100)

    @property
    def moving(self) -> bool:
        return bool(self.came) and bool(self.came[-1][2].any())

    def moving_after(self, begin: float) -> list[float]:
        """Return the stamps of motions that were commanded after a time, in seconds from then."""
        return [stamp - begin for stamp, _, twist in self.came if stamp > begin and twist.any()]


@pytest.fixture(scope='module')
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., NodeProcess]]:
    logs, processes = tmp_path_factory.mktemp('logs'), []

    def start(executable: str, **parameters: Any) -> NodeProcess:
        log = logs / f'{len(processes)}_{Path(executable).stem}.log'
        processes.append(NodeProcess(executable, parameters, REMAPS, log=log))
        return processes[-1]

    yield start
    for process in processes:
        process.kill()


@pytest.fixture(scope='module')
def lasting(start: Callable[..., NodeProcess]) -> Callable[[str], NodeProcess]:
    """Return a function that gives a process that lasts from test to test, a new one where it was killed."""
    processes: dict[str, NodeProcess] = {}

    def get(executable: str, **parameters: Any) -> NodeProcess:
        if executable not in processes or not processes[executable].running:
            processes[executable] = start(executable, **parameters)
        return processes[executable]

    return get


@pytest.fixture
def perception(lasting: Callable[..., NodeProcess]) -> NodeProcess:
    return lasting(RIG, role='perception')


@pytest.fixture
def guidance(lasting: Callable[..., NodeProcess], perception: NodeProcess) -> NodeProcess:
    return lasting('camera_guidance', **PARAMETERS)


@pytest.fixture(scope='module')
def ends() -> Iterator[dict[int, tuple[Probe, Twists]]]:
    """Return the tests' own end of the graph for each process of guidance: to the next one it would be the dead one."""
    ends: dict[int, tuple[Probe, Twists]] = {}
    yield ends
    for probe, _ in ends.values():
        probe.close()


@pytest.fixture
def probe(guidance: NodeProcess, ends: dict[int, tuple[Probe, Twists]]) -> Probe:
    if guidance.pid not in ends:
        probe = Probe(GUIDANCE)
        ends[guidance.pid] = probe, Twists(probe)
        probe.status()  # they know each other now, so that no answer is lost
    return ends[guidance.pid][0]


@pytest.fixture
def twists(probe: Probe, guidance: NodeProcess, ends: dict[int, tuple[Probe, Twists]]) -> Twists:
    twists = ends[guidance.pid][1]
    twists.came.clear()
    return twists


@pytest.fixture
def switch(start: Callable[..., NodeProcess]) -> Iterator[Callable[..., NodeProcess]]:
    """Return a function that starts a dead-man switch of a kind; it ends with the test."""
    switches = []

    def press(**kind: float) -> NodeProcess:
        switches.append(start(RIG, role='switch', **{'pressed': 1.0, **kind}))
        switches[-1].wait_for_output('switch runs')
        return switches[-1]

    yield press
    for process in switches:
        process.stop()


@pytest.fixture
def watchdog(start: Callable[..., NodeProcess]) -> Iterator[NodeProcess]:
    process = start('guidance_watchdog', **{'dvrk.enabled': True, 'dvrk.arm': f'{NAMESPACE}/ECM'})
    yield process
    process.stop()


@contextmanager
def active(probe: Probe, heartbeat: str) -> Iterator[None]:
    """Let guidance be active and enabled, with a heartbeat of a kind."""
    assert probe.set_parameter('dead_man_heartbeat', heartbeat).successful
    assert probe.transition('configure')
    assert probe.transition('activate')
    assert probe.call(SetBool, 'enable', SetBool.Request(data=True)).success
    try:
        yield
    finally:
        assert probe.transition('deactivate')
        assert probe.transition('cleanup')


def wait_for_motion(probe: Probe, twists: Twists, seconds: float = 0.0) -> None:
    """Wait until the camera moves, and has done so for a while."""
    begin = time.monotonic()
    while time.monotonic() - begin < seconds or not twists.moving:
        probe.spin(0.02)
        if not twists.moving:
            assert time.monotonic() - begin < patience(20.0), probe.status()
            seconds += 0.02


def stands(twists: Twists, begin: float) -> float:
    """Return after how many seconds from a fault the camera stood, which has to be in time."""
    moved = twists.moving_after(begin)
    last = max(moved, default=0.0)
    assert last <= STOPPING_TIME * max(1.0, patience(1.0) / 2.0)
    assert len(moved) <= STOPPING_TIME * RATE + 1  # one at each end of that time
    return last


KINDS = {
    'dead_man': {'repeats': 20.0},
    'topic': {'beats': 100.0},
    'liveliness': {'lease': 0.08, 'repeats': 3.0},  # too seldom to be a heartbeat; a busy machine may miss some
}


@often
@pytest.mark.parametrize('number', DEATHS, ids=DEATHS.get)
@pytest.mark.parametrize('heartbeat', KINDS)
def test_a_switch_that_dies_while_it_is_pressed_stops_the_camera_in_time(
    probe: Probe,
    twists: Twists,
    switch: Callable[..., NodeProcess],
    heartbeat: str,
    number: int,
    chance: random.Random,
    recovered: Callable[[float], None],
) -> None:
    with active(probe, heartbeat):
        pedal = switch(**KINDS[heartbeat])
        wait_for_motion(probe, twists, chance.uniform(0.2, 0.4))
        begin = time.time()
        pedal.send(number)
        probe.spin(0.6)
        recovered(stands(twists, begin))
        probe.status_where(lambda _, values: values['reason'] in ('silent_dead_man', 'dead_man'))
        pedal.send(signal.SIGCONT)


@often
@pytest.mark.parametrize('number', DEATHS, ids=DEATHS.get)
def test_perception_that_dies_stops_the_camera_in_time(
    probe: Probe,
    twists: Twists,
    switch: Callable[..., NodeProcess],
    perception: NodeProcess,
    number: int,
    chance: random.Random,
    recovered: Callable[[float], None],
) -> None:
    with active(probe, 'dead_man'):
        switch(repeats=50.0)
        wait_for_motion(probe, twists, chance.uniform(0.0, 0.2))
        begin = time.time()
        perception.send(number)
        probe.spin(0.6)
        recovered(stands(twists, begin))
        _, values = probe.status()
        assert values['reason'] not in ('', 'none')
        perception.send(signal.SIGCONT)


def test_a_switch_on_events_without_a_sign_of_life_is_refused_and_told_what_to_do(
    probe: Probe, twists: Twists, switch: Callable[..., NodeProcess]
) -> None:
    with active(probe, 'dead_man'):
        begin = time.time()
        switch()
        values = probe.status_where(lambda _, values: values['reason'] == 'silent_dead_man')
        assert values['dead-man switch'] == 'pressed'
        status, _ = probe.status()
        assert status.level == status.WARN
        assert 'dead_man_heartbeat' in status.message
        assert twists.moving_after(begin) == []


def test_at_ones_own_risk_it_is_taken(probe: Probe, twists: Twists, switch: Callable[..., NodeProcess]) -> None:
    with active(probe, 'none'):
        switch()
        wait_for_motion(probe, twists)


def test_a_heartbeat_of_another_process_is_none(
    probe: Probe, twists: Twists, switch: Callable[..., NodeProcess], start: Callable[..., NodeProcess]
) -> None:
    with active(probe, 'topic'):
        begin = time.time()
        switch(repeats=50.0)
        start(RIG, role='heartbeat', beats=100.0).wait_for_output('heartbeat runs')
        probe.status_where(lambda _, values: 'comes from another process' in values['last rejection'])
        values = probe.status_where(lambda _, values: values['reason'] == 'silent_dead_man')
        assert values['dead-man switch'] == 'pressed'
        assert twists.moving_after(begin) == []


def test_of_two_switches_that_disagree_the_released_one_wins(
    probe: Probe, twists: Twists, switch: Callable[..., NodeProcess]
) -> None:
    with active(probe, 'dead_man'):
        switch(repeats=50.0)
        wait_for_motion(probe, twists)
        other = switch(repeats=50.0, pressed=0.0)
        probe.status_where(lambda _, values: values['reason'] == 'dead_man')
        probe.spin(STOPPING_TIME)
        begin = time.time()
        probe.spin(1.0)
        assert twists.moving_after(begin) == []
        other.stop()
        wait_for_motion(probe, twists)


@often
@pytest.mark.parametrize('seconds', [0.15, 2.0])
@pytest.mark.parametrize('released', [False, True], ids=['pressed', 'released_meanwhile'])
def test_after_guidance_was_stopped_and_continued_nothing_moves_before_its_inputs_are_new(
    probe: Probe,
    twists: Twists,
    switch: Callable[..., NodeProcess],
    guidance: NodeProcess,
    seconds: float,
    released: bool,
    chance: random.Random,
) -> None:
    with active(probe, 'dead_man'):
        pedal = switch(repeats=50.0)
        wait_for_motion(probe, twists, chance.uniform(0.1, 0.3))
        guidance.send(signal.SIGSTOP)
        time.sleep(0.02)  # until it does nothing any more
        begin = time.time()
        probe.spin(0.08)
        if released:
            pedal.kill()
        probe.spin(seconds - 0.1)
        guidance.send(signal.SIGCONT)
        probe.spin(0.5)
        moved = twists.moving_after(begin)
        assert min(moved, default=np.inf) >= seconds - 0.02 + PARAMETERS['resume_delay']
        assert not released or not moved
        if not released:
            wait_for_motion(probe, twists)
        _, values = probe.status()
        assert int(values['stops: paused']) >= 1  # a busy machine stops it too


def test_the_clock_cannot_be_exchanged_while_it_is_configured(
    probe: Probe, twists: Twists, switch: Callable[..., NodeProcess]
) -> None:
    with active(probe, 'dead_man'):
        switch(repeats=50.0)
        wait_for_motion(probe, twists)
        result = probe.set_parameter('use_sim_time', True)
        assert not result.successful
        assert 'use_sim_time can only change while the node is unconfigured' in result.reason
        assert probe.set_parameter('use_sim_time', False).successful, 'what it has already is no change'
        probe.spin(0.2)
        assert twists.moving


@often
@pytest.mark.parametrize('number', DEATHS, ids=DEATHS.get)
def test_the_watchdog_publishes_rest_where_guidance_breaks_off(
    probe: Probe,
    twists: Twists,
    switch: Callable[..., NodeProcess],
    guidance: NodeProcess,
    watchdog: NodeProcess,
    number: int,
    chance: random.Random,
    recovered: Callable[[float], None],
) -> None:
    other = Probe(f'{NAMESPACE}/guidance_watchdog')
    holds = other.collect(Empty, f'{NAMESPACE}/ECM/hold')
    assert probe.set_parameter('dead_man_heartbeat', 'dead_man').successful
    assert probe.transition('configure') and probe.transition('activate')
    assert probe.call(SetBool, 'enable', SetBool.Request(data=True)).success
    switch(repeats=50.0)
    wait_for_motion(probe, twists)
    other.status_where(lambda _, values: int(values['commands heard']) > 0)
    status, values = other.status()
    before = int(values['motions that broke off'])  # as where the machine has stopped guidance, or this, for a moment
    assert (status.level == status.OK and holds == []) if not before else patience(1.0) > 1.0
    holds.clear()
    wait_for_motion(probe, twists, chance.uniform(0.1, 0.3))
    guidance.send(number)
    begin = time.time()
    probe.spin_until(lambda: not twists.moving, what='rest')
    rest, _, _ = twists.came[-1]
    assert rest - begin <= STOPPING_TIME * max(1.0, patience(1.0) / 2.0)
    recovered(rest - begin)
    probe.spin(0.5)
    assert not twists.moving
    other.spin_until(lambda: holds, what='hold')
    values = other.status_where(lambda status, _: status.level == status.ERROR and 'broken off' in status.message)
    assert values['motions that broke off'] == str(before + 1)
    guidance.send(signal.SIGCONT)
    if number == signal.SIGSTOP:
        assert probe.transition('deactivate') and probe.transition('cleanup')
    other.close()
    assert watchdog.stop()[0] == 0
