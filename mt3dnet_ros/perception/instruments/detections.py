"""The list of instruments of a frame."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from mt3dnet_ros.perception.instruments.instances import InstanceMap
from mt3dnet_ros.perception.instruments.peaks import Peak
from mt3dnet_ros.perception.instruments.surface import Surface, measure_surface
from mt3dnet_ros.perception.preprocess import MAP_STRIDE, Letterbox
from mt3dnet_ros.perception.scene import Box, Detection


@dataclass(frozen=True)
class CellGeometry:
    """What is needed to place instruments in space, per cell of the network's output.

    :param rays: (h, w, 3) optical frame, z = 1
    :param depth: (h, w) metres, NaN where unknown
    :param claspers: (h, w) bool, where the most probable part is a clasper
    """

    rays: np.ndarray
    depth: np.ndarray
    claspers: np.ndarray


def list_detections(
    instances: InstanceMap,
    ids: np.ndarray,
    letterbox: Letterbox,
    names: tuple[str, ...],
    threshold: float,
    geometry: CellGeometry | None,
) -> list[Detection]:
    """Return the instruments whose score reaches a threshold, those with a mask first.

    An instrument with a mask has the box of its mask; its score is that of ``instances.Instance``. One that only the
    detector sees has the detector's box and heat and the instance id -1.

    :param ids: (H, W) uint8 instance id per pixel of the image
    :param names: class names by id
    :param geometry: None without a calibrated camera: position, extent and tip are then unknown
    """
    detections = []
    for instance_id, item in enumerate(instances.items, start=1):
        cells = instances.ids == instance_id
        box = _box_of_mask(ids, instance_id, cells, letterbox)
        if item.score >= threshold and box is not None:
            surface = _surface(cells, geometry)
            name = names[item.class_id]
            detections.append(Detection(item.class_id, name, item.score, instance_id, box, *surface, item.class_scores))
    for peak in instances.loose_peaks:
        box = _box_of_peak(peak, letterbox)
        if peak.heat >= threshold and box is not None:
            detections.append(Detection(peak.class_id, names[peak.class_id], peak.heat, -1, box))
    return detections


def _surface(cells: np.ndarray, geometry: CellGeometry | None) -> Surface:
    if geometry is None:
        return Surface()
    return measure_surface(cells, geometry.rays, geometry.depth, geometry.claspers)


def _box_of_mask(ids: np.ndarray, instance_id: int, cells: np.ndarray, letterbox: Letterbox) -> Box | None:
    """Return the box of an instance in the image, looked for where its cells are; None where no pixel is left of it."""
    x, y, width, height = cv2.boundingRect(cells.astype(np.uint8))
    edges = np.array([x - 1, y - 1, x + width + 1, y + height + 1]) * MAP_STRIDE - 0.5  # with one cell around
    left, top, right, bottom = _whole_pixels(edges, letterbox)
    window = cv2.inRange(ids[top:bottom, left:right], instance_id, instance_id)
    x, y, width, height = cv2.boundingRect(window)
    return Box(left + x, top + y, width, height) if width else None


def _box_of_peak(peak: Peak, letterbox: Letterbox) -> Box | None:
    left, top, right, bottom = _whole_pixels(peak.box, letterbox)
    return Box(left, top, right - left, bottom - top) if right > left and bottom > top else None


def _whole_pixels(edges: np.ndarray, letterbox: Letterbox) -> list[int]:
    """Return first and last + 1 column and row, inside the image, of a box in pixels of the network's input."""
    return np.round(letterbox.boxes_to_image(edges) + 0.5).astype(int).tolist()
