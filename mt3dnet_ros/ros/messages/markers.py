"""Detections and scanpath as markers for RViz."""

from __future__ import annotations

import math
from collections.abc import Sequence
from copy import copy

from geometry_msgs.msg import Pose, Vector3
from std_msgs.msg import ColorRGBA, Header
from visualization_msgs.msg import Marker, MarkerArray

from mt3dnet_ros.perception.scale.depth_scale import DepthScale
from mt3dnet_ros.perception.scene import Detection, Fixation, ShaftAxis
from mt3dnet_ros.perception.scene_text import caption
from mt3dnet_ros.perception.taxonomy import Taxonomy
from mt3dnet_ros.ros.messages.detections import point
from mt3dnet_ros.ros.messages.labels import color

BOX_OPACITY = 0.35
TEXT_HEIGHT = 0.006  # metres
TIP_SIZE = 0.003  # metres
AXIS_REACH = 0.02  # metres of a shaft's axis on either side of its point
AXIS_WIDTH = 0.001  # metres
FORESIGHT = 0.3  # seconds, of the arrow of a tip's velocity
ARROW_WIDTH = 0.001  # metres
LEAST_EXTENT = 0.001  # metres; RViz complains about flat boxes
STOP_SIZE = 0.004  # metres
NUMBER_HEIGHT = 0.006  # metres
PATH_WIDTH = 0.001  # metres
SCALE_PLACE = (0.0, -0.01, 0.0)  # metres, above the camera
SURE, GUESSED, CONTRADICTED = (255, 255, 255), (255, 220, 0), (255, 60, 40)
FIRST, LATER = (255, 220, 0), (255, 255, 255)
_BLANK = Marker(action=Marker.ADD)
_REACHES = (-AXIS_REACH, AXIS_REACH)


def fill_markers(
    detections: Sequence[Detection],
    fixations: Sequence[Fixation],
    taxonomy: Taxonomy,
    header: Header,
    scale: DepthScale | None = None,
) -> MarkerArray:
    """Return markers of everything whose place is known; earlier ones are deleted.

    A detection has a box, a name, a tip with an arrow of its velocity, and the axis of its shaft, a fixation a numbered
    sphere. The scale of all of it is written at the camera.
    """
    colors = {entry.id: entry.color for entry in taxonomy.classes}
    markers = [Marker(header=header, action=Marker.DELETEALL)]
    for number, detection in enumerate(detections):
        if all(map(math.isfinite, detection.position)):
            markers += _markers(detection, number, colors.get(detection.class_id, (255, 255, 255)), header)
    markers += [_scale(scale, header)] if scale else []
    return MarkerArray(markers=markers + scanpath_markers(fixations, header))


def _scale(scale: DepthScale, header: Header) -> Marker:
    text = _make_marker(header, 'scale', 0, Marker.TEXT_VIEW_FACING, SCALE_PLACE, (0.0, 0.0, TEXT_HEIGHT))
    names = ', '.join(dict.fromkeys(source.name for source in scale.sources))
    text.text = f'scale {scale.factor:.2f} +- {100.0 * scale.deviation:.0f} % ({names})' if names else 'scale: a guess'
    text.color = color(CONTRADICTED if scale.conflicts else SURE if names else GUESSED)
    return text


def _markers(detection: Detection, number: int, rgb: tuple[int, int, int], header: Header) -> list[Marker]:
    size = [max(side, LEAST_EXTENT) if math.isfinite(side) else LEAST_EXTENT for side in detection.extent]
    x, y, z = detection.position
    box = _make_marker(header, 'boxes', number, Marker.CUBE, (x, y, z), size)
    box.color = color(rgb, BOX_OPACITY)
    above = (x, y - 0.5 * size[1] - TEXT_HEIGHT, z)  # y points down
    name = _make_marker(header, 'names', number, Marker.TEXT_VIEW_FACING, above, (0.0, 0.0, TEXT_HEIGHT))
    name.text = caption(detection.class_name, detection.score, detection.track_id)
    name.color = color((255, 255, 255))
    markers = [box, name]
    if all(map(math.isfinite, detection.tip)):
        tip = _make_marker(header, 'tips', number, Marker.SPHERE, detection.tip, (TIP_SIZE,) * 3)
        tip.color = color(rgb)
        markers.append(tip)
        if all(map(math.isfinite, detection.tip_velocity)):
            markers.append(_velocity(detection, number, rgb, header))
    if detection.axis:
        markers.append(_axis(detection.axis, number, rgb, header))
    return markers


def _velocity(detection: Detection, number: int, rgb: tuple[int, int, int], header: Header) -> Marker:
    """Return an arrow from the tip to where it will be after ``FORESIGHT``."""
    ahead = [at + FORESIGHT * speed for at, speed in zip(detection.tip, detection.tip_velocity, strict=True)]
    size = ARROW_WIDTH, 2.0 * ARROW_WIDTH, 0.0
    arrow = _make_marker(header, 'velocities', number, Marker.ARROW, (0.0, 0.0, 0.0), size)
    arrow.points = [point(detection.tip), point(ahead)]
    arrow.color = color(rgb)
    return arrow


def _axis(axis: ShaftAxis, number: int, rgb: tuple[int, int, int], header: Header) -> Marker:
    ends = [[at + reach * along for at, along in zip(axis.point, axis.direction, strict=True)] for reach in _REACHES]
    return _line(header, 'axes', number, ends, AXIS_WIDTH, color(rgb))


def scanpath_markers(fixations: Sequence[Fixation], header: Header) -> list[Marker]:
    """Return a numbered sphere for every fixation whose point is known, and the line that joins them in order."""
    known = [fixation for fixation in fixations if all(map(math.isfinite, fixation.point))]
    path = [_path(known, header)] if len(known) > 1 else []
    return path + [marker for fixation in known for marker in _stop(fixation, header)]


def _path(fixations: Sequence[Fixation], header: Header) -> Marker:
    points = [fixation.point for fixation in fixations]
    return _line(header, 'scanpath', 0, points, PATH_WIDTH, color(LATER))


def _line(
    header: Header, namespace: str, number: int, points: Sequence[Sequence[float]], width: float, drawn_in: ColorRGBA
) -> Marker:
    line = _make_marker(header, namespace, number, Marker.LINE_STRIP, (0.0, 0.0, 0.0), (width, 0.0, 0.0))
    line.points = [point(each) for each in points]
    line.color = drawn_in
    return line


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
    marker = copy(_BLANK)  # which takes a quarter of the time of making one
    marker.header, marker.ns, marker.id, marker.type = header, namespace, number, kind
    marker.pose = Pose(position=point(position))
    marker.scale = Vector3(x=float(size[0]), y=float(size[1]), z=float(size[2]))
    return marker
