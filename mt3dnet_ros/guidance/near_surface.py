"""The nearest surface of a depth image."""

from __future__ import annotations

import math

import numpy as np

NEAREST_SHARE = 0.01  # of the known pixels may be nearer: single wrong pixels stop nothing
KNOWN_SHARE = 0.5  # of all pixels must be known
MOST_SAMPLES = 20_000


def nearest_surface(depth: np.ndarray) -> float:
    """Return the depth of the nearest surface in metres; NaN where too little of the image is known.

    :param depth: (H, W) metres along the optical axis; not finite, or not above zero, where unknown
    """
    stride = math.ceil(math.sqrt(max(depth.size / MOST_SAMPLES, 1.0)))
    samples = depth[::stride, ::stride]
    known = samples[np.isfinite(samples) & (samples > 0.0)]
    if known.size < max(KNOWN_SHARE * samples.size, 1.0):
        return math.nan
    rank = int(NEAREST_SHARE * known.size)
    return float(np.partition(known, rank)[rank])
