"""Detections and scanpath as markers for RViz."""

from __future__ import annotations

import math
from collections.abc import Sequence

from std_msgs.msg import Header
from visualization_msgs.msg import Marker, MarkerArray

from mt3dnet_ros.perception.scene import Detection, Fixation
from mt3dnet_ros.perception.taxonomy import Taxonomy
from mt3dnet_ros.ros.labels import color
from mt3dnet_ros.ros.marker import make_marker
from mt3dnet_ros.ros.scanpath_markers import scanpath_markers

BOX_OPACITY = 0.35
TEXT_HEIGHT = 0.006  # metres
TIP_SIZE = 0.003  # metres
LEAST_EXTENT = 0.001  # metres; RViz complains about flat boxes


def fill_markers(
    detections: Sequence[Detection],
    fixations: Sequence[Fixation],
    taxonomy: Taxonomy,
    header: Header,
) -> MarkerArray:
    """Return markers of everything whose place is known; those of before are deleted.

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
    box = make_marker(header, 'boxes', number, Marker.CUBE, (x, y, z), size)
    box.color = color(rgb, BOX_OPACITY)
    above = (x, y - 0.5 * size[1] - TEXT_HEIGHT, z)  # y points down
    name = make_marker(header, 'names', number, Marker.TEXT_VIEW_FACING, above, (0.0, 0.0, TEXT_HEIGHT))
    name.text = f'{detection.class_name} {detection.score:.2f}'
    name.color = color((255, 255, 255))
    if not all(map(math.isfinite, detection.tip)):
        return [box, name]
    tip = make_marker(header, 'tips', number, Marker.SPHERE, detection.tip, (TIP_SIZE,) * 3)
    tip.color = color(rgb)
    return [box, name, tip]
