"""The node under a stream: too fast a source, one that dies and comes back, and one of another quality of service."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from rclpy.publisher import Publisher
from sensor_msgs.msg import Image
from std_msgs.msg import Header
from support.ros_probe import Probe, patience, stamp
from support.ros_processes import NodeProcess
from support.small_network import save_small_checkpoint, tissue

from mt3dnet_ros.ros.messages.headers import stamp_to_ns
from mt3dnet_ros.ros.messages.images import fill_image
from mt3dnet_ros.ros.qos import BEST_EFFORT_INPUT, OUTPUT

PICTURE = tissue(240, 320)


@pytest.fixture(scope='module')
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NodeProcess]:
    folder = tmp_path_factory.mktemp('stream')
    checkpoint: Path = save_small_checkpoint(folder / 'slow.safetensors', input_size=(320, 416))
    parameters = {'checkpoint': str(checkpoint), 'device': 'cpu', 'threads': 1, 'no_image_warning': 1.0}
    process = NodeProcess('perception', parameters, {'image': '/cam/image_raw'}, log=folder / 'perception.log')
    process.wait_for_output('active on cpu', timeout=180.0)
    yield process
    process.stop()


@pytest.fixture
def probe(process: NodeProcess) -> Iterator[Probe]:
    probe = Probe('/perception')
    yield probe
    probe.close()


class Labels:
    """The label images that arrive, each with its latency in seconds."""

    def __init__(self, probe: Probe) -> None:
        self._clock = probe.node.get_clock()
        self.stamps: list[int] = []
        self.latencies: list[float] = []
        probe.node.create_subscription(Image, '/perception/segmentation/labels', self._take, 10)

    def _take(self, message: Image) -> None:
        self.stamps.append(stamp_to_ns(message.header.stamp))
        self.latencies.append(1e-9 * (self._clock.now().nanoseconds - self.stamps[-1]))


def stream(probe: Probe, publisher: Publisher, rate: float, seconds: float) -> None:
    """Publish at a rate."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        message = fill_image(PICTURE, 'rgb8', Header())
        stamp(message, probe)
        publisher.publish(message)
        probe.spin(1.0 / rate)


def test_a_source_five_times_too_fast_is_answered_with_its_newest_frames(probe: Probe) -> None:
    labels = Labels(probe)
    publisher = probe.publisher(Image, '/cam/image_raw', OUTPUT)
    while 'total [ms]' not in (before := probe.status()[1]):  # see how fast the node can be
        stream(probe, publisher, 10.0, 2.0)
    period = 1e-3 * float(before['total [ms]'])
    labels.latencies.clear()
    stream(probe, publisher, 5.0 / period, 6.0)
    values = probe.status_where(lambda _, values: int(values['frames dropped']) > int(before['frames dropped']))
    received, processed, dropped = (
        int(values[f'frames {name}']) - int(before[f'frames {name}']) for name in ('received', 'processed', 'dropped')
    )
    assert processed < 0.6 * received
    assert abs(received - processed - dropped) <= 2  # one in work, one waiting
    assert len(labels.latencies) > 0.8 * processed
    assert np.percentile(labels.latencies, 99) < 3.0 * 6.0 / processed  # of the periods it really had
    assert labels.stamps == sorted(labels.stamps)


def test_a_source_that_dies_is_missed_and_may_come_back(probe: Probe, process: NodeProcess) -> None:
    labels = Labels(probe)
    for _ in range(2):
        publisher = probe.publisher(Image, '/cam/image_raw', OUTPUT)
        seen = len(labels.stamps)
        while len(labels.stamps) == seen:
            stream(probe, publisher, 10.0, 0.5)
        probe.node.destroy_publisher(publisher)
        probe.status_where(
            lambda status, _: (
                status.level == status.WARN
                and 'no image for' in status.message
                and '/cam/image_raw (reliable wanted; no publishers)' in status.message
            )
        )
    assert 'no image for' in process.output()


def test_a_best_effort_source_is_followed(probe: Probe, process: NodeProcess) -> None:
    labels = Labels(probe)
    publisher = probe.node.create_publisher(Image, '/cam/image_raw', BEST_EFFORT_INPUT)
    process.wait_for_output('/cam/image_raw is now subscribed best_effort: 1 publisher: ')
    while not labels.stamps:
        stream(probe, publisher, 10.0, 0.5)
    probe.node.destroy_publisher(publisher)
    process.wait_for_output('/cam/image_raw is now subscribed reliable')


def test_the_stream_ends_within_two_seconds_of_an_interrupt_though_a_second_one_follows(
    probe: Probe, process: NodeProcess
) -> None:
    publisher = probe.publisher(Image, '/cam/image_raw', OUTPUT)
    Labels(probe)
    stream(probe, publisher, 20.0, 1.0)
    start = time.monotonic()
    os.killpg(process.pid, signal.SIGINT)
    time.sleep(0.05)  # while a frame is in work
    status, output = process.stop()
    assert time.monotonic() - start < patience(2.0)
    assert status == 0
    assert 'Traceback' not in output
