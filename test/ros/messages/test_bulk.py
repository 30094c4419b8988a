"""Messages that are serialised in one copy are to the middleware those that it makes itself."""

from __future__ import annotations

import numpy as np
import pytest
from builtin_interfaces.msg import Time
from rclpy.serialization import deserialize_message, serialize_message
from rosbags.typesys import Stores, get_typestore
from sensor_msgs.msg import CompressedImage, Image, PointCloud2
from std_msgs.msg import Header

from mt3dnet_ros.perception.scene import Cloud
from mt3dnet_ros.ros.messages import bulk
from mt3dnet_ros.ros.messages.bulk import BulkMessage, SerializationBuffer, serialized
from mt3dnet_ros.ros.messages.clouds import bulk_cloud, read_cloud
from mt3dnet_ros.ros.messages.images import bulk_image, decode_image, fill_image

FRAMES = ['', 'a', 'optical', 'rig/endoscope_optical_frame', 'f' * 5000]


def random(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, shape, np.uint8)


@pytest.mark.parametrize('frame', FRAMES)
@pytest.mark.parametrize('shape', [(1, 1), (3, 5), (3, 5, 3), (480, 640, 3)])
def test_an_image_is_what_the_middleware_serialises(frame: str, shape: tuple[int, ...]) -> None:
    array, encoding = random(*shape), 'rgb8' if len(shape) == 3 else 'mono8'
    message = bulk_image(array, encoding, Header(frame_id=frame))
    data, expected = serialized(message), fill_image(array, encoding, Header(frame_id=frame))
    assert len(data) == len(serialize_message(expected))
    assert deserialize_message(data, Image) == expected == message.whole()


@pytest.mark.parametrize('frame', FRAMES)
@pytest.mark.parametrize('size', [(1, 1), (5, 7), (120, 160)])
def test_a_cloud_is_what_the_middleware_serialises(frame: str, size: tuple[int, int]) -> None:
    xyz = np.random.default_rng(1).normal(size=(*size, 3)).astype(np.float32)
    xyz[0, 0] = np.nan
    cloud = Cloud(xyz, random(*size, 3), random(*size))
    message = bulk_cloud(cloud, Header(frame_id=frame))
    data = serialized(message)
    assert len(data) == len(serialize_message(message.whole()))
    assert deserialize_message(data, PointCloud2) == message.whole()
    read = read_cloud(deserialize_message(data, PointCloud2))
    for field in ('xyz', 'rgb', 'labels'):
        np.testing.assert_array_equal(getattr(read, field), getattr(cloud, field))


def test_readers_that_know_nothing_of_ros_understand_them() -> None:
    types = get_typestore(Stores.ROS2_HUMBLE)
    picture = random(48, 64, 3)
    stamped = Header(frame_id='optical', stamp=Time(sec=3, nanosec=4))
    image = types.deserialize_cdr(serialized(bulk_image(picture, 'rgb8', stamped)), 'sensor_msgs/msg/Image')
    assert (image.header.frame_id, image.header.stamp.sec, image.header.stamp.nanosec) == ('optical', 3, 4)
    assert (image.height, image.width, image.step, image.encoding) == (48, 64, 192, 'rgb8')
    np.testing.assert_array_equal(image.data.reshape(picture.shape), picture)
    cloud = Cloud(np.ones((4, 6, 3), np.float32), random(4, 6, 3), random(4, 6))
    points = types.deserialize_cdr(serialized(bulk_cloud(cloud, stamped)), 'sensor_msgs/msg/PointCloud2')
    assert [field.name for field in points.fields] == ['x', 'y', 'z', 'rgb', 'label'] and not points.is_dense
    np.testing.assert_array_equal(points.data, np.frombuffer(bulk_cloud(cloud, stamped).whole().data, np.uint8))


def test_views_with_strides_and_other_types_are_written() -> None:
    depth = np.linspace(0.0, 1.0, 48, dtype=np.float32).reshape(6, 8)[::2, ::-1]
    image = deserialize_message(serialized(bulk_image(depth, '32FC1', Header())), Image)
    np.testing.assert_array_equal(np.frombuffer(image.data, np.float32).reshape(3, 8), depth)


def test_one_buffer_serialises_messages_of_any_size_one_after_the_other() -> None:
    buffer = SerializationBuffer()
    for shape in ((8, 8, 3), (2, 3, 3), (64, 64, 3), (1, 1, 3)):
        array = random(*shape)
        image = deserialize_message(buffer.fill(bulk_image(array, 'rgb8', Header())).tobytes(), Image)
        np.testing.assert_array_equal(decode_image(image), array)


def test_any_other_message_is_serialised_as_ever() -> None:
    message = CompressedImage(format='jpeg', data=b'\x01\x02\x03')
    assert serialized(message) == serialize_message(message)


def test_a_middleware_that_serialises_otherwise_gets_the_whole_message(monkeypatch: pytest.MonkeyPatch) -> None:
    serialise = serialize_message
    monkeypatch.setattr(bulk, 'serialize_message', lambda message: b'other' + serialise(message))
    bulk._can_be_spliced.cache_clear()
    array = random(4, 4)
    try:
        data = serialized(bulk_image(array, 'mono8', Header()))
    finally:
        bulk._can_be_spliced.cache_clear()
    assert deserialize_message(data.removeprefix(b'other'), Image) == fill_image(array, 'mono8', Header())


def test_a_middleware_that_pads_what_follows_the_data_gets_its_padding(monkeypatch: pytest.MonkeyPatch) -> None:
    serialise = serialize_message

    def padded(message: object) -> bytes:
        data = serialise(message)
        return data + bytes(-len(data) % 4)

    monkeypatch.setattr(bulk, 'serialize_message', padded)
    bulk._can_be_spliced.cache_clear()
    points = random(40)
    message = BulkMessage(PointCloud2(is_dense=True), points.size, lambda out: np.copyto(out, points))
    try:
        data = serialized(message)
        assert bulk._can_be_spliced(PointCloud2)
    finally:
        bulk._can_be_spliced.cache_clear()
    assert len(data) == len(padded(message.whole()))
    assert deserialize_message(data, PointCloud2) == message.whole()
