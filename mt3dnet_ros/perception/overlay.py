"""The picture for people."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import cv2
import numpy as np

from mt3dnet_ros.perception.scene import Detection, Fixation
from mt3dnet_ros.perception.taxonomy import Taxonomy

FONT = cv2.FONT_HERSHEY_SIMPLEX
DESIGN_HEIGHT = 512  # of an image on which lines are one pixel wide
_PAPER, _INK = (255, 255, 255), (0, 0, 0)
_LEAST = 26  # of 255: below a saliency of 0.1 all over, nothing is salient


def draw_overlay(
    rgb: np.ndarray,
    labels: np.ndarray,
    instances: np.ndarray,
    detections: list[Detection],
    taxonomy: Taxonomy,
    opacity: float,
) -> np.ndarray:
    """Return the image with coloured masks, their outlines, and boxes with class name and score.

    :param rgb: (H, W, 3) uint8
    :param labels: (H, W) uint8 class ids
    :param instances: (H, W) uint8 instance ids
    :param opacity: of the masks, 0 to 1; outlines, boxes and names are always opaque
    :returns: a new (H, W, 3) uint8 image
    """
    overlay = np.array(rgb, order='C')
    thickness = line_thickness(overlay)
    palette = taxonomy.palette()
    x, y, width, height = cv2.boundingRect(instances)
    if width:
        window = slice(y, y + height), slice(x, x + width)
        _blend(overlay[window], labels[window], palette, opacity)
        _outline(overlay[window], labels[window], instances[window], palette, thickness)
    for detection in detections:
        _draw_box(overlay, detection, taxonomy.by_id(detection.class_id).color, thickness)
    for detection in detections:
        _draw_name(overlay, detection, taxonomy.by_id(detection.class_id).color, thickness)
    return overlay


def line_thickness(image: np.ndarray) -> int:
    """Return the width, in pixels, of lines on an image (H, W, 3)."""
    return max(1, round(min(image.shape[:2]) / DESIGN_HEIGHT))


def _blend(overlay: np.ndarray, labels: np.ndarray, palette: np.ndarray, opacity: float) -> None:
    colors = cv2.applyColorMap(np.ascontiguousarray(labels), palette[:, None])
    blended = cv2.addWeighted(overlay, 1.0 - opacity, colors, opacity, 0.0)
    cv2.copyTo(blended, labels, overlay)


def _outline(
    overlay: np.ndarray, labels: np.ndarray, instances: np.ndarray, palette: np.ndarray, thickness: int
) -> None:
    for instance in range(1, int(instances.max()) + 1):
        mask = cv2.inRange(instances, instance, instance)
        contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        if contours:
            column, row = contours[0][0, 0]
            cv2.drawContours(overlay, contours, -1, palette[labels[row, column]].tolist(), thickness, cv2.LINE_AA)


def _draw_box(overlay: np.ndarray, detection: Detection, color: tuple[int, int, int], thickness: int) -> None:
    box = detection.box
    cv2.rectangle(overlay, (box.x, box.y), (box.x + box.width - 1, box.y + box.height - 1), color, thickness)


def _draw_name(overlay: np.ndarray, detection: Detection, color: tuple[int, int, int], thickness: int) -> None:
    """Write name and score on a bar of the class's colour, above the box where there is room, else inside of it."""
    text = f'{detection.class_name} {detection.score:.2f}'
    scale = 0.45 * min(overlay.shape[:2]) / DESIGN_HEIGHT
    (width, height), baseline = cv2.getTextSize(text, FONT, scale, thickness)
    pad = 2 * thickness
    width, bar = width + 2 * pad, height + baseline + pad
    x = max(0, min(detection.box.x, overlay.shape[1] - width))
    y = detection.box.y - bar if detection.box.y >= bar else detection.box.y
    ink = (0, 0, 0) if np.dot(color, (0.299, 0.587, 0.114)) > 110 else (255, 255, 255)
    cv2.rectangle(overlay, (x, y), (x + width - 1, y + bar - 1), color, cv2.FILLED)
    cv2.putText(overlay, text, (x + pad, y + height + thickness), FONT, scale, ink, thickness, cv2.LINE_AA)


def draw_attention(overlay: np.ndarray, saliency: np.ndarray, scanpath: Sequence[Fixation]) -> None:
    """Outline what is at least half as salient as the most salient pixel, and draw the scanpath with numbered stops.

    :param overlay: (H, W, 3) uint8, drawn onto
    :param saliency: (H, W) uint8
    """
    thickness = line_thickness(overlay)
    _outline_salient(overlay, saliency, thickness)
    for start, end in pairwise(scanpath):
        cv2.line(overlay, start.pixel, end.pixel, _PAPER, thickness, cv2.LINE_AA)
    for fixation in reversed(scanpath):  # the first stop on top
        _draw_stop(overlay, fixation, thickness)


def _outline_salient(overlay: np.ndarray, saliency: np.ndarray, thickness: int) -> None:
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
