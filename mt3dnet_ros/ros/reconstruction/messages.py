"""Messages of a reconstruction: depth in; clouds, poses and distances out."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
from geometry_msgs.msg import Point, Pose, Quaternion
from sensor_msgs.msg import Image, PointCloud2, PointField
from std_msgs.msg import Header

from mt3dnet_ros import msg
from mt3dnet_ros.errors import InputError
from mt3dnet_ros.geometry.rotation import quaternion_of
from mt3dnet_ros.reconstruction.tip_distance import SeenTip, TipDistance
from mt3dnet_ros.ros.messages.bulk import BulkMessage
from mt3dnet_ros.ros.messages.detections import point, read_point
from mt3dnet_ros.ros.messages.transforms import fill_transform
from mt3dnet_ros.viewer.messages import read_plain_image

_POINT = np.dtype([('xyz', np.float32, 3), ('rgb', np.uint32), ('age', np.float32)])
_FIELDS = ('x', 'y', 'z', 'rgb', 'age')
_MILLIMETRE = np.float32(1e-3)
_NO_COVARIANCE = (-1.0, *([0.0] * 35))  # says that it is not known, as that of sensor_msgs/Imu does


def read_depth(message: Image) -> np.ndarray:
    """Return a depth image, (H, W) float32 metres; 0 or NaN where unknown.

    :raises InputError: it is no depth image, or contradicts itself
    """
    depth = read_plain_image(message)
    if depth.ndim != 2 or depth.dtype.kind not in 'fu' or depth.dtype.itemsize < 2:
        raise InputError(f"depth of encoding '{message.encoding}' is neither 32FC1 (m) nor 16UC1 (mm), as in REP 118")
    return depth.astype(np.float32) * _MILLIMETRE if depth.dtype.kind == 'u' else depth.astype(np.float32, copy=False)


def read_labels(message: Image) -> np.ndarray:
    """Return a label image, (H, W) uint8.

    :raises InputError: it is none
    """
    labels = read_plain_image(message)
    if labels.dtype != np.uint8 or labels.ndim != 2:
        raise InputError(
            f"labels of encoding '{message.encoding}' are no mono8; set perception_ns to a node perception"
        )
    return labels


def read_tips(message: msg.DetectionArray) -> list[SeenTip]:
    """Return the tips of all detections that belong to a track."""
    return [
        SeenTip(found.track_id, read_point(found.tip), _tip_covariance(found))
        for found in message.detections
        if found.track_id > 0
    ]


def _tip_covariance(found: msg.Detection) -> np.ndarray | None:
    """Return the covariance of a tip, (3, 3); that of its depth alone where nothing else is known."""
    covariance = np.array(found.tip_covariance).reshape(6, 6)[:3, :3]
    if np.isfinite(covariance).all() and covariance.any():
        return covariance
    sight = np.array(read_point(found.tip))
    if not np.isfinite([*sight, found.position_deviation]).all() or not sight.any():
        return None
    sight /= np.linalg.norm(sight)
    return found.position_deviation**2 * np.outer(sight, sight)


def bulk_surface(xyz: np.ndarray, rgb: np.ndarray, age: np.ndarray, header: Header) -> BulkMessage[PointCloud2]:
    """Return a cloud with fields x, y, z, rgb and age, written when it is published.

    :param xyz: (n, 3) metres
    :param rgb: (n, 3) uint8
    :param age: (n,) seconds since the points were seen
    """
    message = PointCloud2(header=header, height=1, width=len(xyz), is_dense=True)
    message.fields = [
        PointField(name=name, offset=4 * place, datatype=PointField.FLOAT32, count=1)
        for place, name in enumerate(_FIELDS)
    ]
    message.is_bigendian = sys.byteorder == 'big'
    message.point_step, message.row_step = _POINT.itemsize, _POINT.itemsize * len(xyz)

    def write(out: np.ndarray) -> None:
        points = out.view(_POINT)
        red, green, blue = (rgb[:, channel].astype(np.uint32) for channel in range(3))
        points['xyz'], points['rgb'], points['age'] = xyz, red << 16 | green << 8 | blue, age

    return BulkMessage(message, message.row_step, write)


def fill_pose(pose: np.ndarray) -> Pose:
    """Return a rigid motion (4, 4) as a pose."""
    x, y, z, w = quaternion_of(pose[:3, :3])
    return Pose(position=Point(**_xyz(pose[:3, 3])), orientation=Quaternion(x=x, y=y, z=z, w=w))


def fill_odometry(message: Any, pose: np.ndarray, header: Header, child: str) -> Any:
    """Return a new ``nav_msgs/Odometry`` with the pose of a frame in that of the header.

    :param message: empty, of that type
    """
    message.header, message.child_frame_id, message.pose.pose = header, child, fill_pose(pose)
    message.pose.covariance = message.twist.covariance = _NO_COVARIANCE
    return message


def fill_transforms(message: Any, pose: np.ndarray, header: Header, child: str) -> Any:
    """Return a new ``tf2_msgs/TFMessage`` with the pose of a frame in that of the header.

    :param message: empty, of that type
    """
    transform = fill_transform(header.frame_id, child, pose[:3, 3], quaternion_of(pose[:3, :3]))
    transform.header.stamp = header.stamp
    message.transforms = [transform]
    return message


def fill_distances(distances: Sequence[TipDistance], header: Header) -> msg.TissueDistanceArray:
    """Return the distances of tips from the tissue as a message."""
    return msg.TissueDistanceArray(header=header, distances=[_distance(each) for each in distances])


def _distance(measured: TipDistance) -> msg.TissueDistance:
    return msg.TissueDistance(
        track_id=measured.track_id,
        tip=point(measured.tip),
        nearest=point(measured.nearest),
        distance=measured.distance,
        deviation=measured.deviation if math.isfinite(measured.deviation) else math.nan,
    )


def _xyz(values: np.ndarray) -> dict[str, float]:
    return dict(zip('xyz', map(float, values), strict=True))
