"""The depth of a cylinder against that of the network."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from mt3dnet_ros.perception.scale.shaft.cylinder import Cylinder
from mt3dnet_ros.perception.scale.shaft.silhouette import Silhouette, UnfitSilhouetteError
from mt3dnet_ros.perception.scale.shaft.statistics import median

_INNER = 0.7  # of the half width: beside it the network's depth blends into that of the tissue
_LEAST_CELLS = 4


class DepthRatio(NamedTuple):
    """Of a shaft's visible surface.

    :param log_factor: median logarithm of the cylinder's depth over the network's
    :param deviation: standard deviation of the single cells' logarithms
    """

    log_factor: float
    deviation: float


def compare_depth(
    cylinder: Cylinder, silhouette: Silhouette, rays: np.ndarray, depth: np.ndarray, shaft: np.ndarray
) -> DepthRatio:
    """Compare the front of a cylinder with the network's depth, cell by cell, along the part that was measured.

    :param rays: (h, w, 3) of the cells' centres, z = 1
    :param depth: (h, w) metres, NaN where unknown
    :param shaft: (h, w) bool, the cells of this shaft
    :raises UnfitSilhouetteError: when the network's depth is unknown there
    """
    seen = rays[shaft].astype(np.float64)
    along = (seen[:, :2] - silhouette.strip.centre) @ silhouette.strip.along
    front, off_axis = cylinder.front(seen)
    ratio = np.log(front / depth[shaft])
    ratio = ratio[(np.abs(along) <= silhouette.strip.half_length) & (off_axis < _INNER) & np.isfinite(ratio)]
    if len(ratio) < _LEAST_CELLS:
        raise UnfitSilhouetteError('the depth of the network is unknown there')
    middle = median(ratio)
    return DepthRatio(middle, 1.4826 * median(np.abs(ratio - middle)))
