"""One factor from many matches."""

from __future__ import annotations

import math

import numpy as np

_TILE = 10  # cells along each side
_MAD_TO_DEVIATION = 1.4826  # of a normal distribution: standard deviation over median absolute deviation
MEDIAN_TO_MEAN = math.sqrt(0.5 * math.pi)  # standard deviation of a median over that of a mean
_UNSEEN = 0.2  # of the variance of shape that is left to what no match was found for; judged on rendered pairs
CALIBRATION = 0.01  # of focal length times baseline, as calibrations of endoscopes are good to


class LogRatios:
    """Depth by both eyes against that of the network, per cell of its output.

    :param eyes: (h, w) metres, NaN where unknown
    :param network: (h, w) metres, NaN where unknown
    """

    def __init__(self, eyes: np.ndarray, network: np.ndarray) -> None:
        self.values = np.log(eyes / network)
        self.known = np.isfinite(self.values)
        self.found = self.values[self.known]
        self.network = network[self.known]
        self.share = len(self.found) / max(np.isfinite(network).sum(), 1)

    @property
    def spread(self) -> float:
        """Standard deviation of single matches, estimated robustly."""
        return spread(self.found)


def consensus(ratios: LogRatios) -> tuple[float, float, float]:
    """Return the logarithm of the factor, its standard deviation, and the part of that which the matches make.

    Matches side by side share the error of the network's shape: not they are counted, but the tiles of the picture that
    have some. What no match was found for may have another factor. To that comes what the calibration may be wrong by,
    which no number of matches takes away.
    """
    medians = _medians_of_tiles(ratios)
    variance = 1.0 / len(medians) + _UNSEEN * (1.0 - ratios.share) ** 2
    sampling = MEDIAN_TO_MEAN * spread(medians) * math.sqrt(variance)
    return float(np.median(ratios.found)), math.hypot(sampling, CALIBRATION), sampling


def _medians_of_tiles(ratios: LogRatios) -> np.ndarray:
    """Return the median of every tile that has a match; of an even number, the larger one in the middle."""
    rows, columns = ratios.known.nonzero()
    tiles = rows // _TILE * ratios.known.shape[1] + columns // _TILE
    ordered = ratios.found[np.lexsort((ratios.found, tiles))]
    counts = np.bincount(tiles)
    counts = counts[counts > 0]
    return ordered[np.cumsum(counts) - counts + counts // 2]


def spread(values: np.ndarray) -> float:
    """Return the standard deviation of values, estimated robustly."""
    return _MAD_TO_DEVIATION * float(np.median(np.abs(values - np.median(values))))
