"""Scanpath to message and back."""

from __future__ import annotations

import math
from collections.abc import Sequence

from geometry_msgs.msg import PointStamped
from std_msgs.msg import Header

from mt3dnet_ros import msg
from mt3dnet_ros.perception.scene import Fixation, Point
from mt3dnet_ros.ros.messages.detections import point


def fill_scanpath(fixations: Sequence[Fixation], header: Header) -> msg.Scanpath:
    """Return the fixations of one image as a message; their weights become shares, which add up to 1."""
    total = sum(fixation.weight for fixation in fixations)
    shares = [fixation.weight / total if total else 1.0 / len(fixations) for fixation in fixations]
    stops = [_stop(fixation, share) for fixation, share in zip(fixations, shares, strict=True)]
    return msg.Scanpath(header=header, fixations=stops)


def read_scanpath(message: msg.Scanpath) -> tuple[Fixation, ...]:
    """Return the fixations of a message."""
    return tuple(
        Fixation(
            stop.instance_id,
            stop.class_id,
            (round(stop.x), round(stop.y)),
            (stop.position.x, stop.position.y, stop.position.z),
            stop.weight,
            stop.order,
        )
        for stop in message.fixations
    )


def fill_gaze(gaze: Point, header: Header) -> PointStamped | None:
    """Return where to look, in metres, as a message; None where it is unknown."""
    return PointStamped(header=header, point=point(gaze)) if all(map(math.isfinite, gaze)) else None


def _stop(fixation: Fixation, share: float) -> msg.Fixation:
    column, row = fixation.pixel
    return msg.Fixation(
        instance_id=fixation.instance_id,
        class_id=fixation.class_id,
        x=float(column),
        y=float(row),
        position=point(fixation.point),
        weight=float(share),
        order=fixation.order,
    )
