"""A point cloud as seen from beside the camera."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

YAW, PITCH = math.radians(-55.0), math.radians(-20.0)  # from the camera's right, and from above
FILLED = 0.92  # of the picture
BACKGROUND = 24


def _rotation() -> np.ndarray:
    around_y = np.array([[math.cos(YAW), 0.0, math.sin(YAW)], [0.0, 1.0, 0.0], [-math.sin(YAW), 0.0, math.cos(YAW)]])
    around_x = np.array(
        [[1.0, 0.0, 0.0], [0.0, math.cos(PITCH), -math.sin(PITCH)], [0.0, math.sin(PITCH), math.cos(PITCH)]]
    )
    return (around_x @ around_y).astype(np.float32)


@dataclass(frozen=True)
class SideView:
    """A fixed orthographic view, so that a length in the picture is the same near and far.

    :param rotation: (3, 3) from the optical frame to the view's axes: right, down, away
    :param centre: point of the view's axes in the middle of the picture, metres
    :param scale: pixels per metre
    :param size: height and width of the picture in pixels
    """

    rotation: np.ndarray
    centre: np.ndarray
    scale: float
    size: tuple[int, int]

    @classmethod
    def around(cls, clouds: Sequence[np.ndarray], size: tuple[int, int]) -> SideView:
        """Return the view that has nearly all points of some clouds in the picture.

        :param clouds: each (..., 3) metres in the optical frame, NaN where unknown
        :param size: height and width of the picture in pixels
        """
        rotation = _rotation()
        points = np.concatenate([_finite(cloud) for cloud in clouds] or [np.zeros((0, 3), np.float32)])
        if not len(points):
            return cls(rotation, np.zeros(3, np.float32), 1.0, size)
        low, high = np.percentile(points @ rotation.T, [1, 99], axis=0)
        height, width = size
        extent = np.maximum(high - low, 1e-3)
        scale = FILLED * min(width / extent[0], height / extent[1])
        return cls(rotation, (0.5 * (low + high)).astype(np.float32), float(scale), size)

    def draw(self, xyz: np.ndarray, rgb: np.ndarray) -> np.ndarray:
        """Return the picture of a cloud, nearer points over farther ones.

        :param xyz: (..., 3) metres in the optical frame, NaN where unknown
        :param rgb: (..., 3) uint8
        :return: (H, W, 3) uint8
        """
        height, width = self.size
        known = np.isfinite(xyz).all(-1)
        seen = xyz[known] @ self.rotation.T - self.centre
        order = np.argsort(-seen[:, 2])
        columns, rows = (0.5 * np.array([width, height]) + self.scale * seen[order, :2]).astype(np.int32).T
        picture = np.full((height, width, 3), BACKGROUND, np.uint8)
        for row, column in ((0, 0), (0, 1), (1, 0), (1, 1)):  # points of two pixels leave fewer holes
            _paint(picture, rows + row, columns + column, rgb[known][order])
        return picture


def _finite(cloud: np.ndarray) -> np.ndarray:
    return cloud[np.isfinite(cloud).all(-1)]


def _paint(picture: np.ndarray, rows: np.ndarray, columns: np.ndarray, rgb: np.ndarray) -> None:
    inside = (rows >= 0) & (rows < picture.shape[0]) & (columns >= 0) & (columns < picture.shape[1])
    picture[rows[inside], columns[inside]] = rgb[inside]
