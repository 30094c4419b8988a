"""Tips of tools: their position in space and in the picture, and whether they are visible."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.geometry.rays import project
from mt3dnet_ros.renderer.scene.world import PlacedTool

_OCCLUSION = 0.004  # metres by which something before a tip hides it; the jaw's own surface is nearer than its axis


@dataclass(frozen=True)
class Tip:
    """The tip of one tool.

    :param instance: the tool's id, 1 for the first
    :param point: metres, camera frame
    :param pixel: column and row, also outside of the image; None where the lens does not image it
    :param visible: in the image, and not hidden
    """

    instance: int
    point: tuple[float, float, float]
    pixel: tuple[float, float] | None
    visible: bool


def find_tips(tools: Sequence[PlacedTool], camera: Camera, depth: np.ndarray, shown: np.ndarray) -> tuple[Tip, ...]:
    """Return the tip of each tool.

    :param depth: (H, W) metres, 0 where nothing was hit
    :param shown: (H, W) bool, where the picture is not black
    """
    pixels = [project(camera, tool.tip) for tool in tools]
    return tuple(
        Tip(number, _numbers(tool.tip), _numbers(pixel) if np.isfinite(pixel).all() else None, visible)
        for number, (tool, pixel) in enumerate(zip(tools, pixels, strict=True), start=1)
        for visible in [_visible(pixel, tool.tip[2], depth, shown)]
    )


def _visible(pixel: np.ndarray, distance: float, depth: np.ndarray, shown: np.ndarray) -> bool:
    height, width = depth.shape
    if not ((pixel > -0.5) & (pixel < [width - 0.5, height - 0.5])).all():  # false for NaN, too
        return False
    column, row = np.rint(pixel).astype(int)
    return bool(shown[row, column] and not 0 < depth[row, column] < distance - _OCCLUSION)


def _numbers(values: np.ndarray) -> tuple:
    return tuple(float(value) for value in values)
