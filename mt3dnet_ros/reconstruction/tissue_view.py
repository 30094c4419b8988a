"""What one frame shows of the tissue: instruments cut out, the lens undone, of a size that can be fused."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.geometry.rays import project, ray_grid

UNKNOWN = 0.0
_OUTSIDE = -9.0  # column and row of a ray that the lens does not image


@dataclass(frozen=True, eq=False)
class TissueView:
    """Depth and colour of the tissue through a camera without distortion.

    :param depth: (h, w) float32 metres along the optical axis, 0 where unknown or an instrument
    :param rgb: (h, w, 3) uint8
    :param camera: of this size, without distortion
    """

    depth: np.ndarray
    rgb: np.ndarray
    camera: Camera

    @property
    def known(self) -> np.ndarray:
        """Where tissue is seen, (h, w) bool."""
        return self.depth > UNKNOWN


def view_tissue(
    rgb: np.ndarray, depth: np.ndarray, labels: np.ndarray, camera: Camera, width: int, margin: float
) -> TissueView:
    """Return what a frame shows of the tissue.

    :param rgb: (H, W, 3) uint8
    :param depth: (H, W) float32 metres along the optical axis, NaN where unknown
    :param labels: (H, W) uint8, 0 where there is no instrument
    :param camera: of the frame
    :param width: of the view in pixels; the frame's own where that is less
    :param margin: share of the frame's width that is cut away around an instrument, whose depth bleeds into it
    """
    reach = max(1, round(margin * camera.width))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    instruments = cv2.dilate((labels > 0).view(np.uint8), kernel)
    tissue = np.where((instruments > 0) | ~np.isfinite(depth), UNKNOWN, depth).astype(np.float32)
    flat, columns, rows = _rectification(camera, min(width, camera.width))
    # Depth along the optical axis does not change; nearest, so that nothing lies between tissue and what is cut out.
    return TissueView(
        cv2.remap(tissue, columns, rows, cv2.INTER_NEAREST, borderMode=cv2.BORDER_CONSTANT, borderValue=UNKNOWN),
        cv2.remap(rgb, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE),
        flat,
    )


@lru_cache(maxsize=4)
def _rectification(camera: Camera, width: int) -> tuple[Camera, np.ndarray, np.ndarray]:
    """Return a camera without distortion, and columns and rows of the frame at its pixels, (h, w) float32 each."""
    small = camera.resized(width, max(1, round(camera.height * width / camera.width)))
    flat = Camera(small.width, small.height, small.fx, small.fy, small.cx, small.cy)
    pixels = np.nan_to_num(project(camera, ray_grid(flat)), nan=_OUTSIDE).astype(np.float32)
    return flat, np.ascontiguousarray(pixels[..., 0]), np.ascontiguousarray(pixels[..., 1])
