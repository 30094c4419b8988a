"""Faults around the running node: it works again by itself, counts what it loses, and leaves nothing behind.

`make faults TIMES=20` has each kind happen twenty times and tells how soon all was well again.
"""

from __future__ import annotations

import random
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip('rclpy', reason='needs ROS 2; `source .venv/ros.sh`')
pytest.importorskip('torch', reason='needs PyTorch')

from rosgraph_msgs.msg import Clock
from std_msgs.msg import Header
from support.faults import often
from support.live_perception import LABELS, PATIENCE, LivePerception
from support.paths import ROOT
from support.ros_probe import Probe, stamp
from support.ros_shared_memory import own_files
from support.small_network import save_small_checkpoint

from mt3dnet_ros.ros.messages.images import fill_image
from mt3dnet_ros.ros.process.shared_memory import LEAST_AGE
from speed.process_use import use_of

pytestmark = pytest.mark.timeout(300)
GROWTH = 60_000_000  # bytes that the node may have grown by after a fault
TO_ACTIVE = {'active': (), 'inactive': ('activate',), 'unconfigured': ('configure', 'activate')}
Recovered = Callable[[float], None]


@pytest.fixture(scope='module')
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LivePerception]:
    folder = tmp_path_factory.mktemp('faults')
    live = LivePerception(save_small_checkpoint(folder / 'small.safetensors'), folder)
    live.recover()
    yield live
    status, output = live.close()
    assert (status, 'Traceback' in output) == (0, False), output[-4000:]


@often
def test_killed(live: LivePerception, chance: random.Random, recovered: Recovered) -> None:
    live.probe.spin(chance.uniform(0.0, 1.0))
    left = own_files(live.process.pid)
    live.process.kill()
    time.sleep(LEAST_AGE)
    live.process = live.start()
    assert {path for path in left - own_files(live.process.pid) if path.exists()} == set()
    recovered(live.recover())


@often
def test_stopped_and_continued(live: LivePerception, chance: random.Random, recovered: Recovered) -> None:
    live.probe.spin(chance.uniform(0.0, 0.3))
    live.process.send(signal.SIGSTOP)
    live.probe.spin(chance.uniform(0.1, 2.0))
    live.process.send(signal.SIGCONT)
    recovered(live.recover())
    live.lose_nothing_uncounted()


@often
def test_clock_that_jumps(live: LivePerception, chance: random.Random, recovered: Recovered) -> None:
    clock = live.probe.node.create_publisher(Clock, '/clock', 1)
    assert live.probe.set_parameter('use_sim_time', True).successful
    try:
        for _ in range(20):
            tick = Clock()
            tick.clock.sec = chance.choice((0, 1, 1_000, 2_000_000_000, chance.randrange(2**31)))
            tick.clock.nanosec = chance.randrange(1_000_000_000)
            clock.publish(tick)
            live.probe.spin(0.03)
        recovered(live.recover())
    finally:
        assert live.probe.set_parameter('use_sim_time', False).successful
        live.probe.node.destroy_publisher(clock)
    live.lose_nothing_uncounted()


@often
def test_another_size_at_every_image(live: LivePerception, chance: random.Random, recovered: Recovered) -> None:
    before, sizes = live.size, set()
    live.feeding = False
    live.probe.spin(0.2)
    live.labels.clear()
    for _ in range(30):
        live.size = chance.choice((1, 2, 16, 97, 320, 640)), chance.choice((1, 3, 16, 96, 240, 480))
        sizes.add(live.size)
        live.send()
        live.probe.spin(0.03)
    live.size, live.feeding = before, True
    recovered(live.recover())
    assert {size for _, size in live.labels} <= {*sizes, before}
    live.lose_nothing_uncounted()


