"""How well a frame fits the surface, and how its depth has to be scaled for it: a network's scale wavers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from mt3dnet_ros.reconstruction.tissue_view import TissueView

if TYPE_CHECKING:  # it needs open3d
    from mt3dnet_ros.reconstruction.surface import SurfaceLook

_LEAST_OVERLAP = 0.2  # of what a frame shows
_MAD_TO_DEVIATION = 1.4826  # of a normal distribution
_GATE = 3.0  # deviations beyond which a cell tells nothing: tissue that has moved, or an edge
_LEAST_CONTRAST = 0.5  # grey levels
_LEAST_DEVIATION = 0.002  # of the logarithm


@dataclass(frozen=True)
class ScaleAlignment:
    """A frame's depth against the surface.

    :param factor: on the frame's depth; 1 where too little of the surface is in view
    :param overlap: share of the frame's known depth behind which there is surface
    :param deviation: of the logarithm of surface over depth from cell to cell; NaN where too little is in view
    """

    factor: float = 1.0
    overlap: float = 0.0
    deviation: float = math.nan


def align(depth: np.ndarray, surface: np.ndarray) -> ScaleAlignment:
    """Return what a frame's depth has to be multiplied with: the median over what agrees.

    :param depth: (h, w) metres, 0 where unknown
    :param surface: (h, w) metres as the same camera sees it, 0 where there is none
    """
    known, both = depth > 0.0, (depth > 0.0) & (surface > 0.0)
    overlap = float(both.sum()) / max(1, int(known.sum()))
    if overlap < _LEAST_OVERLAP:
        return ScaleAlignment(overlap=overlap)
    ratios = np.log(surface[both] / depth[both])
    middle = float(np.median(ratios))
    deviation = max(_LEAST_DEVIATION, _MAD_TO_DEVIATION * float(np.median(np.abs(ratios - middle))))
    agreeing = ratios[np.abs(ratios - middle) <= _GATE * deviation]
    return ScaleAlignment(math.exp(float(agreeing.mean())), overlap, deviation)


def likeness(view: TissueView, seen: SurfaceLook) -> float:
    """Return how alike a frame and the surface look: the correlation of their brightness, -1 to 1; 0 without overlap.

    :param seen: the surface as the same camera sees it
    """
    both = view.known & (seen.depth > 0.0)
    here, there = (cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)[both].astype(np.float32) for rgb in (view.rgb, seen.rgb))
    if not both.any() or min(here.std(), there.std()) < _LEAST_CONTRAST:
        return 0.0
    return float(np.corrcoef(here, there)[0, 1])
