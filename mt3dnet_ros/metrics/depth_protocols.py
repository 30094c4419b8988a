"""Protocols of depth evaluation: which pixels and frames count, and how the prediction is scaled."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from mt3dnet_ros.errors import InputError

SCARED_RANGE = (1e-6, 0.150)  # metres: 1e-3 to 150 mm
LEAST_COVERAGE = 0.1  # the SCARED challenge rejects frames whose depth is known for less


class DepthPairs(NamedTuple):
    """Predicted and true depth, (N,) metres each, of the pixels of one frame that count."""

    prediction: np.ndarray
    target: np.ndarray


def known_pixels(prediction: np.ndarray, target: np.ndarray) -> DepthPairs:
    """Return the pixels whose true depth is known, as they are: no scaling, no clipping.

    :param prediction: (H, W) metres (and ``target``, 0 or NaN where unknown)
    :raises ValueError: the prediction is not finite there, or of another size
    """
    if prediction.shape != target.shape:
        raise InputError(f'depth maps have shapes {prediction.shape} and {target.shape}; resize the prediction first')
    known = target > 0.0
    pairs = DepthPairs(prediction[known], target[known])
    if not np.isfinite(pairs.prediction).all():
        raise InputError('predicted depth is NaN where the true depth is known; predict without a largest depth')
    return pairs


def median_scaled(pairs: DepthPairs, limits: tuple[float, float] = SCARED_RANGE) -> DepthPairs:
    """Return the pairs of the monocular protocol of SCARED (AF-SfMLearner, EndoDAC, DARES).

    Pixels with true depth strictly between two limits count; the frame's prediction is multiplied by the ratio of the
    medians of truth and prediction over them, then clipped to the limits. Blind to absolute scale.

    :param limits: metres
    """
    inside = (pairs.target > limits[0]) & (pairs.target < limits[1])
    prediction, target = pairs.prediction[inside], pairs.target[inside]
    if target.size == 0:
        return DepthPairs(prediction, target)
    scale = np.median(target) / max(float(np.median(prediction)), np.finfo(np.float32).tiny)
    return DepthPairs(np.clip(prediction * scale, *limits), target)


def coverage(target: np.ndarray) -> float:
    """Return the share of pixels whose true depth is known."""
    return float(np.count_nonzero(target > 0.0) / target.size)
