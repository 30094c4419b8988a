"""What the camera has seen from where, so that it finds itself again after a cut."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

_SIZE = 32, 24  # pixels of what is kept of a picture
_LEAST_MOTION = 0.01  # metres, or as much seen from there: nearer poses are not kept
_MOST = 200


class _Keyframe(NamedTuple):
    picture: np.ndarray
    pose: np.ndarray


class Keyframes:
    """Small pictures with the poses of their camera."""

    def __init__(self) -> None:
        self._kept: list[_Keyframe] = []

    def add(self, rgb: np.ndarray, pose: np.ndarray) -> None:
        """Keep a picture, (h, w, 3) uint8, where none was kept from about this pose (4, 4)."""
        if any(_distance(kept.pose, pose) < _LEAST_MOTION for kept in self._kept):
            return
        self._kept.append(_Keyframe(_small(rgb), pose))
        del self._kept[:-_MOST]

    def likeliest(self, rgb: np.ndarray, count: int) -> list[np.ndarray]:
        """Return the poses from which the most similar pictures were seen, the likeliest first."""
        small = _small(rgb)
        return [kept.pose for kept in sorted(self._kept, key=lambda kept: -float((kept.picture * small).sum()))[:count]]


def _small(rgb: np.ndarray) -> np.ndarray:
    gray = cv2.resize(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), _SIZE, interpolation=cv2.INTER_AREA).astype(np.float32)
    gray -= gray.mean()
    return gray / max(1e-6, float(np.linalg.norm(gray)))


def _distance(one: np.ndarray, other: np.ndarray) -> float:
    """Return how far apart two poses are in metres: of their places, and of what they see 0.1 m ahead."""
    ahead = np.array([[0.0, 0.0, 0.0, 1.0], [0.0, 0.0, 0.1, 1.0]])
    return float(np.linalg.norm(ahead @ (one - other).T, axis=-1).max())
