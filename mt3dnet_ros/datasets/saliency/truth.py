"""Saliency and scanpath of a frame, from its masks and those of the frame before."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np

from mt3dnet_ros.datasets.frames import DatasetError, LabelledFrame
from mt3dnet_ros.datasets.saliency.maps import BLUR, SPACING, fixation_points, saliency_map
from mt3dnet_ros.datasets.saliency.scanpath import LabelledFixation, scanpath, weights_of_ends
from mt3dnet_ros.datasets.saliency.working_ends import WorkingEnd, predecessors, working_ends
from mt3dnet_ros.errors import InputError


@dataclass(frozen=True)
class AttentionRules:
    """What saliency and scanpath depend on, beside the masks.

    :param ids_persist: whether an instance keeps its id from frame to frame
    :param seed: of the fixations' jitter
    :param spacing: of the fixations, and ``blur`` the deviation of the map's Gaussian, in image widths
    """

    ids_persist: bool
    seed: int = 0
    spacing: float = SPACING
    blur: float = BLUR

    def __post_init__(self) -> None:
        """Refuse lengths of nothing."""
        if self.spacing <= 0 or self.blur <= 0:
            raise InputError(f'spacing {self.spacing} and blur {self.blur} must be above 0, in image widths')


@dataclass(frozen=True)
class AttentionLabel:
    """Ground truth of where to look in a frame.

    :param saliency: (H, W) uint8, 255 at its highest, 0 everywhere without an instrument
    :param scanpath: in visiting order
    :param fixations: pixels (N, 2) of each instrument that the map was made of, in order of the scanpath
    """

    saliency: np.ndarray
    scanpath: tuple[LabelledFixation, ...]
    fixations: tuple[np.ndarray, ...]


def attention(frame: LabelledFrame, before: LabelledFrame, rules: AttentionRules) -> AttentionLabel:
    """Return where to look in a frame that follows another.

    :raises DatasetError: one has no types, parts or instances, or the two are not of one size
    """
    now, then = working_ends(frame), working_ends(before)
    shape = (frame.image.shape[0], frame.image.shape[1])
    if before.image.shape[:2] != shape:
        raise DatasetError(f"frames '{before.name}' and '{frame.name}' must be of one size, they follow one another")
    weights = weights_of_ends(now, predecessors(now, then, rules.ids_persist))
    path = scanpath(now, weights)
    ends = {end.instance: end for end in now}
    points = tuple(_points(frame.name, ends[stop.instance], shape[1], rules) for stop in path)
    saliency = saliency_map(points, np.array([stop.weight for stop in path]), shape, rules.blur * shape[1])
    return AttentionLabel(saliency, path, points)


def _points(name: str, end: WorkingEnd, width: int, rules: AttentionRules) -> np.ndarray:
    rng = np.random.default_rng([rules.seed, zlib.crc32(name.encode()), end.instance])
    return fixation_points(rng, end, max(1.0, rules.spacing * width))
