"""The detector's peaks."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from mt3dnet_ros.models.grid import COARSE_STRIDE
from mt3dnet_ros.models.tasks import Prediction
from mt3dnet_ros.perception.maps import first_image
from mt3dnet_ros.perception.preprocess import Letterbox

_LEAST_HEAT = 0.1
_LEAST_LOGIT = float(np.log(_LEAST_HEAT / (1.0 - _LEAST_HEAT)))
_MOST_PEAKS = 32
_AROUND = np.arange(-1, 2)


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
    logits = first_image(prediction.heat, (-(-height // COARSE_STRIDE), -(-width // COARSE_STRIDE)))
    maxima = _maxima(logits)
    strongest = np.argsort(-logits[maxima], kind='stable')[:_MOST_PEAKS]
    classes, rows, columns = (places[strongest] for places in maxima)
    heat = 1.0 / (1.0 + np.exp(-logits[classes, rows, columns]))
    points = np.stack([columns, rows], axis=-1) * COARSE_STRIDE + 0.5 * (COARSE_STRIDE - 1)
    distances = prediction.boxes[0][:, rows, columns].T
    boxes = np.concatenate([points - distances[:, :2], points + distances[:, 2:]], axis=1)
    return [Peak(*peak) for peak in zip((classes + 1).tolist(), heat.tolist(), boxes, strict=True)]


def _maxima(logits: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return planes, rows and columns of the local maxima of logits (C, h, w), of those that are hot enough.

    Few cells are hot: only these are compared with their neighbours.
    """
    classes, rows, columns = (logits > _LEAST_LOGIT).nonzero()
    near_rows, near_columns = (
        np.minimum(np.maximum(places[:, None] + _AROUND, 0), size - 1)
        for places, size in ((rows, logits.shape[1]), (columns, logits.shape[2]))
    )
    largest = logits[classes[:, None, None], near_rows[:, :, None], near_columns[:, None]].max(
        axis=(1, 2), initial=-np.inf
    )
    is_peak = logits[classes, rows, columns] == largest
    return classes[is_peak], rows[is_peak], columns[is_peak]


def overlap(first: np.ndarray, second: np.ndarray) -> float:
    """Return the intersection of two boxes over the smaller of them."""
    (a, b, c, d), (e, f, g, h) = first.tolist(), second.tolist()
    shared = max(min(c, g) - max(a, e), 0.0) * max(min(d, h) - max(b, f), 0.0)
    return float(shared / max(min((c - a) * (d - b), (g - e) * (h - f)), 1e-9))


def suppress(peaks: list[Peak], most_overlap: float = 0.5) -> list[Peak]:
    """Return the peaks, in order, whose boxes overlap little with those of the ones before them, whatever the class."""
    kept: list[Peak] = []
    for peak in peaks:
        if all(overlap(peak.box, other.box) < most_overlap for other in kept):
            kept.append(peak)
    return kept
