"""Rectified views of a stereo pair, and the way back to the left camera's own image.

With rectified images, a point of depth z lies ``d = x_left - x_right = f B / z + offset`` columns apart. The offset
between the principal points' columns is not zero: endoscopes' cameras squint, and rectification keeps each image's
middle in view (OpenCV's ``stereoRectify`` without ``CALIB_ZERO_DISPARITY``).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from mt3dnet_ros.errors import MT3DNetError
from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.geometry.rays import ray_grid
from mt3dnet_ros.geometry.stereo import StereoCamera

_MODELS = ('none', 'plumb_bob', 'rational_polynomial')  # OpenCV's fisheye module has another rectification


class StereoError(MT3DNetError, ValueError):
    """A pair of cameras, or of images, that depth cannot be computed from."""


@dataclass(frozen=True)
class Rectification:
    """What is derived once from two cameras.

    :param left_maps: two (H, W) float32: the column and row of the left image that each rectified pixel shows
    :param right_maps: the same for the right image
    :param lookup: (H, W, 2) float32: the rectified column and row of each pixel of the left image; NaN where the lens
        images nothing
    :param forward: (H, W) float32: the part of each left pixel's ray (z = 1) along the rectified optical axis
    :param focal_baseline: f B, focal length times baseline: disparity times depth, in pixels times metres
    :param offset: disparity of infinitely distant points, pixels
    :param turn: (3, 3), from the left camera's optical frame to the rectified one
    :param projection: (3, 3), the matrix of the rectified left camera
    """

    left_maps: tuple[np.ndarray, np.ndarray]
    right_maps: tuple[np.ndarray, np.ndarray]
    lookup: np.ndarray
    forward: np.ndarray
    focal_baseline: float
    offset: float
    turn: np.ndarray
    projection: np.ndarray

    def rectified(self, left: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return both images with rows in correspondence; their borders repeat where a camera does not look."""
        return _remap(left, self.left_maps), _remap(right, self.right_maps)

    def disparities(self, nearest: float, farthest: float) -> tuple[int, int]:
        """Return the least disparity, and how many there are, of points between two depths in metres."""
        least = math.floor(self.focal_baseline / farthest + self.offset)
        return least, math.ceil(self.focal_baseline / nearest + self.offset) - least + 1

    def to_left_image(self, values: np.ndarray) -> np.ndarray:
        """Return a rectified map in the geometry of the left camera's image; NaN where nothing is known.

        Nearest values are taken: between two surfaces there is none to interpolate.
        """
        columns, rows = np.moveaxis(self.lookup, -1, 0)
        return cv2.remap(values, columns, rows, cv2.INTER_NEAREST, borderMode=cv2.BORDER_CONSTANT, borderValue=math.nan)

    def inverse_depth(self, disparity: np.ndarray) -> np.ndarray:
        """Return the inverse depth, 1 / m along the left camera's own axis, of rectified disparities.

        :param disparity: (H, W) pixels, NaN where unknown
        """
        return (self.to_left_image(disparity) - self.offset) / self.focal_baseline * self.forward

    def position(self, rays: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return where rays of the left camera go in the rectified image.

        :param rays: (..., 3), optical frame, z = 1
        :returns: (..., 2) float32 columns and rows; (...) float32 the ray's part along the rectified axis
        """
        return _rectified_position(rays, self.turn, self.projection)


def check_sizes(left: np.ndarray, right: np.ndarray, stereo: StereoCamera) -> None:
    """Raise StereoError where an image, (H, W, ...), has not its camera's size."""
    for side, image, camera in (('left', left, stereo.left), ('right', right, stereo.right)):
        if image.shape[:2] != (camera.height, camera.width):
            raise StereoError(
                f'the {side} image has {image.shape[1]}x{image.shape[0]} pixels, its camera '
                f'{camera.width}x{camera.height}; use the calibration of these images'
            )


@lru_cache(maxsize=4)
def rectify(stereo: StereoCamera) -> Rectification:
    """Derive the rectification of two cameras.

    :raises StereoError: a lens model is not supported, or the second camera is not to the right of the first
    """
    left, right = stereo.left, stereo.right
    size = left.width, left.height
    if (right.width, right.height) != size:
        raise StereoError(
            f'the right camera has {right.width}x{right.height} pixels, the left {size[0]}x{size[1]}; '
            'both must have one size'
        )
    lenses = left.matrix, _coefficients(left), right.matrix, _coefficients(right)
    rotation, translation = np.reshape(stereo.rotation, (3, 3)), np.asarray(stereo.translation)
    # Alpha below 0 neither zooms nor crops: the scale of the images is kept.
    r_left, r_right, p_left, p_right, *_ = cv2.stereoRectify(*lenses, size, rotation, translation, flags=0, alpha=-1)
    focal_baseline = -float(p_right[0, 3])
    if focal_baseline <= abs(p_right[1, 3]):
        raise StereoError(
            f'the second camera must lie to the right of the first; translation {stereo.translation} m '
            'says otherwise (swap the images and cameras)'
        )
    lookup, forward = _rectified_position(ray_grid(left), r_left, p_left)
    return Rectification(
        left_maps=_maps(left, r_left, p_left),
        right_maps=_maps(right, r_right, p_right),
        lookup=lookup,
        forward=forward,
        focal_baseline=focal_baseline,
        offset=float(p_left[0, 2] - p_right[0, 2]),
        turn=r_left,
        projection=p_left[:, :3],
    )


def _remap(image: np.ndarray, maps: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    return cv2.remap(image, *maps, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def _coefficients(camera: Camera) -> np.ndarray:
    if camera.distortion_model not in _MODELS:
        raise StereoError(
            f'a pair with distortion model {camera.distortion_model} cannot be rectified '
            f'(supported: {", ".join(_MODELS)})'
        )
    return np.array(camera.distortion or (0.0,) * 5)


def _maps(camera: Camera, rotation: np.ndarray, projection: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    size = camera.width, camera.height
    maps = cv2.initUndistortRectifyMap(camera.matrix, _coefficients(camera), rotation, projection, size, cv2.CV_32FC1)
    return maps[0], maps[1]


def _rectified_position(rays: np.ndarray, turn: np.ndarray, projection: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    turned = rays.astype(np.float32, copy=False) @ turn.T.astype(np.float32)
    forward = turned[..., 2]
    focal, centre = np.diag(projection)[:2], projection[:2, 2]
    places = turned[..., :2] / forward[..., None] * focal + centre
    return places.astype(np.float32), np.ascontiguousarray(forward)
