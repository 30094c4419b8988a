"""The camera of the benchmark sends what it says."""

from __future__ import annotations

import time

import pytest
import rclpy
from rclpy.executors import SingleThreadedExecutor
from sensor_msgs.msg import Image
from std_msgs.msg import Header

from mt3dnet_ros.ros.messages.headers import stamp_to_ns
from mt3dnet_ros.ros.messages.images import ImageDecoder, ImageError, fill_image
from mt3dnet_ros.ros.qos import OUTPUT
from speed.camera import SPOILED_KINDS, CameraProcess, spoiled
from speed.pictures import read_pictures, shipped_clip


@pytest.mark.parametrize('kind', range(SPOILED_KINDS))
def test_a_spoiled_image_is_refused(kind: int) -> None:
    good = fill_image(read_pictures(shipped_clip(), (64, 48), 1)[0], 'rgb8', Header())
    ImageDecoder()(good)
    with pytest.raises(ImageError):
        ImageDecoder()(spoiled(good, kind))


@pytest.fixture
def received() -> list[Image]:
    return []


@pytest.mark.timeout(300)
def test_sizes_pauses_and_spoiled_images_come_when_they_are_asked_for(received: list[Image]) -> None:
    rclpy.init(args=[], signal_handler_options=rclpy.SignalHandlerOptions.NO)
    node, executor = rclpy.create_node('watching'), SingleThreadedExecutor()
    executor.add_node(node)
    node.create_subscription(Image, 'image', received.append, OUTPUT)
    camera, began = CameraProcess(shipped_clip(), (64, 48), 20.0), time.time_ns()

    def spin(seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            executor.spin_once(timeout_sec=0.05)

    def spin_until_there_is(width: int) -> None:
        deadline = time.monotonic() + 60.0
        while not any(image.width == width for image in received):
            spin(0.05)
            assert time.monotonic() < deadline

    try:
        spin_until_there_is(64)
        camera.resize((32, 24))
        spin_until_there_is(32)
        camera.spoil(60.0)
        spin_until_there_is(0)
        stamps = {stamp_to_ns(image.header.stamp) for image in received}
        assert stamps <= camera.stamps(began, time.time_ns())
        camera.pause(2.0)
        spin(0.5)
        sent = camera.stamps(began, time.time_ns())
        spin(1.0)
        assert camera.stamps(began, time.time_ns()) == sent
    finally:
        camera.end()
        executor.shutdown()
        rclpy.try_shutdown()
