"""Whether a picture is blank: one colour, or grain without structure. No network is needed to say so."""

from __future__ import annotations

import math

import cv2
import numpy as np

from mt3dnet_ros.perception.visible_area import VisibleArea, find_visible_area

SAMPLES = 64  # along the shorter side of a picture, that are looked at
_PLAIN = 12  # of 255, that noise and compression may change a plain picture
_MOST = 0.98  # of a plain picture's samples; a clock or a sign may be written on it
_DEVIATION = 40.0  # of 255, that a plain picture with a sign never reaches: sqrt(0.98 * 12^2 + 0.02 * 255^2) = 38
_BLACK = 24  # of 255, as for borders
_SIDE = 4  # samples along each side of a block
_ROUNDING = 1.0  # of 255, squared: what storing whole numbers may add to the variance of blocks
_ERRORS = 4.0  # standard errors, by which the blocks of mere grain may vary more than expected
_LARGEST_RATIO = 2.0  # of both variances, however few the blocks


def sample(rgb: np.ndarray, visible: VisibleArea | None = None) -> np.ndarray:
    """Return pixels on a regular grid within the surround, (h, w, 3) uint8, 64 to 127 along the shorter side.

    :param rgb: (H, W, 3) uint8; a smaller one is returned whole
    :param visible: of the picture; None to look for it
    """
    area = visible or find_visible_area(rgb)
    shown = rgb[area.inner_box]
    step = max(1, min(shown.shape[:2]) // SAMPLES)
    return np.ascontiguousarray(shown[::step, ::step])


def is_blank(samples: np.ndarray) -> bool:
    """Return whether a picture, of which samples are given, is of one colour or mere grain."""
    return plain_color(samples) is not None or is_grain(samples)


def plain_color(samples: np.ndarray) -> tuple[int, int, int] | None:
    """Return red, green and blue of a picture of one colour, a small sign on it or not; None of any other.

    :param samples: (h, w, 3) uint8
    """
    if cv2.meanStdDev(samples)[1].max() > _DEVIATION:
        return None
    pixels = samples.reshape(-1, 3)
    red, green, blue = (int(value) for value in np.median(pixels, axis=0))
    low = [max(value - _PLAIN, 0) for value in (red, green, blue)]
    high = [min(max(value + _PLAIN, _BLACK), 255) for value in (red, green, blue)]
    plain = cv2.countNonZero(cv2.inRange(samples, np.array(low), np.array(high)))
    return (red, green, blue) if plain >= _MOST * len(pixels) else None


def is_grain(samples: np.ndarray) -> bool:
    """Return whether neighbouring samples have nothing in common, as in the noise of a sensor or of an open line.

    The means of blocks of n independent samples vary by a part n of their variance; structure of any kind makes them
    vary more. Four standard errors, sqrt(2 / blocks) each, are allowed.

    :param samples: (h, w, 3) uint8
    """
    rows, columns = (side // _SIDE for side in samples.shape[:2])
    count = rows * columns
    if count < 2:
        return False
    whole = np.ascontiguousarray(samples[: rows * _SIDE, : columns * _SIDE])
    means = cv2.resize(whole.astype(np.float32), (columns, rows), interpolation=cv2.INTER_AREA)
    between, all_over = (float((cv2.meanStdDev(values)[1] ** 2).sum()) for values in (means, whole))
    ratio = min(1.0 + _ERRORS * math.sqrt(2.0 / (count - 1)), _LARGEST_RATIO)
    return between <= ratio * all_over / _SIDE**2 + _ROUNDING
