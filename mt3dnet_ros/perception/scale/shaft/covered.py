"""Whether what lies between both lines is one shaft, by the mask."""

from __future__ import annotations

import numpy as np

from mt3dnet_ros.perception.scale.shaft.outline import OTHER, PART
from mt3dnet_ros.perception.scale.shaft.region import ShaftCells
from mt3dnet_ros.perception.scale.shaft.silhouette import Silhouette, UnfitSilhouetteError

_MOST_OTHER = 0.15  # of the cells
_MOST_PARTS = 0.3  # a collar is often taken for a wrist, and lies on the shaft


def check_covered(silhouette: Silhouette, cells: ShaftCells, instances: np.ndarray) -> None:
    """Refuse a silhouette of which too much is not this instrument, or not its shaft.

    :param instances: (h, w) instance id per cell
    :raises UnfitSilhouetteError: with the reason
    """
    strip, (low, high) = silhouette.strip, (silhouette.low, silhouette.high)
    x, y = cells.rays[..., 0] - strip.centre[0], cells.rays[..., 1] - strip.centre[1]
    t, s = strip.along[0] * x + strip.along[1] * y, strip.across[0] * x + strip.across[1] * y
    inside = np.abs(t) <= strip.half_length
    inside &= (s > low.offset + low.slope * t) & (s < high.offset + high.slope * t)
    count = int(np.count_nonzero(inside))
    if np.count_nonzero(inside & ~cells.instrument & (instances > 0)) > _MOST_OTHER * count:
        raise UnfitSilhouetteError(OTHER)
    if np.count_nonzero(inside & cells.instrument & ~cells.shaft) > _MOST_PARTS * count:
        raise UnfitSilhouetteError(PART)
