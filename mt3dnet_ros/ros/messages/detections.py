"""Detections to messages."""

from __future__ import annotations

from collections.abc import Sequence

from geometry_msgs.msg import Point, Vector3
from sensor_msgs.msg import RegionOfInterest
from std_msgs.msg import Header

from mt3dnet_ros import msg
from mt3dnet_ros.perception.scene import Detection


def fill_detections(detections: Sequence[Detection], header: Header) -> msg.DetectionArray:
    """Return the detections of one image as a message."""
    return msg.DetectionArray(header=header, detections=[_detection(detection) for detection in detections])


def _detection(detection: Detection) -> msg.Detection:
    box = detection.box
    return msg.Detection(
        class_id=detection.class_id,
        class_name=detection.class_name,
        score=float(detection.score),
        instance_id=detection.instance_id,
        box=RegionOfInterest(x_offset=box.x, y_offset=box.y, width=box.width, height=box.height),
        position=point(detection.position),
        extent=Vector3(**_xyz(detection.extent)),
        tip=point(detection.tip),
        class_scores=detection.class_scores,
    )


def point(xyz: Sequence[float]) -> Point:
    """Return a point of three coordinates in metres."""
    return Point(**_xyz(xyz))


def _xyz(values: Sequence[float]) -> dict[str, float]:
    return dict(zip('xyz', map(float, values), strict=True))
