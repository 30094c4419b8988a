"""Saliency as a classifier of fixated pixels: areas under curves of hits over false alarms.

Definitions: Bylinskii et al. 2019, What do different evaluation metrics tell us about saliency models?
"""

from __future__ import annotations

import numpy as np

from mt3dnet_ros.metrics.saliency.maps import unit_range

_STEPS = np.linspace(0.0, 1.0, 11)


def auc_judd(saliency: np.ndarray, fixations: np.ndarray) -> float:
    """Return the area with pixels without fixation as false alarms (Judd et al. 2009); 0.5 is chance.

    It is the chance that a fixated pixel is more salient than one that is not, where equal ones count half. The
    original sets thresholds at the saliency of the n fixations only, after noise of 1e-7 against ties; straight lines
    between these make its area larger by at most 1 / (2 n).

    :param saliency: (H, W)
    :param fixations: (H, W) bool
    :returns: NaN where all pixels, or none, are fixated
    """
    fixated, others = saliency[fixations], np.sort(saliency[~fixations])
    if not fixated.size or not others.size:
        return float('nan')
    below, up_to = (np.searchsorted(others, fixated, side=side) for side in ('left', 'right'))
    return float((below + up_to).mean() / (2.0 * others.size))


def auc_borji(saliency: np.ndarray, fixations: np.ndarray) -> float:
    """Return the area with thresholds 0, 0.1 ... 1 on the map scaled to [0, 1] (Borji et al. 2013); 0.5 is chance.

    False alarms are any pixels, fixated or not. The original draws as many of them as there are fixations, 100 times,
    and averages; the area is linear in the rate of false alarms, so the rate over all pixels gives the same mean
    without drawing.

    :param saliency: (H, W)
    :param fixations: (H, W) bool
    :returns: NaN where nothing is fixated
    """
    return auc_shuffled(saliency, fixations, np.ones(saliency.shape))


def auc_shuffled(saliency: np.ndarray, fixations: np.ndarray, others: np.ndarray) -> float:
    """Return the area as ``auc_borji`` does, with fixations of other images as false alarms (Zhang et al. 2008).

    What fixations of all images share, as the middle of the picture, then gains nothing.

    :param saliency: (H, W)
    :param fixations: (H, W) bool
    :param others: (H, W) how often other images are fixated at each pixel
    :returns: NaN where nothing is fixated, here or in the others
    """
    if not fixations.any() or not others.any():
        return float('nan')
    levels = np.searchsorted(_STEPS, unit_range(saliency), side='right')
    return _area(_share_at_steps(levels, others), _share_at_steps(levels, fixations))


def _share_at_steps(levels: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the weighted share of pixels at or above each step, the highest step first."""
    mass = np.bincount(levels.ravel(), weights.ravel().astype(np.float64), len(_STEPS) + 1)
    share: np.ndarray = np.cumsum(mass[::-1])[: len(_STEPS)] / mass.sum()
    return share


def _area(false_alarms: np.ndarray, hits: np.ndarray) -> float:
    """Return the trapezoids' area below a curve from (0, 0) over rising points to (1, 1)."""
    x, y = np.concatenate([[0.0], false_alarms, [1.0]]), np.concatenate([[0.0], hits, [1.0]])
    return float((np.diff(x) * (y[1:] + y[:-1]) / 2.0).sum())
