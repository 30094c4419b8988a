"""Clouds as messages."""

from __future__ import annotations

import numpy as np
import pytest
from sensor_msgs.msg import PointField
from std_msgs.msg import Header

from mt3dnet_ros.perception.scene import Cloud
from mt3dnet_ros.ros.messages.clouds import fill_cloud, read_cloud

FORMATS = {PointField.FLOAT32: '<f4', PointField.UINT32: '<u4'}


@pytest.fixture
def cloud() -> Cloud:
    random = np.random.default_rng(0)
    xyz = random.normal(size=(5, 7, 3)).astype(np.float32)
    xyz[2, 3] = np.nan
    rgb = random.integers(0, 256, (5, 7, 3), np.uint8)
    return Cloud(xyz, rgb, random.integers(0, 9, (5, 7), np.uint8))


def test_a_cloud_is_read_back_by_its_fields(cloud: Cloud) -> None:
    message = fill_cloud(cloud, Header(frame_id='optical'))
    assert (message.height, message.width, message.is_dense, message.is_bigendian) == (5, 7, False, False)
    assert (message.point_step, message.row_step) == (20, 140)
    assert len(message.data) == message.row_step * message.height
    layout = {field.name: (FORMATS[field.datatype], field.offset) for field in message.fields}
    kind = np.dtype(
        {
            'names': list(layout),
            'formats': [kind for kind, _ in layout.values()],
            'offsets': [at for _, at in layout.values()],
            'itemsize': message.point_step,
        }
    )
    points = np.frombuffer(message.data, kind).reshape(5, 7)
    np.testing.assert_array_equal(np.stack([points['x'], points['y'], points['z']], axis=-1), cloud.xyz)
    np.testing.assert_array_equal(points['label'], cloud.labels)
    colors = points['rgb'].copy().view(np.uint32)
    channels = np.stack([colors >> 16 & 255, colors >> 8 & 255, colors & 255], axis=-1)
    np.testing.assert_array_equal(channels, cloud.rgb)
    assert message.header.frame_id == 'optical'


def test_a_cloud_survives_the_round_trip(cloud: Cloud) -> None:
    read = read_cloud(fill_cloud(cloud, Header()))
    np.testing.assert_array_equal(read.xyz, cloud.xyz)
    np.testing.assert_array_equal(read.rgb, cloud.rgb)
    np.testing.assert_array_equal(read.labels, cloud.labels)


def test_a_cloud_of_another_layout_is_not_read(cloud: Cloud) -> None:
    message = fill_cloud(cloud, Header())
    message.fields = message.fields[:3]
    with pytest.raises(ValueError, match='fields x, y, z;'):
        read_cloud(message)


def test_sensor_msgs_py_reads_the_same_points(cloud: Cloud) -> None:
    point_cloud2 = pytest.importorskip(
        'sensor_msgs_py.point_cloud2', reason='sensor_msgs_py comes with a ROS installation, not from PyPI'
    )
    points = point_cloud2.read_points(fill_cloud(cloud, Header()), reshape_organized_cloud=True)
    np.testing.assert_array_equal(points['z'].reshape(5, 7), cloud.xyz[..., 2])
    np.testing.assert_array_equal(points['label'].reshape(5, 7), cloud.labels)
