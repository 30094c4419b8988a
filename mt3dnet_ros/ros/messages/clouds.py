"""Clouds to messages and back."""

from __future__ import annotations

import sys

import numpy as np
from sensor_msgs.msg import PointCloud2, PointField
from std_msgs.msg import Header

from mt3dnet_ros.perception.scene import Cloud

# Names and types are those of pcl::PointXYZRGBL: the colour is 0x00RRGGBB in the bits of a float.
_FIELDS = (
    ('x', 0, PointField.FLOAT32),
    ('y', 4, PointField.FLOAT32),
    ('z', 8, PointField.FLOAT32),
    ('rgb', 12, PointField.FLOAT32),
    ('label', 16, PointField.UINT32),
)
_POINT = np.dtype([('xyz', np.float32, 3), ('rgb', np.uint32), ('label', np.uint32)])


def fill_cloud(cloud: Cloud, header: Header) -> PointCloud2:
    """Return an organised PointCloud2 with fields x, y, z, rgb and label; unknown points are NaN."""
    height, width = cloud.labels.shape
    points = np.empty((height, width), _POINT)
    points['xyz'] = cloud.xyz
    points['rgb'] = pack_rgb(cloud.rgb)
    points['label'] = cloud.labels
    message = PointCloud2(header=header, height=height, width=width)
    message.fields = [PointField(name=name, offset=at, datatype=kind, count=1) for name, at, kind in _FIELDS]
    message.is_bigendian = sys.byteorder == 'big'
    message.point_step = _POINT.itemsize
    message.row_step = _POINT.itemsize * width
    message.is_dense = False
    message.data.frombytes(points.data.cast('B'))
    return message


def pack_rgb(rgb: np.ndarray) -> np.ndarray:
    """Return (..., 3) uint8 colours as (...) uint32 0x00RRGGBB."""
    red, green, blue = (rgb[..., channel].astype(np.uint32) for channel in range(3))
    return red << 16 | green << 8 | blue


def read_cloud(message: PointCloud2) -> Cloud:
    """Return the cloud of a message that ``fill_cloud`` made.

    :raises ValueError: the message has other fields or another byte order
    """
    fields = tuple((field.name, field.offset, field.datatype) for field in message.fields)
    if fields != _FIELDS or message.point_step != _POINT.itemsize or message.is_bigendian != (sys.byteorder == 'big'):
        names = ', '.join(field.name for field in message.fields)
        raise ValueError(f'cloud has fields {names}; expected are x, y, z, rgb and label as this package packs them')
    points = np.frombuffer(message.data, _POINT).reshape(message.height, message.width)
    rgb = np.stack([points['rgb'] >> shift & 0xFF for shift in (16, 8, 0)], -1).astype(np.uint8)
    return Cloud(points['xyz'], rgb, points['label'].astype(np.uint8))
