"""The list of instruments of a frame."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from mt3dnet_ros.perception.instruments.instances import InstanceMap
from mt3dnet_ros.perception.instruments.peaks import Peak
from mt3dnet_ros.perception.instruments.surface import measure_surface
from mt3dnet_ros.perception.overlay import Window
from mt3dnet_ros.perception.preprocess import MAP_STRIDE, Letterbox
from mt3dnet_ros.perception.scale.depth_scale import GUESS, DepthScale
from mt3dnet_ros.perception.scene import Box, Detection, Track


@dataclass(frozen=True)
class CellGeometry:
    """What is needed to place instruments in space, per cell of the network's output.

    :param rays: (h, w, 3) optical frame, z = 1
    :param depth: (h, w) metres, NaN where unknown
    :param claspers: (h, w) bool, where the most probable part is a clasper
    :param scale: of the depth
    """

    rays: np.ndarray
    depth: np.ndarray
    claspers: np.ndarray
    scale: DepthScale = GUESS


def list_instruments(
    instances: InstanceMap,
    ids: np.ndarray,
    windows: Sequence[Window],
    letterbox: Letterbox,
    names: tuple[str, ...],
    threshold: float,
) -> list[Detection]:
    """Return the instruments whose score reaches a threshold, those with a mask first; nothing is known of places.

    An instrument with a mask has the box of its mask; its score is that of ``instances.Instance``. One that only the
    detector sees has the detector's box and heat and the instance id -1.

    :param ids: (H, W) uint8 instance id per pixel of the image
    :param windows: rows and columns of the image, of instance 1 and so on, outside of which it is not
    :param names: class names by id
    """
    detections = []
    for instance_id, (item, window) in enumerate(zip(instances.items, windows, strict=True), start=1):
        box = _box_of_mask(ids, instance_id, window)
        if item.score >= threshold and box is not None:
            found = Detection(item.class_id, names[item.class_id], item.score, instance_id, box)
            scores, probability = item.class_scores, item.type_probability
            detections.append(replace(found, class_scores=scores, type_probability=probability))
    for peak in instances.loose_peaks:
        box = _box_of_peak(peak, letterbox)
        if peak.heat >= threshold and box is not None:
            detections.append(Detection(peak.class_id, names[peak.class_id], peak.heat, -1, box))
    return detections


def place(instrument: Detection, ids: np.ndarray, geometry: CellGeometry) -> Detection:
    """Return an instrument with its place in space, where it has a mask.

    :param ids: (h, w) uint8 instance id per cell
    """
    if instrument.instance_id < 1:
        return instrument
    surface = measure_surface(ids == instrument.instance_id, geometry.rays, geometry.depth, geometry.claspers)
    scale = geometry.scale
    return replace(
        instrument,
        **surface._asdict(),
        # Depth errs by a share of itself.
        position_deviation=math.hypot(*surface.position) * scale.deviation_of(instrument.instance_id),
        axis=scale.axes.get(instrument.instance_id),
    )


def with_track(detection: Detection, track: Track | None) -> Detection:
    """Return a detection as its track knows it: what it is called, since when, and how its tip moves."""
    if track is None:
        return detection
    return replace(
        detection,
        class_id=track.class_id,
        class_name=track.class_name,
        type_probability=track.class_probability,
        track_id=track.id,
        track_age=track.age,
        tip_velocity=track.tip_velocity,
        tip_covariance=track.tip_covariance,
    )


def _box_of_mask(ids: np.ndarray, instance_id: int, window: Window) -> Box | None:
    """Return the box of an instance in the image; None where no pixel is left of it."""
    rows, columns = window
    x, y, width, height = cv2.boundingRect(cv2.inRange(ids[window], instance_id, instance_id))
    return Box(columns.start + x, rows.start + y, width, height) if width else None


def pixels_around(cells: np.ndarray, letterbox: Letterbox, around: int = 1) -> tuple[slice, slice]:
    """Return the rows and columns of the image that cells (h, w) uint8 other than 0 cover, with some cells around."""
    x, y, width, height = cv2.boundingRect(cells)
    low, high = (x - around, y - around), (x + width + around, y + height + around)
    left, top, right, bottom = _whole_pixels(np.array([*low, *high]) * MAP_STRIDE - 0.5, letterbox)
    return slice(top, bottom), slice(left, right)


def _box_of_peak(peak: Peak, letterbox: Letterbox) -> Box | None:
    left, top, right, bottom = _whole_pixels(peak.box, letterbox)
    return Box(left, top, right - left, bottom - top) if right > left and bottom > top else None


def _whole_pixels(edges: np.ndarray, letterbox: Letterbox) -> list[int]:
    """Return first and last + 1 column and row, inside the image, of a box in pixels of the network's input."""
    return np.round(letterbox.boxes_to_image(edges) + 0.5).astype(int).tolist()
