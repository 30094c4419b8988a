"""Where the right eye sees what the left one sees."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from mt3dnet_ros.perception.scale.second_eye.views import EyeViews

_AGREEMENT = 0.5  # pixels; largest distance between a point and where the way to the right eye and back ends
_TEXTURE = 0.3  # grey levels; least mean change from one column to the next, above the grain of a camera
_STRIDE = 5  # pixels between the patches of 8 x 8 that are looked for
_WINDOW = 9  # pixels around a point in which texture counts


@dataclass(frozen=True)
class EyeMatches:
    """Matches of points that lie on a grid of the left eye's image.

    :param disparity: (h, w) pixels, columns by which a point lies farther left in the right view; NaN where there is no
        match
    :param row_offset: (h, w) rows by which it lies lower there; zero where the calibration is right
    :param depth: (h, w) metres along the left camera's axis; NaN also for points at infinity, and beyond
    :param tried: how many points have texture enough to be looked for
    """

    disparity: np.ndarray
    row_offset: np.ndarray
    depth: np.ndarray
    tried: int

    @property
    def found(self) -> np.ndarray:
        """Where there is a match, (h, w) bool."""
        return np.isfinite(self.disparity)


def match(views: EyeViews, rays: np.ndarray, finest: int) -> EyeMatches:
    """Match points by optical flow that leads back to where it began.

    :param rays: (h, w, 3) of the points, optical frame of the left camera, z = 1
    :param finest: the flow is found at ``1 / 2**finest`` of the views' resolution, to a fraction of a pixel
    """
    places, forward = views.rectification.position(rays)
    shift = _sampled(_flow(views.left, views.right, finest), places)
    end = _sampled(_flow(views.right, views.left, finest), places + shift)
    textured = _sampled(_texture(views.left), places) >= _TEXTURE
    agreed = textured & (np.abs(shift + end).max(axis=-1) < _AGREEMENT)
    disparity, row_offset = np.where(agreed, -shift[..., 0], np.nan), np.where(agreed, shift[..., 1], np.nan)
    beyond = disparity - views.rectification.offset
    depth = views.rectification.focal_baseline / (np.where(beyond > 0.0, beyond, np.nan) * forward)
    return EyeMatches(disparity, row_offset, depth, int(textured.sum()))


def _flow(first: np.ndarray, second: np.ndarray, finest: int) -> np.ndarray:
    """Return dense optical flow by inverse search (Kroeger et al., ECCV 2016), (h, w, 2) pixels."""
    search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST)
    search.setFinestScale(finest)
    search.setPatchStride(_STRIDE)
    return search.calc(first, second, np.zeros((*first.shape, 2), np.float32))


def _texture(image: np.ndarray) -> np.ndarray:
    change = np.abs(cv2.Sobel(image, cv2.CV_32F, 1, 0, ksize=3, scale=1.0 / 8.0))
    return cv2.blur(change, (_WINDOW, _WINDOW))


def _sampled(values: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Return a map at places between its pixels; NaN outside."""
    columns, rows = np.moveaxis(np.nan_to_num(places, nan=-1.0), -1, 0)
    nowhere = (math.nan,) * 4
    return cv2.remap(values, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=nowhere)
