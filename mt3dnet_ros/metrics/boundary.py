"""How well the outlines of masks agree, where Dice hardly sees them."""

from __future__ import annotations

import cv2
import numpy as np


def boundary_f(predicted: np.ndarray, true: np.ndarray, tolerance: float) -> float:
    """Return the harmonic mean of precision and recall of outlines, as DAVIS has it (Perazzi et al., CVPR 2016).

    A pixel of one outline is right where the other outline passes within a tolerance. The image's border is no outline.

    :param predicted: (H, W) bool
    :param true: (H, W) bool
    :param tolerance: pixels
    :returns: 1 where neither mask has an outline, 0 where one has
    """
    first, second = outline(predicted), outline(true)
    if not first.any() or not second.any():
        return float(first.any() == second.any())
    precision = float((_distances(second)[first] <= tolerance).mean())
    recall = float((_distances(first)[second] <= tolerance).mean())
    return 2.0 * precision * recall / max(precision + recall, 1e-9)


def boundary_iou(predicted: np.ndarray, true: np.ndarray, width: int) -> float:
    """Return the IoU of what lies in each mask within a distance of its outline (Cheng et al., CVPR 2021).

    :param predicted: (H, W) bool
    :param true: (H, W) bool
    :param width: pixels; the authors take 2 % of the image's diagonal
    :returns: 1 where neither mask has an outline
    """
    first, second = (mask & (_distances(outline(mask)) < width) for mask in (predicted, true))
    union = np.count_nonzero(first | second)
    return np.count_nonzero(first & second) / union if union else 1.0


def outline(mask: np.ndarray) -> np.ndarray:
    """Return the pixels of a mask, (H, W) bool, that touch what is not of it, in eight directions."""
    return mask & (cv2.erode(mask.astype(np.uint8), np.ones((3, 3), np.uint8), borderType=cv2.BORDER_REPLICATE) == 0)


def _distances(lines: np.ndarray) -> np.ndarray:
    """Return each pixel's distance to the nearest of some; beyond the picture's size where there are none."""
    if not lines.any():
        return np.full(lines.shape, np.inf, np.float32)
    return cv2.distanceTransform((~lines).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
