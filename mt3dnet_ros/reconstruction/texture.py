"""What of a picture stays the same while the light travels with the camera: brightness against that around it."""

from __future__ import annotations

import cv2
import numpy as np

_CONTRAST = 0.12  # what one standard deviation of the neighbourhood becomes, of the range of brightness
_LEAST_DEVIATION = 0.01  # of brightness, below which there is only noise
_LEAST_SHARE = 1e-3


def texture(rgb: np.ndarray, known: np.ndarray, neighbourhood: float) -> np.ndarray:
    """Return how much brighter each pixel is than its neighbourhood, in the deviations of that, (h, w) float32 0 to 1.

    An endoscope carries its light: tissue becomes brighter as it comes nearer, and as it comes to the middle.

    :param rgb: (h, w, 3) uint8
    :param known: (h, w) bool; others, as where there are instruments, do not count
    :param neighbourhood: share of the width: the window in which brightness is judged
    """
    side = max(3, round(neighbourhood * rgb.shape[1]))
    brightness = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY).astype(np.float32) / 255.0
    share = np.maximum(_around(known.astype(np.float32), side), _LEAST_SHARE)
    difference = np.where(known, brightness - _around(brightness * known, side) / share, 0.0)
    deviation = np.sqrt(np.maximum(0.0, _around(difference**2, side)) / share)
    return np.clip(0.5 + _CONTRAST * difference / np.maximum(deviation, _LEAST_DEVIATION), 0.0, 1.0).astype(np.float32)


def _around(values: np.ndarray, side: int) -> np.ndarray:
    return cv2.blur(values, (side, side))
