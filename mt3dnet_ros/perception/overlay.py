"""The picture for people."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import cv2
import numpy as np

from mt3dnet_ros.perception.scene import Detection, Fixation
from mt3dnet_ros.perception.scene_text import caption
from mt3dnet_ros.perception.taxonomy import Taxonomy

FONT = cv2.FONT_HERSHEY_SIMPLEX
DESIGN_HEIGHT = 512  # of an image on which lines are one pixel wide
Window = tuple[slice, slice]
"""Rows and columns of an image."""

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
    """Return the image with coloured masks, their outlines, and boxes with track id, class name and score.

    :param rgb: (H, W, 3) uint8
    :param labels: (H, W) uint8 class ids
    :param instances: (H, W) uint8 instance ids
    :param opacity: of the masks, 0 to 1; outlines, boxes and names are always opaque
    :returns: a new (H, W, 3) uint8 image
    """
    overlay = np.array(rgb, order='C')
    windows, classes = [], []
    for instance in range(1, int(instances.max()) + 1):
        x, y, width, height = cv2.boundingRect(cv2.inRange(instances, instance, instance))
        windows.append((slice(y, y + height), slice(x, x + width)))
        classes.append(int(labels[instances == instance].max(initial=0)))
    colors = taxonomy.palette()[classes]
    tint_masks(overlay, instances, windows, colors, opacity)
    draw_instruments(overlay, instances, windows, colors, detections, taxonomy)
    return overlay


def tint_masks(
    image: np.ndarray, instances: np.ndarray, windows: Sequence[Window], colors: np.ndarray, opacity: float
) -> None:
    """Tint every instance in its colour.

    :param image: (H, W, 3) uint8, drawn on
    :param instances: (H, W) uint8 instance ids
    :param windows: rows and columns of instance 1 and so on, outside of which it is not
    :param colors: likewise, (n, 3) uint8
    :param opacity: of the tint, 0 to 1
    """
    for instance, (window, color) in enumerate(zip(windows, colors, strict=True), start=1):
        part, mask = image[window], _mask_of(instance, instances[window])
        if mask.size:
            tint = np.empty_like(part, order='C')
            cv2.rectangle(tint, (0, 0), part.shape[1::-1], color.tolist(), cv2.FILLED)  # numpy fills pixel by pixel
            cv2.copyTo(cv2.addWeighted(part, 1.0 - opacity, tint, opacity, 0.0, dst=tint), mask, part)


def draw_instruments(
    overlay: np.ndarray,
    instances: np.ndarray,
    windows: Sequence[Window],
    colors: np.ndarray,
    detections: list[Detection],
    taxonomy: Taxonomy,
) -> None:
    """Draw the outlines of masks, and boxes with class name and score.

    :param overlay: (H, W, 3) uint8, drawn on; see :func:`tint_masks` for the others
    """
    thickness = line_thickness(overlay)
    for instance, (window, color) in enumerate(zip(windows, colors, strict=True), start=1):
        _outline(overlay, _mask_of(instance, instances[window]), window, color, thickness)
    for detection in detections:
        _draw_box(overlay, detection, taxonomy.by_id(detection.class_id).color, thickness)
    for detection in detections:
        _draw_name(overlay, detection, taxonomy.by_id(detection.class_id).color, thickness)


def line_thickness(image: np.ndarray) -> int:
    """Return the width, in pixels, of lines on an image (H, W, 3)."""
    return max(1, round(min(image.shape[:2]) / DESIGN_HEIGHT))


def _mask_of(instance: int, instances: np.ndarray) -> np.ndarray:
    return cv2.inRange(instances, instance, instance) if instances.size else instances


def _outline(overlay: np.ndarray, mask: np.ndarray, window: Window, color: np.ndarray, thickness: int) -> None:
    """Draw the outline of a mask, which may deviate from it by half the width of the line: it is drawn much faster."""
    if not mask.size:
        return
    rows, columns = window
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE, offset=(columns.start, rows.start))
    plain = [cv2.approxPolyDP(contour, 0.5 * thickness, True) for contour in contours]
    cv2.drawContours(overlay, plain, -1, color.tolist(), thickness, cv2.LINE_AA)


def _draw_box(overlay: np.ndarray, detection: Detection, color: tuple[int, int, int], thickness: int) -> None:
    box = detection.box
    cv2.rectangle(overlay, (box.x, box.y), (box.x + box.width - 1, box.y + box.height - 1), color, thickness)


def _draw_name(overlay: np.ndarray, detection: Detection, color: tuple[int, int, int], thickness: int) -> None:
    """Write name and score on a bar of the class's colour, above the box where there is room, else inside of it."""
    text = caption(detection.class_name, detection.score, detection.track_id)
    scale = 0.45 * min(overlay.shape[:2]) / DESIGN_HEIGHT
    (width, height), baseline = cv2.getTextSize(text, FONT, scale, thickness)
    pad = 2 * thickness
    width, bar = width + 2 * pad, height + baseline + pad
    x = max(0, min(detection.box.x, overlay.shape[1] - width))
    y = detection.box.y - bar if detection.box.y >= bar else detection.box.y
    ink = (0, 0, 0) if np.dot(color, (0.299, 0.587, 0.114)) > 110 else (255, 255, 255)
    cv2.rectangle(overlay, (x, y), (x + width - 1, y + bar - 1), color, cv2.FILLED)
    cv2.putText(overlay, text, (x + pad, y + height + thickness), FONT, scale, ink, thickness, cv2.LINE_AA)


def draw_notice(overlay: np.ndarray, text: str) -> None:
    """Write a line across the middle of a picture, as large as its width allows.

    :param overlay: (H, W, 3) uint8, drawn onto
    """
    thickness = line_thickness(overlay)
    (unit, _), _ = cv2.getTextSize(text, FONT, 1.0, thickness)
    scale = min(0.9 * overlay.shape[1] / unit, 0.6 * min(overlay.shape[:2]) / DESIGN_HEIGHT)
    (width, height), baseline = cv2.getTextSize(text, FONT, scale, thickness)
    pad = 2 * thickness
    x, y = (overlay.shape[1] - width) // 2, (overlay.shape[0] + height) // 2
    cv2.rectangle(overlay, (x - pad, y - height - pad), (x + width + pad, y + baseline + pad), _INK, cv2.FILLED)
    cv2.putText(overlay, text, (x, y), FONT, scale, _PAPER, thickness, cv2.LINE_AA)


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
