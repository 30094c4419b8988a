"""Where to look, drawn onto the picture for people."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import cv2
import numpy as np

from mt3dnet_ros.perception.overlay import DESIGN_HEIGHT, FONT, line_thickness
from mt3dnet_ros.perception.scene import Fixation

_PAPER, _INK = (255, 255, 255), (0, 0, 0)
_LEAST = 26  # of 255: below a saliency of 0.1 all over, nothing is salient


def draw_attention(overlay: np.ndarray, saliency: np.ndarray, scanpath: Sequence[Fixation]) -> None:
    """Outline what is at least half as salient as the most salient pixel, and draw the scanpath with numbered stops.

    :param overlay: (H, W, 3) uint8, drawn onto
    :param saliency: (H, W) uint8
    """
    thickness = line_thickness(overlay)
    _outline(overlay, saliency, thickness)
    for start, end in pairwise(scanpath):
        cv2.line(overlay, start.pixel, end.pixel, _PAPER, thickness, cv2.LINE_AA)
    for fixation in reversed(scanpath):  # the first stop on top
        _draw_stop(overlay, fixation, thickness)


def _outline(overlay: np.ndarray, saliency: np.ndarray, thickness: int) -> None:
    highest = cv2.minMaxLoc(saliency)[1]
    if highest < _LEAST:
        return
    salient = cv2.inRange(saliency, highest / 2, 255)
    contours, _ = cv2.findContours(salient, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    cv2.drawContours(overlay, contours, -1, _PAPER, thickness, cv2.LINE_AA)


def _draw_stop(overlay: np.ndarray, fixation: Fixation, thickness: int) -> None:
    scale = min(overlay.shape[:2]) / DESIGN_HEIGHT
    text = str(fixation.order)
    (width, height), _ = cv2.getTextSize(text, FONT, 0.45 * scale, thickness)
    x, y = fixation.pixel
    radius = max(4, round(10 * scale))
    cv2.circle(overlay, (x, y), radius, _PAPER, cv2.FILLED, cv2.LINE_AA)
    cv2.circle(overlay, (x, y), radius, _INK, thickness, cv2.LINE_AA)
    cv2.putText(overlay, text, (x - width // 2, y + height // 2), FONT, 0.45 * scale, _INK, thickness, cv2.LINE_AA)
