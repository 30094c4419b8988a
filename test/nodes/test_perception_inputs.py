"""What the running node is given, and what it says of it: each way in which nothing useful comes out, over real DDS."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from rcl_interfaces.msg import Parameter
from rcl_interfaces.srv import GetParameters, SetParameters
from rclpy.publisher import Publisher
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import CameraInfo, CompressedImage, Image
from std_msgs.msg import Header
from support.ros_probe import Probe, stamp
from support.ros_processes import NodeProcess
from support.small_network import save_small_checkpoint, tissue

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.perception.checkpoint import load_checkpoint, save_checkpoint
from mt3dnet_ros.ros.messages.camera_info import info_from_camera
from mt3dnet_ros.ros.messages.images import fill_image
from mt3dnet_ros.ros.parameters.perception import PerceptionParameters
from mt3dnet_ros.ros.parameters.table import parameter_table
from mt3dnet_ros.ros.qos import LATCHED, OUTPUT

HEIGHT, WIDTH = 96, 128
CAMERA = Camera(WIDTH, HEIGHT, 140.0, 140.0, 62.0, 50.0, 'plumb_bob', (-0.2, 0.05, 0.001, -0.001, 0.0))
IMAGE, CAMERA_INFO, LABELS = '/cam/image_raw', '/cam/camera_info', '/perception/segmentation/labels'


@pytest.fixture(scope='module')
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_small_checkpoint(tmp_path_factory.mktemp('network') / 'small.safetensors', saliency=True)


@pytest.fixture(scope='module')
def probe() -> Iterator[Probe]:
    probe = Probe('/perception')
    yield probe
    probe.close()


@pytest.fixture(scope='module')
def latched(probe: Probe) -> Publisher:
    """Publish CameraInfo once, latched, before there is a node."""
    publisher = probe.node.create_publisher(CameraInfo, CAMERA_INFO, LATCHED)
    publisher.publish(info_from_camera(CAMERA, Header()))
    return publisher


@pytest.fixture(scope='module')
def process(checkpoint: Path, latched: Publisher, tmp_path_factory: pytest.TempPathFactory) -> Iterator[NodeProcess]:
    parameters = {'checkpoint': str(checkpoint), 'device': 'cpu', 'threads': 1, 'no_image_warning': 1.0}
    remaps = {'image': IMAGE, 'camera_info': CAMERA_INFO}
    process = NodeProcess('perception', parameters, remaps, log=tmp_path_factory.mktemp('log') / 'perception.log')
    process.wait_for_output('active on cpu', timeout=180.0)
    yield process
    assert 'Traceback' not in process.stop()[1]


@pytest.fixture
def node(process: NodeProcess, probe: Probe) -> Probe:
    """Return the probe of the active node."""
    return probe


class Feed:
    """Images at 10 Hz, for as long as the probe spins.

    :param make: makes the message of a number
    """

    def __init__(self, probe: Probe, make: Callable[[int], Any], topic: str = IMAGE) -> None:
        self._probe = probe
        self._make = make
        self._number = 0
        self._publisher = probe.node.create_publisher(type(make(0)), topic, OUTPUT)
        self._timer = probe.node.create_timer(0.1, self._publish)

    def _publish(self) -> None:
        message = self._make(self._number)
        if not message.header.stamp.sec:
            stamp(message, self._probe)
        self._number += 1
        self._publisher.publish(message)

    def close(self) -> None:
        """End."""
        self._probe.node.destroy_timer(self._timer)
        self._probe.node.destroy_publisher(self._publisher)


@contextmanager
def feeding(probe: Probe, make: Callable[[int], Any], topic: str = IMAGE) -> Iterator[None]:
    feed = Feed(probe, make, topic)
    try:
        yield
    finally:
        feed.close()


@contextmanager
def subscribing(probe: Probe, topic: str = LABELS) -> Iterator[list[Image]]:
    messages: list[Image] = []
    subscription = probe.node.create_subscription(Image, topic, messages.append, 1)
    try:
        yield messages
    finally:
        probe.node.destroy_subscription(subscription)


def alive(number: int, encoding: str = 'rgb8') -> Image:
    """Return an image that differs from all others; of the random network, instruments fill a part of it."""
    return fill_image(tissue(HEIGHT, WIDTH, number), encoding, Header())


def of_encoding(encoding: str) -> Callable[[int], Image]:
    def make(number: int) -> Image:
        message = alive(number)
        message.encoding = encoding
        return message

    return make


def plain(number: int) -> Image:
    noise = np.random.default_rng(number).integers(0, 12, (HEIGHT, WIDTH, 3), np.uint8)
    return fill_image(noise, 'rgb8', Header())


def frozen(_: int) -> Image:
    return alive(1)


def stamped_alike(number: int) -> Image:
    message = alive(number)
    message.header.stamp.sec = 100
    return message


def test_a_camera_info_that_was_latched_before_the_node_began_is_received(node: Probe) -> None:
    node.status_where(lambda _, values: values['calibration'] == 'usable')


def test_another_latched_camera_info_is_received_and_so_is_one_that_is_not_latched(
    node: Probe, latched: Publisher
) -> None:
    once = node.node.create_publisher(CameraInfo, CAMERA_INFO, LATCHED)
    uncalibrated = CameraInfo(width=WIDTH, height=HEIGHT)
    once.publish(uncalibrated)
    node.status_where(lambda _, values: 'not calibrated' in values['calibration'])
    node.node.destroy_publisher(once)
    for camera_info, calibration in ((info_from_camera(CAMERA, Header()), 'usable'), (uncalibrated, 'not calibrated')):
        with feeding(node, lambda _, info=camera_info: info, CAMERA_INFO):
            node.status_where(lambda _, values, words=calibration: words in values['calibration'])
    latched.publish(info_from_camera(CAMERA, Header()))
    node.status_where(lambda _, values: values['calibration'] == 'usable')


def test_a_node_without_subscribers_says_so(node: Probe) -> None:
    with feeding(node, alive):
        node.status_where(
            lambda status, _: (
                status.level == status.WARN
                and 'nobody subscribes to an output' in status.message
                and 'such as /perception/overlay' in status.message
            )
        )


def test_refused_images_are_an_error_with_the_reason_until_others_come(node: Probe, process: NodeProcess) -> None:
    with subscribing(node) as labels:
        with feeding(node, of_encoding('8UC2')):
            node.status_where(
                lambda status, values: (
                    status.level == status.ERROR
                    and 'not one of the last images could be used' in status.message
                    and "image encoding '8UC2' does not say what its samples mean" in status.message
                    and 'CameraInfo' not in status.message
                    and values['calibration'] == 'usable'
                )
            )
        assert labels == []
        with feeding(node, alive):
            node.status_where(
                lambda status, _: (
                    status.level == status.WARN and 'images could not be used; the last:' in status.message
                )
            )
            node.status_where(lambda status, _: status.level == status.OK)
    assert labels
    assert process.output().count("image encoding '8UC2'") < 4


def test_an_encoding_that_names_no_colours_is_taken_and_said_once(node: Probe, process: NodeProcess) -> None:
    with subscribing(node) as labels, feeding(node, of_encoding('8UC3')):
        warned = "image encoding '8UC3' does not name its colours and is taken for bgr8"
        node.status_where(
            lambda status, values: (
                status.level == status.WARN and warned in status.message and values['image encoding'] == '8UC3'
            )
        )
        node.spin_until(lambda: labels, what='labels')
        node.spin(2.5)
    assert process.output().count(warned) == 1


def test_the_bits_of_wide_samples_are_shown(node: Probe) -> None:
    def twelve_bits(number: int) -> Image:
        return fill_image(tissue(HEIGHT, WIDTH, number)[..., 0].astype(np.uint16) << 4, 'mono16', Header())

    with subscribing(node), feeding(node, twelve_bits):
        node.status_where(lambda _, values: values['image encoding'] == 'mono16 of 12 bits')


@pytest.mark.parametrize(
    ('make', 'words'),
    [
        (plain, 'the picture has been black for'),
        (frozen, 'the picture has not changed for'),
        (stamped_alike, 'the stamp of the images has stood for'),
    ],
)
def test_pictures_that_are_of_no_use_are_a_warning(node: Probe, make: Callable[[int], Image], words: str) -> None:
    with subscribing(node), feeding(node, make):
        node.status_where(lambda status, _: status.level == status.WARN and words in status.message)


def late(number: int) -> Image:
    message = alive(number)
    message.header.stamp.sec = int(time.time()) - 5
    return message


def test_results_that_come_late_are_a_warning(node: Probe) -> None:
    with subscribing(node), feeding(node, late):
        node.status_where(lambda status, _: status.level == status.WARN and 's after their images' in status.message)


def test_a_clock_that_never_starts_and_one_that_stops_are_a_warning(node: Probe) -> None:
    assert node.set_parameter('use_sim_time', True).successful
    clock = node.node.create_publisher(Clock, '/clock', 1)
    try:
        node.status_where(lambda status, _: 'use_sim_time is set, but nothing has come on /clock' in status.message)
        tick = Clock()
        tick.clock.sec = 12
        clock.publish(tick)
        node.status_where(
            lambda status, _: status.level == status.WARN and '/clock has stood at 12.000 s for' in status.message
        )
    finally:
        assert node.set_parameter('use_sim_time', False).successful
        node.node.destroy_publisher(clock)


def test_an_output_that_is_not_enabled_is_named(node: Probe) -> None:
    assert node.set_parameter('outputs', ['overlay']).successful
    try:
        with subscribing(node), feeding(node, alive):
            node.status_where(lambda status, _: f'no data for {LABELS}: the parameter outputs' in status.message)
    finally:
        assert node.set_parameter('outputs', ['overlay', 'segmentation/labels', 'saliency', 'depth/image']).successful


def test_a_zoom_keeps_the_memory_and_is_named(node: Probe, latched: Publisher) -> None:
    restarts = ''

    def zoomed(number: int) -> Image:
        focal = 140.0 + 0.01 * number
        latched.publish(info_from_camera(replace(CAMERA, fx=focal, fy=focal), Header()))
        return alive(number)

    with subscribing(node, '/perception/saliency') as saliency, feeding(node, zoomed):
        node.spin_until(lambda: len(saliency) > 3, what='saliency')
        restarts = node.status()[1]['memory restarts']
        values = node.status_where(
            lambda status, _: (
                status.level == status.WARN
                and f'the camera on {CAMERA_INFO} changed' in status.message
                and 'a zoom, or two publishers' in status.message
            )
        )
        node.spin_until(lambda: len(saliency) > 30, what='saliency')
        values = node.status()[1]
    assert values['memory restarts'] == restarts


def test_every_parameter_can_be_loaded_with_the_value_that_it_has(node: Probe) -> None:
    names = [row.name for row in parameter_table(PerceptionParameters)]
    values = node.call(GetParameters, 'get_parameters', GetParameters.Request(names=names)).values
    request = SetParameters.Request()
    request.parameters = [Parameter(name=name, value=value) for name, value in zip(names, values, strict=True)]
    results = node.call(SetParameters, 'set_parameters', request).results
    assert {result.reason for result in results if not result.successful} == set()
    assert node.state() == 'active'


def test_a_topic_of_another_type_is_an_error_with_the_remedy(node: Probe) -> None:
    driver = Probe('/perception')  # a participant of its own, which has one type on a topic
    try:
        wrong = driver.node.create_publisher(CompressedImage, IMAGE, 1)
        node.status_where(
            lambda status, _: (
                status.level == status.ERROR
                and f'{IMAGE} is published as sensor_msgs/msg/CompressedImage, not sensor_msgs/msg/Image; set '
                f'image_transport to compressed and remap image/compressed to {IMAGE}'
                in status.message
            )
        )
        driver.node.destroy_publisher(wrong)
        driver.node.create_publisher(CompressedImage, f'{IMAGE}/compressed', 1)
        node.status_where(
            lambda status, _: (
                f'no publishers, but {IMAGE}/compressed is published: set image_transport' in status.message
            )
        )
    finally:
        driver.close()


def test_a_camera_info_of_another_type_is_an_error(node: Probe, latched: Publisher) -> None:
    driver = Probe('/perception')
    try:
        driver.node.create_publisher(Image, CAMERA_INFO, 1)
        node.status_where(
            lambda status, _: (
                status.level == status.WARN
                and f'{CAMERA_INFO} is published as sensor_msgs/msg/Image, not sensor_msgs/msg/CameraInfo; remap '
                'camera_info'
                in status.message
            )
        )
    finally:
        driver.close()


def test_instruments_that_fill_the_picture_are_a_warning(
    checkpoint: Path, tmp_path: Path, start_node: Callable[..., NodeProcess]
) -> None:
    model = load_checkpoint(checkpoint)
    with torch.no_grad():
        model.types.bias[1] += 1000.0  # sees forceps everywhere
    save_checkpoint(tmp_path / 'forceps.safetensors', model, model.config)
    parameters = {'checkpoint': str(tmp_path / 'forceps.safetensors'), 'device': 'cpu', 'threads': 1}
    process = start_node('perception', parameters, {'image': IMAGE, '__node': 'other'})
    process.wait_for_output('active on cpu', timeout=180.0)
    probe = Probe('/other')
    try:
        with subscribing(probe, '/other/segmentation/labels'), feeding(probe, alive):
            probe.status_where(
                lambda status, _: (
                    status.level == status.WARN and 'it looks like nothing the network knows' in status.message
                )
            )
    finally:
        probe.close()


def test_a_remapped_compressed_topic_is_the_one_that_messages_name(
    checkpoint: Path, start_node: Callable[..., NodeProcess]
) -> None:
    parameters = {'checkpoint': str(checkpoint), 'device': 'cpu', 'threads': 1, 'image_transport': 'compressed'}
    process = start_node('perception', parameters, {'image/compressed': '/cam/jpeg', '__node': 'other'})
    process.wait_for_output('active on cpu, waiting for images on /cam/jpeg (', timeout=180.0)
    probe = Probe('/other')
    try:
        probe.status_where(lambda status, _: 'no image for 3 s on /cam/jpeg (' in status.message)
        driver = Probe('/other')
        driver.node.create_publisher(Image, '/cam/jpeg', 1)
        probe.status_where(
            lambda status, _: (
                status.level == status.ERROR
                and '/cam/jpeg is published as sensor_msgs/msg/Image, not sensor_msgs/msg/CompressedImage; set '
                'image_transport to raw and remap image to /cam/jpeg'
                in status.message
            )
        )
        driver.close()

        def jpeg(number: int) -> CompressedImage:
            data = cv2.imencode('.jpg', tissue(HEIGHT, WIDTH, number))[1].tobytes()
            return CompressedImage(format='rgb8; jpeg compressed bgr8', data=data)

        with subscribing(probe, '/other/segmentation/labels') as labels, feeding(probe, jpeg, '/cam/jpeg'):
            probe.spin_until(lambda: labels, what='labels')
    finally:
        probe.close()