@often
def test_lifecycle_and_parameters_hammered(live: LivePerception, chance: random.Random, recovered: Recovered) -> None:
    ended, errors = threading.Event(), list[BaseException]()

    def hammer(chance: random.Random) -> None:
        client = Probe('/perception')
        try:
            while not ended.is_set():
                chance.choice(
                    (
                        lambda: client.transition(chance.choice(('activate', 'deactivate', 'configure'))),
                        lambda: client.set_parameter('score_threshold', chance.choice((0.3, 7.0, -1.0, 0.5))),
                        lambda: client.set_parameter('outputs', chance.choice((['overlay'], [''], ['nonsense']))),
                        lambda: client.set_parameter('checkpoint', 'elsewhere.safetensors'),
                    )
                )()
        except BaseException as error:
            if 'did not answer' not in str(error):  # the middleware may lose a reply to a client that has just begun
                errors.append(error)
        finally:
            client.close()

    threads = [threading.Thread(target=hammer, args=(random.Random(chance.random()),)) for _ in range(3)]
    for thread in threads:
        thread.start()
    live.probe.spin(2.0)
    ended.set()
    for thread in threads:
        thread.join(60.0)
    assert errors == [] and live.process.running, live.process.output()[-2000:]
    assert live.probe.set_parameter('outputs', ['segmentation/labels']).successful
    for label in TO_ACTIVE[live.probe.state()]:
        assert live.probe.transition(label), live.process.output()[-2000:]
    recovered(live.recover())
    live.lose_nothing_uncounted()


@often
def test_two_nodes_of_one_name(live: LivePerception, chance: random.Random, recovered: Recovered) -> None:
    other = live.start()
    live.recover()
    live.probe.spin(chance.uniform(0.0, 0.5))
    other.kill() if chance.random() < 0.5 else other.stop()
    assert live.process.running
    recovered(live.recover())


@contextmanager
def deaf_subscriber() -> Iterator[subprocess.Popen[str]]:
    """Subscribe to every output in a process that never reads."""
    command = [sys.executable, str(ROOT / 'test/support/deaf_subscriber.py')]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None and 'deaf to' in process.stdout.readline()
        yield process
    finally:
        process.kill()
        process.wait()


def share_of_images(live: LivePerception, seconds: float) -> float:
    """Return for how many of the images that were sent there were labels."""
    live.recover()
    sent = live.sent
    live.labels.clear()
    live.probe.spin(seconds)
    return len(live.labels) / max(1, live.sent - sent)


@often
@pytest.mark.parametrize('stopped', [False, True], ids=['deaf', 'dead'])
def test_subscribers_that_never_read(
    live: LivePerception, chance: random.Random, recovered: Recovered, stopped: bool
) -> None:
    live.probe.spin(chance.uniform(0.0, 0.3))
    with deaf_subscriber() as deaf:
        live.probe.spin_until(lambda: live.probe.node.count_subscribers(LABELS) > 1, PATIENCE, 'the deaf one')
        if stopped:
            deaf.send_signal(signal.SIGSTOP)
        assert share_of_images(live, 2.0) > 0.3
    recovered(live.recover())
    live.lose_nothing_uncounted()


@often
def test_memory_that_runs_out(
    live: LivePerception, chance: random.Random, recovered: Recovered, record_property: Callable[[str, object], None]
) -> None:
    side = chance.choice((3_000, 4_000))
    huge = fill_image(np.zeros((side, side, 3), np.uint8), 'rgb8', Header())
    limits = resource.prlimit(live.process.pid, resource.RLIMIT_AS)
    taken = resource.getpagesize() * int(Path(f'/proc/{live.process.pid}/statm').read_text().split()[0])
    resource.prlimit(live.process.pid, resource.RLIMIT_AS, (taken + chance.choice((10, 40)) * 1_000_000, limits[1]))
    try:
        for _ in range(5):
            stamp(huge, live.probe)
            live.publisher.publish(huge)
            live.probe.spin(0.2)
    finally:
        with suppress(ProcessLookupError):
            resource.prlimit(live.process.pid, resource.RLIMIT_AS, limits)
    if not goes_on(live):  # native code of others does not always bear it: then the next start has to work
        record_property('ended', 1)
        live.process.kill()
        time.sleep(LEAST_AGE)
        live.process = live.start()
    recovered(live.recover())
    live.lose_nothing_uncounted()


def goes_on(live: LivePerception) -> bool:
    """Return whether the node works again; one that lives and does not has to say so in diagnostics."""
    if not live.process.running:
        return False
    try:
        live.recover()
    except AssertionError:
        status, _ = live.probe.status()
        assert status.level != status.OK
        return False
    return True


def test_after_all_of_it_the_node_is_as_large_as_before(live: LivePerception) -> None:
    live.recover()
    before = use_of(live.process.pid)
    live.process.send(signal.SIGSTOP, signal.SIGCONT)
    live.recover()
    after = use_of(live.process.pid)
    assert after.memory < before.memory + GROWTH and after.threads <= before.threads + 1
