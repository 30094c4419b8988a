"""Agreement of two maps pixel by pixel.

Definitions: Bylinskii et al. 2019, What do different evaluation metrics tell us about saliency models?, and the code of
the MIT saliency benchmark.
"""

from __future__ import annotations

import numpy as np

from mt3dnet_ros.metrics.saliency.maps import standardised, unit_mass, unit_range

KL_EPSILON = float(np.finfo(np.float64).eps)  # the benchmark's, MATLAB's eps


def nss(saliency: np.ndarray, fixations: np.ndarray) -> float:
    """Return the normalised scanpath saliency: mean of the standardised map over fixated pixels (Peters et al. 2005).

    Chance is 0, also for a map without contrast.

    :param saliency: (H, W)
    :param fixations: (H, W) bool
    :returns: NaN where nothing is fixated
    """
    return float(standardised(saliency)[fixations].mean()) if fixations.any() else float('nan')


def correlation(saliency: np.ndarray, truth: np.ndarray) -> float:
    """Return Pearson's correlation coefficient CC, in [-1, 1]; 0 for a prediction without contrast.

    :param saliency: (H, W) and ``truth``
    :returns: NaN where the truth has no contrast
    """
    if np.ptp(truth) == 0.0:
        return float('nan')
    return float((standardised(saliency) * standardised(truth)).mean())


def similarity(saliency: np.ndarray, truth: np.ndarray) -> float:
    """Return SIM, the sum over pixels of the smaller of both maps, each scaled to [0, 1] and then to unit mass.

    1 for equal maps, 0 for maps that share no pixel. Also known as histogram intersection.

    :param saliency: (H, W) and ``truth``
    :returns: NaN where the truth is empty
    """
    if not truth.any():
        return float('nan')
    return float(np.minimum(unit_mass(unit_range(saliency)), unit_mass(unit_range(truth))).sum())


def kl_divergence(saliency: np.ndarray, truth: np.ndarray) -> float:
    """Return the Kullback-Leibler divergence of the prediction from the truth, nats; 0 for equal maps.

    Sum over pixels of t log(e + t / (e + p)) with maps of unit mass, by the benchmark's convention: e, 2.2e-16, bounds
    what a missed pixel can cost.

    :param saliency: (H, W) and ``truth``, not negative
    :returns: NaN where the truth is empty
    """
    if not truth.any():
        return float('nan')
    p, t = unit_mass(saliency), unit_mass(truth)
    return float((t * np.log(KL_EPSILON + t / (KL_EPSILON + p))).sum())
