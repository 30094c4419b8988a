"""The silhouette of a shaft: two straight lines in the ideal image."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mt3dnet_ros.errors import MT3DNetError

_RIM = 0.015  # of the width, by which bright rims, blur and sleeves mislead both edges; measured on rendered frames


class UnfitSilhouetteError(MT3DNetError):
    """Why a silhouette tells nothing, for people."""


@dataclass(frozen=True)
class Strip:
    """A frame of reference along a shaft in the ideal image: the normalised coordinates x / z, y / z of no lens.

    A point is ``centre + t along + s across``, where ``across`` is ``along`` turned by a right angle.

    :param centre: (2,)
    :param along: (2,) unit vector, towards the tip
    :param half_length: of the shaft along t
    :param half_width: of the shaft along s
    """

    centre: np.ndarray
    along: np.ndarray
    half_length: float
    half_width: float

    @cached_property
    def across(self) -> np.ndarray:
        """Unit vector, (2,)."""
        return np.array([-self.along[1], self.along[0]])


@dataclass(frozen=True)
class EdgeLine:
    """One side of the silhouette, ``s = offset + slope t`` in a strip.

    :param offset: where t = 0, the middle of what was measured
    :param variance: of the offset; that of the slope is independent of it
    """

    offset: float
    slope: float
    variance: float
    slope_variance: float


@dataclass(frozen=True)
class Silhouette:
    """Both sides of a shaft.

    :param strip: whose centre is the middle of what was measured
    """

    strip: Strip
    low: EdgeLine
    high: EdgeLine

    @property
    def width(self) -> float:
        """In the middle, in focal lengths."""
        return self.high.offset - self.low.offset

    @property
    def log_deviation(self) -> float:
        """Standard deviation of the logarithm of the width, and so of the depth."""
        return math.hypot(math.sqrt(self.low.variance + self.high.variance) / self.width, _RIM)

    @property
    def middle_ray(self) -> np.ndarray:
        """Ray between both lines in the middle of what was measured, (3,), z = 1."""
        place = self.strip.centre + 0.5 * (self.low.offset + self.high.offset) * self.strip.across
        return np.array([*place, 1.0])

    @property
    def slope_deviation(self) -> float:
        """Standard deviation of the angle between both lines, radians."""
        return math.sqrt(self.low.slope_variance + self.high.slope_variance)

    def normals(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the inward unit normals, (3,), of the planes through the camera's centre and each line."""
        return _normal(self.strip, self.low), -_normal(self.strip, self.high)


def _normal(strip: Strip, line: EdgeLine) -> np.ndarray:
    in_image = strip.across - line.slope * strip.along
    normal = np.array([*in_image, -(in_image @ strip.centre) - line.offset])
    return normal / np.linalg.norm(normal)
