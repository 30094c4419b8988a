"""Detections to messages and back."""

from __future__ import annotations

import math
from collections.abc import Sequence

from geometry_msgs.msg import Point, Vector3
from sensor_msgs.msg import RegionOfInterest
from std_msgs.msg import Header

from mt3dnet_ros import msg
from mt3dnet_ros.perception.scene import UNKNOWN, Box, Detection, ShaftAxis
from mt3dnet_ros.perception.scene import Point as Position

_NO_COVARIANCE = (math.nan,) * 36
_NO_AXIS = ShaftAxis(UNKNOWN, UNKNOWN, math.nan, math.nan, math.nan)


def fill_detections(detections: Sequence[Detection], header: Header) -> msg.DetectionArray:
    """Return the detections of one image as a message."""
    return msg.DetectionArray(header=header, detections=[_detection(detection) for detection in detections])


def read_detections(message: msg.DetectionArray) -> list[Detection]:
    """Return the detections of a message; the probability of a type, which it does not have, is NaN."""
    return [_read_detection(detection) for detection in message.detections]


def _read_detection(detection: msg.Detection) -> Detection:
    box, covariance = detection.box, tuple(map(float, detection.tip_covariance))
    return Detection(
        class_id=detection.class_id,
        class_name=detection.class_name,
        score=detection.score,
        instance_id=detection.instance_id,
        box=Box(box.x_offset, box.y_offset, box.width, box.height),
        position=read_point(detection.position),
        extent=read_point(detection.extent),
        tip=read_point(detection.tip),
        class_scores=tuple(detection.class_scores),
        axis=_read_axis(detection.axis),
        position_deviation=detection.position_deviation,
        track_id=detection.track_id,
        track_age=detection.track_age,
        tip_velocity=read_point(detection.tip_velocity),
        tip_covariance=() if any(map(math.isnan, covariance)) else covariance,
    )


def _read_axis(axis: msg.ShaftAxis) -> ShaftAxis | None:
    if math.isnan(axis.deviation):
        return None
    point, direction = read_point(axis.point), read_point(axis.direction)
    return ShaftAxis(point, direction, axis.deviation, axis.angle_deviation, axis.diameter)


def read_point(xyz: Point | Vector3) -> Position:
    """Return the coordinates of a point or a vector."""
    return xyz.x, xyz.y, xyz.z


def _detection(detection: Detection) -> msg.Detection:
    box = detection.box
    return msg.Detection(
        class_id=detection.class_id,
        class_name=detection.class_name,
        score=float(detection.score),
        instance_id=detection.instance_id,
        box=RegionOfInterest(x_offset=box.x, y_offset=box.y, width=box.width, height=box.height),
        position=point(detection.position),
        extent=vector(detection.extent),
        tip=point(detection.tip),
        class_scores=detection.class_scores,
        position_deviation=float(detection.position_deviation),
        axis=_axis(detection.axis or _NO_AXIS),
        track_id=detection.track_id,
        track_age=float(detection.track_age),
        tip_velocity=vector(detection.tip_velocity),
        tip_covariance=covariance(detection.tip_covariance),
    )


def _axis(axis: ShaftAxis) -> msg.ShaftAxis:
    return msg.ShaftAxis(
        point=point(axis.point),
        direction=vector(axis.direction),
        deviation=float(axis.deviation),
        angle_deviation=float(axis.angle_deviation),
        diameter=float(axis.diameter),
    )


def point(xyz: Sequence[float]) -> Point:
    """Return a point of three coordinates in metres."""
    return Point(**_xyz(xyz))


def vector(xyz: Sequence[float]) -> Vector3:
    """Return a vector of three numbers."""
    return Vector3(**_xyz(xyz))


def covariance(values: tuple[float, ...]) -> tuple[float, ...]:
    """Return the covariance of a tip and its velocity, (36,), NaN where it is unknown."""
    return values or _NO_COVARIANCE


def _xyz(values: Sequence[float]) -> dict[str, float]:
    return dict(zip('xyz', map(float, values), strict=True))
