"""How much each instrument attracts the eye: by its change of size and its motion since the frame before."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mt3dnet_ros.datasets.saliency.working_ends import WorkingEnd

STATIC = 0.25  # pixels: the least displacement; a centre is not known more exactly, and log 0 is not known at all


def attention_weights(deformations: np.ndarray, displacements: np.ndarray) -> np.ndarray:
    """Return the weight of each of N instruments in a frame, (N,).

    ``w_i = 0.5 mu_i / min mu + 0.5 log(2 d_i / min d)``: Islam et al., Learning Where to Look While Tracking
    Instruments in Robot-assisted Surgery (MICCAI 2019, arXiv 1907.00214), Eq. 2, with the natural logarithm.

    :param deformations: (N,) mu, the larger size of two frames over the smaller, at least 1
    :param displacements: (N,) d in pixels; below ``STATIC`` they count as ``STATIC``
    """
    if len(deformations) == 0:
        return np.zeros(0)
    moved = np.maximum(displacements, STATIC)
    return 0.5 * deformations / deformations.min() + 0.5 * np.log(2 * moved / moved.min())


def weigh(now: Sequence[WorkingEnd], before: Sequence[WorkingEnd | None]) -> np.ndarray:
    """Return the weight of each working end, (N,); one that has just come counts as static and of unchanged size.

    :param before: the same ends one frame earlier
    """
    changes = [(1.0, 0.0) if old is None else _change(end, old) for end, old in zip(now, before, strict=True)]
    deformations, displacements = np.array(changes, float).reshape(-1, 2).T
    return attention_weights(deformations, displacements)


def _change(now: WorkingEnd, before: WorkingEnd) -> tuple[float, float]:
    least, largest = sorted((now.size, before.size))
    return largest / least, float(np.linalg.norm(now.centre - before.centre))
