"""Four pictures of one moment in one: input (under its saliency), overlay, depth, and the cloud from the side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from mt3dnet_ros.demo.side_view import SideView
from mt3dnet_ros.media.depth_colors import DepthColors
from mt3dnet_ros.perception.overlay import draw_attention
from mt3dnet_ros.perception.scene import Fixation

LARGEST_WIDTH = 640  # of one picture
WHITE, BLACK = (255, 255, 255), (0, 0, 0)
TINT = (0, 230, 255)  # of saliency: far from the colours of tissue
OPACITY = 0.6  # where saliency is highest
_LEAST_SALIENCY = 26  # of 255: a frame whose saliency stays below 0.1 is not scaled up
_FONT = cv2.FONT_HERSHEY_SIMPLEX


@dataclass(frozen=True)
class Moment:
    """What was recorded of one frame.

    :param stamp: in nanoseconds
    :param image: (H, W, 3) uint8 (and ``overlay``)
    :param depth: (H, W) float32 metres, NaN where unknown
    :param xyz: (h, w, 3) float32 metres in the optical frame, NaN where unknown
    :param rgb: (h, w, 3) uint8 colours of the points
    :param saliency: (H, W) uint8; None of a network without it, which has no scanpath either
    """

    stamp: int
    image: np.ndarray
    overlay: np.ndarray
    depth: np.ndarray
    xyz: np.ndarray
    rgb: np.ndarray
    saliency: np.ndarray | None = None
    scanpath: tuple[Fixation, ...] = ()


def panel_size(height: int, width: int) -> tuple[int, int]:
    """Return height and width of one picture: even, as video codecs want, and at most ``LARGEST_WIDTH`` wide."""
    scale = min(1.0, LARGEST_WIDTH / width)
    return max(2, 2 * round(0.5 * height * scale)), max(2, 2 * round(0.5 * width * scale))


def draw_overview(moment: Moment, colors: DepthColors, view: SideView) -> np.ndarray:
    """Return the picture of a moment, (2h, 2w, 3) uint8.

    :param view: of the size that ``panel_size`` gives
    """
    size = view.size
    panels = [
        _input(moment, size),
        _titled(_resized(moment.overlay, size), 'segmentation and detections'),
        _titled(_with_bar(_resized(colors.draw(moment.depth), size), colors), 'depth [mm]'),
        _titled(_with_length(view.draw(moment.xyz, moment.rgb), view.scale), 'point cloud from the side'),
    ]
    return np.vstack([np.hstack(panels[:2]), np.hstack(panels[2:])])


def _input(moment: Moment, size: tuple[int, int]) -> np.ndarray:
    if moment.saliency is None:
        return _titled(_resized(moment.image, size), 'input')
    attention = draw_saliency(moment.image, moment.saliency, moment.scanpath)
    return _titled(_resized(attention, size), 'input, saliency and scanpath')


def draw_saliency(image: np.ndarray, saliency: np.ndarray, scanpath: Sequence[Fixation]) -> np.ndarray:
    """Return the image tinted where it is salient, in proportion to the frame's highest, with numbered fixations.

    :param image: (H, W, 3) uint8, red first
    :param saliency: (H, W) uint8
    :return: a new (H, W, 3) uint8 image
    """
    opacity = saliency[..., None] * (OPACITY / max(_LEAST_SALIENCY, int(saliency.max())))
    picture = ((1.0 - opacity) * image + opacity * np.array(TINT)).astype(np.uint8)
    draw_attention(picture, saliency, scanpath)
    return picture


def _resized(picture: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    if picture.shape[:2] == size:
        return picture.copy()
    return cv2.resize(picture, size[::-1], interpolation=cv2.INTER_AREA)


def _font_scale(picture: np.ndarray) -> float:
    return max(0.3, 0.5 * picture.shape[0] / 512)


def _titled(picture: np.ndarray, title: str) -> np.ndarray:
    scale = _font_scale(picture)
    (width, height), baseline = cv2.getTextSize(title, _FONT, scale, 1)
    cv2.rectangle(picture, (0, 0), (width + 12, height + baseline + 8), BLACK, cv2.FILLED)
    cv2.putText(picture, title, (6, height + 5), _FONT, scale, WHITE, 1, cv2.LINE_AA)
    return picture


def _write(picture: np.ndarray, text: str, right: int, middle: int) -> None:
    scale = 0.85 * _font_scale(picture)
    (width, height), _ = cv2.getTextSize(text, _FONT, scale, 1)
    at = right - width, middle + height // 2
    cv2.putText(picture, text, at, _FONT, scale, BLACK, 3, cv2.LINE_AA)
    cv2.putText(picture, text, at, _FONT, scale, WHITE, 1, cv2.LINE_AA)


def _with_bar(picture: np.ndarray, colors: DepthColors) -> np.ndarray:
    """Draw the colours from near (bottom) to far (top) at the right edge, with depths in millimetres."""
    height, width = picture.shape[:2]
    top, bottom = height // 10, height - height // 10
    left, right = width - width // 24, width - width // 64
    ramp = np.linspace(colors.far, colors.near, bottom - top)[:, None].repeat(right - left, 1)
    picture[top:bottom, left:right] = colors.draw(ramp)
    cv2.rectangle(picture, (left - 1, top - 1), (right, bottom), WHITE, 1)
    for depth in colors.ticks():
        row = round(top + (bottom - 1 - top) * (colors.far - depth) / (colors.far - colors.near))
        cv2.line(picture, (left - 5, row), (left, row), WHITE, 1)
        _write(picture, f'{1e3 * depth:.0f}', left - 8, row)
    return picture


def _with_length(picture: np.ndarray, scale: float) -> np.ndarray:
    """Draw a line of a round length at the bottom.

    :param scale: pixels per metre
    """
    height, width = picture.shape[:2]
    fitting = [factor * 10.0**power for power in range(-4, 2) for factor in (1, 2, 5)]
    length = max((length for length in fitting if length * scale <= 0.3 * width), default=fitting[0])
    right, row = width - width // 32, height - height // 16
    left = right - round(length * scale)
    cv2.line(picture, (left, row), (right, row), WHITE, 2)
    _write(picture, f'{1e3 * length:g} mm', right, row - height // 32)
    return picture
