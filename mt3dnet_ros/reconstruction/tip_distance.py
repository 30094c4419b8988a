"""How far the tips of instruments are from the tissue, as a camera sees its surface."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.geometry.rays import project, ray_grid


@dataclass(frozen=True)
class SeenTip:
    """Where the tip of a track is.

    :param place: metres, in the camera's optical frame
    :param covariance: (3, 3) of it, square metres; None where unknown
    """

    track_id: int
    place: tuple[float, float, float]
    covariance: np.ndarray | None = None


@dataclass(frozen=True)
class TipDistance:
    """How far the tip of a track is from the tissue.

    :param tip: metres, in the camera's optical frame, as ``nearest``, the nearest place of the surface
    :param distance: metres; below zero where the tip is behind the surface
    :param deviation: standard deviation of it, metres; NaN where that of the tip is unknown
    """

    track_id: int
    tip: tuple[float, float, float]
    nearest: tuple[float, float, float]
    distance: float
    deviation: float


def tip_distances(
    tips: Sequence[SeenTip], depth: np.ndarray, camera: Camera, deviation: float, factor: float = 1.0
) -> list[TipDistance]:
    """Return the distances of all tips whose place is known; none where no surface is in view.

    Only what the camera would see of the surface counts, and pixels are its places: a tip that touches is half a pixel
    off at most.

    :param depth: (h, w) metres along the optical axis of the surface, 0 where there is none
    :param camera: without distortion, of this size
    :param deviation: of the logarithm of that depth; NaN where unknown
    :param factor: on the tips' places, which brings them to the scale of the surface
    """
    known = depth > 0.0
    if not known.any():
        return []
    places = ray_grid(camera)[known] * depth[known][:, None]
    found = [_measure(tip, factor, places, depth, camera, deviation) for tip in tips]
    return [distance for distance in found if distance is not None]


def _measure(
    seen: SeenTip, factor: float, places: np.ndarray, depth: np.ndarray, camera: Camera, deviation: float
) -> TipDistance | None:
    tip = factor * np.array(seen.place)
    if not np.isfinite(tip).all():
        return None
    nearest = places[int(np.square(places - tip).sum(axis=1).argmin())].astype(float)
    away = tip - nearest
    length = float(np.linalg.norm(away))
    direction = away / length if length else np.array([0.0, 0.0, -1.0])
    of_surface = (0.0 if math.isnan(deviation) else deviation) * float(nearest[2]) * float(abs(direction[2]))
    return TipDistance(
        seen.track_id,
        _point(tip),
        _point(nearest),
        -length if _is_behind(tip, depth, camera) else length,
        math.hypot(_along(seen.covariance, direction, factor), of_surface),
    )


def _is_behind(tip: np.ndarray, depth: np.ndarray, camera: Camera) -> bool:
    """Return whether the surface is between the camera and the tip."""
    pixel = project(camera, tip)
    if not np.isfinite(pixel).all():
        return False
    column, row = np.round(pixel).astype(int)
    inside = 0 <= row < depth.shape[0] and 0 <= column < depth.shape[1]
    return bool(inside and 0.0 < depth[row, column] < tip[2])


def _along(covariance: np.ndarray | None, direction: np.ndarray, factor: float) -> float:
    """Return the standard deviation of a place along a direction (3,), metres; NaN where unknown."""
    if covariance is None:
        return math.nan
    return factor * math.sqrt(max(0.0, float(direction @ covariance @ direction)))


def _point(values: np.ndarray) -> tuple[float, float, float]:
    x, y, z = map(float, values)
    return x, y, z
