"""Scale from the shafts in a frame."""

from __future__ import annotations

import math

import numpy as np

from mt3dnet_ros.perception.preprocess import MAP_STRIDE, Letterbox
from mt3dnet_ros.perception.scale.observation import Rejection, ScaleObservation
from mt3dnet_ros.perception.scale.shaft.comparison import compare_depth
from mt3dnet_ros.perception.scale.shaft.covered import check_covered
from mt3dnet_ros.perception.scale.shaft.cylinder import Cylinder, cylinder_of
from mt3dnet_ros.perception.scale.shaft.diameter import Diameter
from mt3dnet_ros.perception.scale.shaft.measure import measure_silhouette
from mt3dnet_ros.perception.scale.shaft.mounted import diameter_of, unknown_names
from mt3dnet_ros.perception.scale.shaft.outline import MaskView, trace_outline
from mt3dnet_ros.perception.scale.shaft.region import ShaftCells, rough_strip
from mt3dnet_ros.perception.scale.shaft.silhouette import Silhouette, Strip, UnfitSilhouetteError
from mt3dnet_ros.perception.scale.shaft_axis import ShaftAxis
from mt3dnet_ros.perception.scale.view import ScaleView
from mt3dnet_ros.perception.scene import Detection
from mt3dnet_ros.perception.taxonomy import Taxonomy

SOURCE = 'shaft'
UNKNOWN_DIAMETER = 'diameter unknown: name it in shaft_diameters'
_SHAFT_PART = 1
_ELSEWHERE = 0.04  # deviation of the logarithm of the network's factor on the rest of a tool from that on its shaft


class ShaftEstimator:
    """Measures how far shafts are, by their diameters, and compares that with the network's depth.

    :param taxonomy: of the network, with diameters by class
    """

    def __init__(self, taxonomy: Taxonomy) -> None:
        self._taxonomy = taxonomy

    def observe(self, view: ScaleView) -> list[ScaleObservation | Rejection]:
        """Return an observation of every instrument whose shaft's silhouette is whole, and why of the others not."""
        if not view.settings.shaft_scale:
            return []
        found: list[ScaleObservation | Rejection] = [
            Rejection(SOURCE, f"shaft_diameters: the network knows no '{name}'", name)
            for name in unknown_names(view.settings.shaft_diameters, self._taxonomy)
        ]
        found += [self._observe(view, detection) for detection in view.instruments if detection.instance_id > 0]
        return found

    def forget(self) -> None:
        """Nothing is remembered: every frame is measured by itself."""

    def _observe(self, view: ScaleView, detection: Detection) -> ScaleObservation | Rejection:
        name, instance_id = detection.class_name, detection.instance_id
        try:
            return self._measure(view, detection)
        except UnfitSilhouetteError as reason:
            return Rejection(SOURCE, str(reason), name, instance_id)

    def _measure(self, view: ScaleView, detection: Detection) -> ScaleObservation:
        cells = shaft_cells(view, detection.instance_id)
        strip = rough_strip(cells)
        diameter = view.evidence.diameters.get(detection.instance_id) or diameter_of(
            detection.class_name, view.settings.shaft_diameters, self._taxonomy
        )
        if diameter is None:
            raise UnfitSilhouetteError(UNKNOWN_DIAMETER)
        silhouette = find_silhouette(view, detection.instance_id, cells, strip)
        cylinder = cylinder_of(*silhouette.normals(), 0.5 * diameter.value)
        ratio = compare_depth(cylinder, silhouette, cells.rays, view.cell_depth, cells.shaft)
        own = math.hypot(silhouette.log_deviation, diameter.log_deviation, ratio.deviation, _ELSEWHERE)
        return ScaleObservation(
            SOURCE,
            ratio.log_factor,
            math.hypot(own, view.shape_deviation),
            detection.class_name,
            detection.instance_id,
            _axis(cylinder, silhouette, diameter),
            math.hypot(diameter.log_deviation, view.shape_deviation),
            own,
        )


def shaft_cells(view: ScaleView, instance_id: int) -> ShaftCells:
    """Return the cells of an instrument and of its shaft."""
    instrument = view.cell_instances == instance_id
    return ShaftCells(instrument, instrument & (view.cell_parts == _SHAFT_PART), view.cell_rays)


def find_silhouette(view: ScaleView, instance_id: int, cells: ShaftCells, strip: Strip) -> Silhouette:
    """Return the silhouette of an instrument's shaft.

    :param strip: a rough one
    :raises UnfitSilhouetteError: with the reason, when it is not whole
    """
    mask = MaskView(
        view.instances,
        instance_id,
        view.frame.visible.mask,
        cells.shaft.astype(np.uint8),
        _to_cells(view.letterbox),
    )
    outline = trace_outline(mask, view.camera, strip)
    silhouette = measure_silhouette(view.frame.rgb, view.camera, outline)
    check_covered(silhouette, cells, view.cell_instances)
    return silhouette


def _to_cells(letterbox: Letterbox) -> tuple[np.ndarray, np.ndarray]:
    """Return scale and offset, (2,) each, from pixels of the image to cells of the network's output."""
    origin, unit = ((letterbox.points_to_network(np.full(2, x)) - 0.5 * (MAP_STRIDE - 1)) / MAP_STRIDE for x in (0, 1))
    return unit - origin, origin


def _axis(cylinder: Cylinder, silhouette: Silhouette, diameter: Diameter) -> ShaftAxis:
    """Return where the axis is, and how sure that is.

    Depth is as sure as the width and the diameter are. In the image the direction is as sure as the mean of both
    slopes; in depth, as the angle between them over the width: it is the change of depth along the shaft.
    """
    point = cylinder.point_seen_at(silhouette.middle_ray)
    toward_tip = np.array([*silhouette.strip.along, 0.0])
    direction = cylinder.direction if cylinder.direction @ toward_tip > 0 else -cylinder.direction
    deviation = float(point[2]) * math.hypot(silhouette.log_deviation, diameter.log_deviation)
    in_depth = silhouette.slope_deviation / silhouette.width * (1.0 - float(direction[2]) ** 2)
    angle = math.hypot(0.5 * silhouette.slope_deviation, in_depth)
    x, y, z = point.tolist()
    dx, dy, dz = direction.tolist()
    return ShaftAxis((x, y, z), (dx, dy, dz), deviation, angle, diameter.value)
