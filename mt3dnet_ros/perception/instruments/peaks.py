"""The detector's peaks."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from mt3dnet_ros.models.heads import DETECTION_STRIDE
from mt3dnet_ros.models.tasks import Prediction
from mt3dnet_ros.perception.maps import to_numpy
from mt3dnet_ros.perception.preprocess import Letterbox

_LEAST_HEAT = 0.1
_MOST_PEAKS = 32


class Peak(NamedTuple):
    """One peak of the heat map: a guess of the detector.

    :param heat: probability in [0, 1]
    :param box: (4,) left, top, right and bottom edges in pixels of the network's input
    """

    class_id: int
    heat: float
    box: np.ndarray


def find_peaks(prediction: Prediction, letterbox: Letterbox) -> list[Peak]:
    """Return the local maxima of the heat maps inside the image, the strongest first.

    A box edge lies at the cell's point plus the predicted distance (Tian et al., FCOS, 2019); a cell is a peak where it
    is the largest of its 3 x 3 neighbours (Zhou et al., Objects as Points, 2019), which makes suppression needless.
    """
    height, width = letterbox.content_size
    size = -(-height // DETECTION_STRIDE), -(-width // DETECTION_STRIDE)
    logits, distances = to_numpy(prediction.heat, size), to_numpy(prediction.boxes, size)
    peaks = []
    for class_id, plane in enumerate(logits, start=1):
        for row, column in zip(*_maxima(plane), strict=True):
            point = np.array([column, row]) * DETECTION_STRIDE + 0.5 * (DETECTION_STRIDE - 1)
            left, top, right, bottom = distances[:, row, column]
            box = np.concatenate([point - (left, top), point + (right, bottom)])
            peaks.append(Peak(class_id, float(1.0 / (1.0 + np.exp(-plane[row, column]))), box))
    return sorted(peaks, key=lambda peak: -peak.heat)[:_MOST_PEAKS]


def _maxima(plane: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return rows and columns of the local maxima of logits, the strongest first, of those that are hot enough."""
    largest_around = cv2.dilate(plane, np.ones((3, 3), np.uint8))
    is_peak = (plane > np.log(_LEAST_HEAT / (1.0 - _LEAST_HEAT))) & (plane == largest_around)
    rows, columns = is_peak.nonzero()
    strongest = np.argsort(-plane[rows, columns], kind='stable')[:_MOST_PEAKS]
    return rows[strongest], columns[strongest]


def overlap(first: np.ndarray, second: np.ndarray) -> float:
    """Return the intersection of two boxes over the smaller of them."""
    sides = np.minimum(first[2:], second[2:]) - np.maximum(first[:2], second[:2])
    smaller = min(np.prod(first[2:] - first[:2]), np.prod(second[2:] - second[:2]))
    return float(np.prod(np.maximum(sides, 0.0)) / max(smaller, 1e-9))


def suppress(peaks: list[Peak], most_overlap: float = 0.5) -> list[Peak]:
    """Return the peaks, in order, whose boxes overlap little with those of the ones before them, whatever the class."""
    kept: list[Peak] = []
    for peak in peaks:
        if all(overlap(peak.box, other.box) < most_overlap for other in kept):
            kept.append(peak)
    return kept
