"""Detections for tools that know vision_msgs, which need not be installed."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from geometry_msgs.msg import Pose, PoseWithCovariance, Quaternion, Vector3
from std_msgs.msg import Header

from mt3dnet_ros.perception.scene import Detection
from mt3dnet_ros.perception.taxonomy import Taxonomy
from mt3dnet_ros.ros.messages.detections import point

if TYPE_CHECKING:
    from vision_msgs.msg import Detection2DArray, Detection3DArray


def fill_detections_2d(detections: Sequence[Detection], taxonomy: Taxonomy, header: Header) -> Detection2DArray:
    """Return the boxes of the detections of one image.

    :raises ImportError: vision_msgs is not installed
    """
    from vision_msgs.msg import BoundingBox2D, Detection2D, Detection2DArray, Point2D, Pose2D

    message = Detection2DArray(header=header)
    for detection in detections:
        box = detection.box
        center = Pose2D(position=Point2D(x=box.x + 0.5 * box.width, y=box.y + 0.5 * box.height))
        bounds = BoundingBox2D(center=center, size_x=float(box.width), size_y=float(box.height))
        results = _hypotheses(detection, taxonomy, Pose())
        message.detections.append(Detection2D(header=header, results=results, bbox=bounds))
    return message


def fill_detections_3d(detections: Sequence[Detection], taxonomy: Taxonomy, header: Header) -> Detection3DArray:
    """Return the detections of one image whose position is known, with boxes along the axes of the optical frame.

    :raises ImportError: vision_msgs is not installed
    """
    from vision_msgs.msg import BoundingBox3D, Detection3D, Detection3DArray

    message = Detection3DArray(header=header)
    for detection in detections:
        if all(map(math.isfinite, detection.position)):
            pose = Pose(position=point(detection.position), orientation=Quaternion(w=1.0))
            x, y, z = (side if math.isfinite(side) else 0.0 for side in map(float, detection.extent))
            bounds = BoundingBox3D(center=pose, size=Vector3(x=x, y=y, z=z))
            results = _hypotheses(detection, taxonomy, pose)
            message.detections.append(Detection3D(header=header, results=results, bbox=bounds))
    return message


def _hypotheses(detection: Detection, taxonomy: Taxonomy, pose: Pose) -> list[Any]:
    from vision_msgs.msg import ObjectHypothesis, ObjectHypothesisWithPose

    return [
        ObjectHypothesisWithPose(
            hypothesis=ObjectHypothesis(class_id=name, score=score), pose=PoseWithCovariance(pose=pose)
        )
        for name, score in _scores(detection, taxonomy)
    ]


def _scores(detection: Detection, taxonomy: Taxonomy) -> Iterator[tuple[str, float]]:
    """Yield names and scores: the detection's class, then the others that are possible, the most probable first."""
    yield detection.class_name, float(detection.score)
    others = [(number, float(score)) for number, score in enumerate(detection.class_scores, 1) if score > 0.0]
    for number, score in sorted(others, key=lambda other: -other[1]):
        if number != detection.class_id:
            yield taxonomy.by_id(number).name, score
