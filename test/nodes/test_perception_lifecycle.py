"""States of the node: what keeps it unconfigured, up and down again, and its start and end as a process."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import pytest
import torch
from sensor_msgs.msg import CompressedImage, Image
from support.ros_probe import Probe, patience, stamp
from support.ros_processes import NodeProcess
from support.ros_shared_memory import mapped_segments
from support.small_network import save_small_checkpoint, tissue

from mt3dnet_ros.ros.messages.images import fill_image
from mt3dnet_ros.ros.qos import BEST_EFFORT_INPUT

LABELS = '/perception/segmentation/labels'


@pytest.fixture(scope='module')
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_small_checkpoint(tmp_path_factory.mktemp('network') / 'small.safetensors')


@pytest.fixture(scope='module')
def process(checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[NodeProcess]:
    parameters = {'checkpoint': str(checkpoint), 'device': 'cpu', 'threads': 1, 'autostart': False}
    process = NodeProcess('perception', parameters, log=tmp_path_factory.mktemp('log') / 'perception.log')
    yield process
    process.stop()


@pytest.fixture(scope='module')
def probe(process: NodeProcess) -> Iterator[Probe]:
    probe = Probe('/perception')
    yield probe
    probe.close()


@pytest.fixture
def unconfigured(probe: Probe) -> Probe:
    """Return the probe of the node once that is unconfigured."""
    for way in {'active': ('deactivate', 'cleanup'), 'inactive': ('cleanup',)}.get(probe.state(), ()):
        assert probe.transition(way)
    return probe


def image(probe: Probe) -> Image:
    message = fill_image(tissue(96, 128), 'rgb8', Image().header)
    stamp(message, probe)
    return message


def expect_labels(probe: Probe, send: Callable[[], Any]) -> None:
    """Send images until labels come back."""
    received = probe.collect(Image, LABELS, 1)
    for _ in range(40):
        send()
        probe.spin(0.1)
        if received:
            return
    raise AssertionError(f'no labels; {probe.status()}')


def truncated(checkpoint: Path, folder: Path) -> Path:
    path = folder / 'truncated.safetensors'
    path.write_bytes(checkpoint.read_bytes()[:100_000])
    return path


@pytest.mark.parametrize(
    ('name', 'make_value', 'reason'),
    [
        ('checkpoint', lambda *_: '/nowhere/net.safetensors', "checkpoint '/nowhere/net.safetensors' does not exist"),
        ('checkpoint', truncated, 'truncated.safetensors'),
        ('device', lambda *_: 'tpu', "device 'tpu'"),
        pytest.param(
            'device',
            lambda *_: 'cuda',
            "device 'cuda' is not there",
            marks=pytest.mark.skipif(torch.cuda.is_available(), reason='this machine has a CUDA device'),
        ),
    ],
)
def test_a_node_that_cannot_load_stays_unconfigured_and_says_why(
    unconfigured: Probe, process: NodeProcess, checkpoint: Path, tmp_path: Path, name: str, make_value: Any, reason: str
) -> None:
    good = {'checkpoint': str(checkpoint), 'device': 'cpu'}[name]
    try:
        assert unconfigured.set_parameter(name, str(make_value(checkpoint, tmp_path))).successful
        assert not unconfigured.transition('configure')
        assert unconfigured.state() == 'unconfigured'
        status, _ = unconfigured.status()
        assert status.level == status.ERROR
        assert status.message.startswith('not configured: ')
        assert reason in status.message
        assert reason in process.output()
    finally:
        assert unconfigured.set_parameter(name, good).successful


def test_the_node_goes_up_and_down_five_times(unconfigured: Probe) -> None:
    publisher = unconfigured.node.create_publisher(Image, 'image', 1)
    for _ in range(5):
        assert unconfigured.transition('configure')
        assert unconfigured.state() == 'inactive'
        assert unconfigured.transition('activate')
        expect_labels(unconfigured, lambda: publisher.publish(image(unconfigured)))
        assert unconfigured.transition('deactivate')
        assert unconfigured.transition('cleanup')
        assert unconfigured.state() == 'unconfigured'
        assert unconfigured.node.count_publishers(LABELS) == 0
    unconfigured.node.destroy_publisher(publisher)


def test_an_inactive_node_neither_listens_nor_publishes(unconfigured: Probe, checkpoint: Path) -> None:
    received = unconfigured.collect(Image, LABELS, 1)
    assert unconfigured.transition('configure')
    publisher = unconfigured.node.create_publisher(Image, 'image', 1)
    publisher.publish(image(unconfigured))
    unconfigured.spin(0.5)
    assert publisher.get_subscription_count() == 0
    assert received == []
    status, values = unconfigured.status()
    assert (status.message, values['device'], values['checkpoint']) == ('inactive', 'cpu', str(checkpoint))
    assert values['outputs subscribed'] == 'segmentation/labels'
    unconfigured.node.destroy_publisher(publisher)


def test_compressed_images_arrive_on_the_sibling_topic(unconfigured: Probe) -> None:
    assert unconfigured.set_parameter('image_transport', 'compressed').successful
    try:
        assert unconfigured.transition('configure')
        assert unconfigured.transition('activate')
        publisher = unconfigured.publisher(CompressedImage, 'image/compressed')

        def send() -> None:
            message = CompressedImage(format='rgb8; jpeg compressed bgr8', header=image(unconfigured).header)
            message.data = cv2.imencode('.jpg', tissue(96, 128))[1].tobytes()
            publisher.publish(message)

        expect_labels(unconfigured, send)
        unconfigured.node.destroy_publisher(publisher)
    finally:
        assert unconfigured.transition('deactivate')
        assert unconfigured.transition('cleanup')
        assert unconfigured.set_parameter('image_transport', 'raw').successful


def test_an_incompatible_publisher_is_named_with_the_remedy(unconfigured: Probe, process: NodeProcess) -> None:
    assert unconfigured.set_parameter('image_qos', 'reliable').successful
    try:
        assert unconfigured.transition('configure')
        assert unconfigured.transition('activate')
        publisher = unconfigured.node.create_publisher(Image, 'image', BEST_EFFORT_INPUT)
        process.wait_for_output("set image_qos to 'auto' or 'best_effort'")
        assert '/probe (sensor_msgs/msg/Image, best_effort' in process.output()
        unconfigured.node.destroy_publisher(publisher)
    finally:
        assert unconfigured.transition('deactivate')
        assert unconfigured.transition('cleanup')
        assert unconfigured.set_parameter('image_qos', 'auto').successful


def test_latency_is_told_by_the_simulated_clock(unconfigured: Probe) -> None:
    from rosgraph_msgs.msg import Clock

    assert unconfigured.set_parameter('use_sim_time', True).successful
    clock = unconfigured.node.create_publisher(Clock, '/clock', 1)
    try:
        assert unconfigured.transition('configure')
        assert unconfigured.transition('activate')
        publisher = unconfigured.publisher(Image, 'image')
        message = image(unconfigured)
        message.header.stamp.sec, message.header.stamp.nanosec = 100, 0
        tick = Clock()
        tick.clock.sec, tick.clock.nanosec = 100, 250_000_000

        def send() -> None:
            clock.publish(tick)
            unconfigured.spin(0.05)
            publisher.publish(message)

        expect_labels(unconfigured, send)
        for _ in range(60):  # outlast the frames that came before the first tick
            send()
        values = unconfigured.status_where(lambda _, values: values['latency median [ms]'] == '250.0')
        assert values['latency 99th percentile [ms]'] == '250.0'
        unconfigured.node.destroy_publisher(publisher)
    finally:
        assert unconfigured.set_parameter('use_sim_time', False).successful
        unconfigured.node.destroy_publisher(clock)


def test_the_process_ends_within_two_seconds_of_an_interrupt_and_leaves_no_shared_memory(
    unconfigured: Probe, process: NodeProcess
) -> None:
    assert unconfigured.transition('configure')
    assert unconfigured.transition('activate')
    own = mapped_segments(process.pid) - mapped_segments('self')
    start = time.monotonic()
    status, output = process.stop()
    assert time.monotonic() - start < patience(2.0)
    assert status == 0
    assert 'Traceback' not in output
    assert own
    assert [path for path in own if path.exists()] == []


def test_a_wrong_parameter_at_the_start_ends_the_process_with_one_message(
    start_node: Callable[..., NodeProcess],
) -> None:
    process = start_node('perception', {'stride': 0, 'autostart': False})
    process.wait_for_output('stride')
    deadline = time.monotonic() + 10.0
    while process.running and time.monotonic() < deadline:
        time.sleep(0.05)
    status, output = process.stop()
    assert status == 1
    assert 'out of range' in output
    assert 'Traceback' not in output
