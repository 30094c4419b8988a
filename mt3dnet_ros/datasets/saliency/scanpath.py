"""Scanpaths: instruments in the order in which the eye visits them, by their change of size and their motion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mt3dnet_ros.datasets.saliency.working_ends import WorkingEnd

STATIC = 0.25  # pixels: the least displacement; a centre is not known more exactly, and log 0 is not known at all


@dataclass(frozen=True)
class LabelledFixation:
    """One stop of a scanpath.

    :param order: from 1
    :param instance: the instrument's id in its frame
    :param class_id: its type, in the data set's numbering
    :param pixel: x and y, on its wrist or clasper
    :param weight: how much it attracts the eye, see ``attention_weights``
    """

    order: int
    instance: int
    class_id: int
    pixel: tuple[int, int]
    weight: float


def scanpath(ends: Sequence[WorkingEnd], weights: np.ndarray) -> tuple[LabelledFixation, ...]:
    """Return the working ends in order of falling weight, each at its centre; of equal weights, the larger first."""
    ranked = sorted(zip(ends, weights, strict=True), key=lambda pair: (-pair[1], -pair[0].size, pair[0].instance))
    return tuple(
        LabelledFixation(order, end.instance, end.class_id, end.nearest_pixel(end.centre), float(weight))
        for order, (end, weight) in enumerate(ranked, start=1)
    )


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


def weights_of_ends(now: Sequence[WorkingEnd], before: Sequence[WorkingEnd | None]) -> np.ndarray:
    """Return the weight of each working end, (N,); one that has just come counts as static and of unchanged size.

    :param before: the same ends one frame earlier
    """
    changes = [(1.0, 0.0) if old is None else _change(end, old) for end, old in zip(now, before, strict=True)]
    deformations, displacements = np.array(changes, float).reshape(-1, 2).T
    return attention_weights(deformations, displacements)


def _change(now: WorkingEnd, before: WorkingEnd) -> tuple[float, float]:
    least, largest = sorted((now.size, before.size))
    return largest / least, float(np.linalg.norm(now.centre - before.centre))
