"""Detections and scanpath as markers for RViz."""

from __future__ import annotations

import math
from collections.abc import Sequence

from geometry_msgs.msg import Pose, Vector3
from std_msgs.msg import Header
from visualization_msgs.msg import Marker, MarkerArray

from mt3dnet_ros.perception.scene import Detection, Fixation
from mt3dnet_ros.perception.taxonomy import Taxonomy
from mt3dnet_ros.ros.messages.detections import point
from mt3dnet_ros.ros.messages.labels import color

BOX_OPACITY = 0.35
TEXT_HEIGHT = 0.006  # metres
TIP_SIZE = 0.003  # metres
LEAST_EXTENT = 0.001  # metres; RViz complains about flat boxes
STOP_SIZE = 0.004  # metres
NUMBER_HEIGHT = 0.006  # metres
PATH_WIDTH = 0.001  # metres
FIRST, LATER = (255, 220, 0), (255, 255, 255)


def fill_markers(
    detections: Sequence[Detection],
    fixations: Sequence[Fixation],
    taxonomy: Taxonomy,
    header: Header,
) -> MarkerArray:
    """Return markers of everything whose place is known; earlier ones are deleted.

    A detection has a box, a name and a tip, a fixation a numbered sphere.
    """
    colors = {entry.id: entry.color for entry in taxonomy.classes}
    markers = [Marker(header=header, action=Marker.DELETEALL)]
    for number, detection in enumerate(detections):
        if all(map(math.isfinite, detection.position)):
            markers += _markers(detection, number, colors.get(detection.class_id, (255, 255, 255)), header)
    return MarkerArray(markers=markers + scanpath_markers(fixations, header))


def _markers(detection: Detection, number: int, rgb: tuple[int, int, int], header: Header) -> list[Marker]:
    size = [max(side, LEAST_EXTENT) if math.isfinite(side) else LEAST_EXTENT for side in detection.extent]
    x, y, z = detection.position
    box = _make_marker(header, 'boxes', number, Marker.CUBE, (x, y, z), size)
    box.color = color(rgb, BOX_OPACITY)
    above = (x, y - 0.5 * size[1] - TEXT_HEIGHT, z)  # y points down
    name = _make_marker(header, 'names', number, Marker.TEXT_VIEW_FACING, above, (0.0, 0.0, TEXT_HEIGHT))
    name.text = f'{detection.class_name} {detection.score:.2f}'
    name.color = color((255, 255, 255))
    if not all(map(math.isfinite, detection.tip)):
        return [box, name]
    tip = _make_marker(header, 'tips', number, Marker.SPHERE, detection.tip, (TIP_SIZE,) * 3)
    tip.color = color(rgb)
    return [box, name, tip]


def scanpath_markers(fixations: Sequence[Fixation], header: Header) -> list[Marker]:
    """Return a numbered sphere for every fixation whose point is known, and the line that joins them in order."""
    known = [fixation for fixation in fixations if all(map(math.isfinite, fixation.point))]
    path = [_path(known, header)] if len(known) > 1 else []
    return path + [marker for fixation in known for marker in _stop(fixation, header)]


def _path(fixations: Sequence[Fixation], header: Header) -> Marker:
    path = _make_marker(header, 'scanpath', 0, Marker.LINE_STRIP, (0.0, 0.0, 0.0), (PATH_WIDTH, 0.0, 0.0))
    path.points = [point(fixation.point) for fixation in fixations]
    path.color = color(LATER)
    return path


def _stop(fixation: Fixation, header: Header) -> tuple[Marker, Marker]:
    stop = _make_marker(header, 'fixations', fixation.order, Marker.SPHERE, fixation.point, (STOP_SIZE,) * 3)
    stop.color = color(FIRST if fixation.order == 1 else LATER)
    x, y, z = fixation.point
    above = (x, y - STOP_SIZE - 0.5 * NUMBER_HEIGHT, z)  # y points down
    number = _make_marker(
        header, 'fixation numbers', fixation.order, Marker.TEXT_VIEW_FACING, above, (0.0, 0.0, NUMBER_HEIGHT)
    )
    number.text = str(fixation.order)
    number.color = stop.color
    return stop, number


def _make_marker(
    header: Header,
    namespace: str,
    number: int,
    kind: int,
    position: Sequence[float],
    size: Sequence[float],
) -> Marker:
    """Return a marker without a colour.

    :param kind: such as ``Marker.SPHERE``
    :param position: metres, in the header's frame
    :param size: along x, y and z, metres
    """
    marker = Marker(header=header, ns=namespace, id=number, type=kind, action=Marker.ADD)
    marker.pose = Pose(position=point(position))
    marker.scale = Vector3(x=float(size[0]), y=float(size[1]), z=float(size[2]))
    return marker
