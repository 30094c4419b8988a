"""The scanpath as markers for RViz."""

from __future__ import annotations

import math
from collections.abc import Sequence

from std_msgs.msg import Header
from visualization_msgs.msg import Marker

from mt3dnet_ros.perception.scene import Fixation
from mt3dnet_ros.ros.detections import point
from mt3dnet_ros.ros.labels import color
from mt3dnet_ros.ros.marker import make_marker

STOP_SIZE = 0.004  # metres
NUMBER_HEIGHT = 0.006  # metres
PATH_WIDTH = 0.001  # metres
FIRST, LATER = (255, 220, 0), (255, 255, 255)


def scanpath_markers(fixations: Sequence[Fixation], header: Header) -> list[Marker]:
    """Return a numbered sphere for every fixation whose point is known, and the line that joins them in order."""
    known = [fixation for fixation in fixations if all(map(math.isfinite, fixation.point))]
    path = [_path(known, header)] if len(known) > 1 else []
    return path + [marker for fixation in known for marker in _stop(fixation, header)]


def _path(fixations: Sequence[Fixation], header: Header) -> Marker:
    path = make_marker(header, 'scanpath', 0, Marker.LINE_STRIP, (0.0, 0.0, 0.0), (PATH_WIDTH, 0.0, 0.0))
    path.points = [point(fixation.point) for fixation in fixations]
    path.color = color(LATER)
    return path


def _stop(fixation: Fixation, header: Header) -> tuple[Marker, Marker]:
    stop = make_marker(header, 'fixations', fixation.order, Marker.SPHERE, fixation.point, (STOP_SIZE,) * 3)
    stop.color = color(FIRST if fixation.order == 1 else LATER)
    x, y, z = fixation.point
    above = (x, y - STOP_SIZE - 0.5 * NUMBER_HEIGHT, z)  # y points down
    number = make_marker(
        header, 'fixation numbers', fixation.order, Marker.TEXT_VIEW_FACING, above, (0.0, 0.0, NUMBER_HEIGHT)
    )
    number.text = str(fixation.order)
    number.color = stop.color
    return stop, number
