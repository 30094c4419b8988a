"""Bulk messages over real DDS."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.impl.implementation_singleton import rclpy_implementation
from rclpy.lifecycle import LifecycleNode
from sensor_msgs.msg import Image, PointCloud2
from std_msgs.msg import Header, String
from support.ros_listener import Listener, listening

from mt3dnet_ros.perception.scene import Cloud
from mt3dnet_ros.ros import sender as sender_module
from mt3dnet_ros.ros.messages.clouds import bulk_cloud, read_cloud
from mt3dnet_ros.ros.messages.images import bulk_image, decode_image
from mt3dnet_ros.ros.qos import QUEUED
from mt3dnet_ros.ros.sender import Sender

PICTURES = [np.full((48, 64, 3), number, np.uint8) for number in range(5)]


@pytest.fixture
def listener() -> Iterator[Listener]:
    with listening() as found:
        yield found


@pytest.fixture
def without_rcl(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let rclpy's libraries not be found."""

    def refuse(*_: object) -> None:
        raise OSError('not loaded')

    monkeypatch.setattr(ctypes, 'CDLL', refuse)
    sender_module._rcl_publish.cache_clear()
    yield
    sender_module._rcl_publish.cache_clear()


def exchange(listener: Listener, kind: Any, messages: list[Any]) -> list[Any]:
    received = listener.collect(kind, 'sent', QUEUED)
    publisher = listener.node.create_publisher(kind, 'sent', QUEUED)
    listener.spin_until(lambda: publisher.get_subscription_count() > 0)
    sender = Sender()
    for message in messages:
        sender.publish(publisher, message)
    listener.spin_until(lambda: len(received) == len(messages))
    return received


def test_rcl_is_found_where_rclpy_runs() -> None:
    assert sender_module._rcl_publish() is not None


def test_bulk_messages_arrive_whole_and_in_order(listener: Listener) -> None:
    sent = [bulk_image(picture, 'rgb8', Header(frame_id=f'frame {n}')) for n, picture in enumerate(PICTURES)]
    received = exchange(listener, Image, sent)
    assert [message.header.frame_id for message in received] == [f'frame {n}' for n in range(len(PICTURES))]
    for message, picture in zip(received, PICTURES, strict=True):
        np.testing.assert_array_equal(decode_image(message), picture)


@pytest.mark.usefixtures('without_rcl')
def test_without_rcl_they_go_through_rclpy(listener: Listener) -> None:
    assert sender_module._rcl_publish() is None
    received = exchange(listener, Image, [bulk_image(picture, 'rgb8', Header()) for picture in PICTURES])
    for message, picture in zip(received, PICTURES, strict=True):
        np.testing.assert_array_equal(decode_image(message), picture)


def test_clouds_and_small_messages_arrive(listener: Listener) -> None:
    cloud = Cloud(np.ones((4, 6, 3), np.float32), np.full((4, 6, 3), 9, np.uint8), np.full((4, 6), 2, np.uint8))
    read = read_cloud(exchange(listener, PointCloud2, [bulk_cloud(cloud, Header())])[0])
    np.testing.assert_array_equal(read.xyz, cloud.xyz)
    np.testing.assert_array_equal(read.rgb, cloud.rgb)


def test_other_messages_are_published_as_ever(listener: Listener) -> None:
    assert [message.data for message in exchange(listener, String, [String(data='a'), String(data='b')])] == ['a', 'b']


def test_what_is_refused_raises_as_rclpy_does_and_leaves_no_error_behind(capfd: pytest.CaptureFixture[str]) -> None:
    publish = sender_module._rcl_publish()
    assert publish is not None
    for _ in range(2):
        with pytest.raises(rclpy_implementation.RCLError, match='Failed to publish'):
            publish(0, np.zeros(8, np.uint8))  # no publisher lives there
    assert 'overwritten' not in capfd.readouterr().err


def test_a_lifecycle_publisher_is_silent_until_it_is_activated(listener: Listener) -> None:
    context = rclpy.Context()
    rclpy.init(context=context)
    node = LifecycleNode('silent', context=context)
    executor = SingleThreadedExecutor(context=context)
    executor.add_node(node)
    received = listener.collect(Image, 'lifecycle', QUEUED)
    publisher = node.create_lifecycle_publisher(Image, 'lifecycle', QUEUED)
    listener.spin_until(lambda: publisher.get_subscription_count() > 0)
    sender = Sender()
    sender.publish(publisher, bulk_image(PICTURES[1], 'rgb8', Header()))
    node.trigger_configure()
    node.trigger_activate()
    sender.publish(publisher, bulk_image(PICTURES[2], 'rgb8', Header()))
    listener.spin_until(lambda: bool(received))
    listener.spin_for(0.2)
    executor.shutdown()
    node.destroy_node()
    rclpy.shutdown(context=context)
    assert [int(message.data[0]) for message in received] == [2]
