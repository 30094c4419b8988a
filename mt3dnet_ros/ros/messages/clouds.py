"""Clouds to messages and back."""

from __future__ import annotations

import sys

import cv2
import numpy as np
from sensor_msgs.msg import PointCloud2, PointField
from std_msgs.msg import Header

from mt3dnet_ros.perception.scene import Cloud
from mt3dnet_ros.ros.messages.bulk import BulkMessage

# Names and types are those of pcl::PointXYZRGBL: the colour is 0x00RRGGBB in the bits of a float.
_FIELDS = (
    ('x', 0, PointField.FLOAT32),
    ('y', 4, PointField.FLOAT32),
    ('z', 8, PointField.FLOAT32),
    ('rgb', 12, PointField.FLOAT32),
    ('label', 16, PointField.UINT32),
)
_POINT = np.dtype([('xyz', np.float32, 3), ('rgb', np.uint32), ('label', np.uint32)])
_CHANNELS = len(_FIELDS)


def bulk_cloud(cloud: Cloud, header: Header) -> BulkMessage[PointCloud2]:
    """Return an organised PointCloud2 with fields x, y, z, rgb and label, written when it is published.

    Unknown points are NaN.
    """
    height, width = cloud.labels.shape
    message = PointCloud2(header=header, height=height, width=width)
    message.fields = [PointField(name=name, offset=at, datatype=kind, count=1) for name, at, kind in _FIELDS]
    message.is_bigendian = sys.byteorder == 'big'
    message.point_step = _POINT.itemsize
    message.row_step = _POINT.itemsize * width
    message.is_dense = False
    return BulkMessage(message, message.row_step * height, lambda out: _write_points(cloud, out))


def fill_cloud(cloud: Cloud, header: Header) -> PointCloud2:
    """Return the whole message that ``bulk_cloud`` describes."""
    return bulk_cloud(cloud, header).whole()


def _write_points(cloud: Cloud, out: np.ndarray) -> None:
    """Fill (N,) uint8 with the points of a cloud."""
    height, width = cloud.labels.shape
    points = out.view(np.float32).reshape(height, width, _CHANNELS)
    whole_numbers = pack_rgb(cloud.rgb), cloud.labels.astype(np.uint32)
    # OpenCV moves four bytes per channel, whatever they mean.
    cv2.merge([cloud.xyz, *(numbers.view(np.float32) for numbers in whole_numbers)], points)


def pack_rgb(rgb: np.ndarray) -> np.ndarray:
    """Return (H, W, 3) uint8 colours as (H, W) uint32 0x00RRGGBB."""
    if sys.byteorder == 'big':
        red, green, blue = (rgb[..., channel].astype(np.uint32) for channel in range(3))
        return red << 16 | green << 8 | blue
    packed = cv2.cvtColor(rgb, cv2.COLOR_RGB2BGRA).view(np.uint32)[..., 0]
    packed &= np.uint32(0x00FFFFFF)  # OpenCV's opacity
    return packed


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
