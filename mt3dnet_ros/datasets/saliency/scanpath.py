"""Scanpaths: instruments in the order in which the eye visits them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mt3dnet_ros.datasets.saliency.working_ends import WorkingEnd


@dataclass(frozen=True)
class Fixation:
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


def scanpath(ends: Sequence[WorkingEnd], weights: np.ndarray) -> tuple[Fixation, ...]:
    """Return the working ends in order of falling weight, each at its centre; of equal weights, the larger first."""
    ranked = sorted(zip(ends, weights, strict=True), key=lambda pair: (-pair[1], -pair[0].size, pair[0].instance))
    return tuple(
        Fixation(order, end.instance, end.class_id, end.nearest_pixel(end.centre), float(weight))
        for order, (end, weight) in enumerate(ranked, start=1)
    )
