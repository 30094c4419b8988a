"""Images sampled at places of the ideal image, which no lens bends."""

from __future__ import annotations

import cv2
import numpy as np

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.geometry.distortion import distort_coordinates
from mt3dnet_ros.perception.scale.shaft.silhouette import Strip

Places = tuple[np.ndarray, np.ndarray]
"""Columns and rows, float32 and of the same shape: numpy is slow along an axis of two."""


def to_pixels(camera: Camera, strip: Strip, t: np.ndarray, s: np.ndarray) -> Places:
    """Return the pixels at places along and across a strip, which are broadcast; NaN where the lens images nothing."""
    x = strip.centre[0] + t * strip.along[0] + s * strip.across[0]
    y = strip.centre[1] + t * strip.along[1] + s * strip.across[1]
    x, y = distort_coordinates(camera, x, y)
    return (x * camera.fx + camera.cx).astype(np.float32), (y * camera.fy + camera.cy).astype(np.float32)


def sample(image: np.ndarray, places: Places, interpolation: int, border: int = cv2.BORDER_REPLICATE) -> np.ndarray:
    """Return the values of an image.

    :param image: (H, W) or (H, W, c) uint8
    :param places: (N, M) each
    :param border: what is outside, of OpenCV's; a constant is 0
    :returns: (N, M) or (N, M, c)
    """
    return np.asarray(cv2.remap(image, *places, interpolation, borderMode=border))
