"""What is drawn of a view, part by part."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import partial

import cv2
import numpy as np

from mt3dnet_ros.perception.console.sheet import Part
from mt3dnet_ros.perception.console.view import EyeView, MarkedInstrument
from mt3dnet_ros.perception.overlay import DESIGN_HEIGHT, FONT, Window
from mt3dnet_ros.perception.scene import Box

_WHITE = (255, 255, 255)
_FULL = 255
_MARGIN = 3  # pixels around what is drawn: half of the widest line, and what antialiasing adds
_TIP_RADIUS, _GAZE_RADIUS = 5.0, 20.0  # pixels, of a picture of DESIGN_HEIGHT
_GAZE_GAP = 25  # degrees of each quarter of the gaze's ring that are open
_FONT_SCALE = 0.42
_NAME_GAP, _DISTANCE_GAP = 6.0, 9.0  # pixels between a text and what it belongs to


def tips(view: EyeView) -> Iterator[Part]:
    """Yield a ring around every tip, which itself stays visible."""
    radius = max(3, round(_TIP_RADIUS * _scale(view)))
    for instrument in view.instruments:
        if instrument.tip:
            box = _around(instrument.tip, radius)
            yield _part('tips', view, instrument.color, box, partial(_paint_ring, instrument.tip, radius))


def distances(view: EyeView) -> Iterator[Part]:
    """Yield the distance of every tip in millimetres beside it; a guess of the network's has a tilde."""
    for instrument in view.instruments:
        if instrument.tip and math.isfinite(instrument.distance):
            text = f'{"" if instrument.is_measured else "~"}{1e3 * instrument.distance:.0f} mm'
            yield _text_part('distances', view, instrument, text, _beside(instrument, view))


def gaze(view: EyeView) -> Iterator[Part]:
    """Yield an open ring around where to look."""
    if view.gaze:
        radius = round(_GAZE_RADIUS * _scale(view))
        yield _part('gaze', view, _WHITE, _around(view.gaze, radius), partial(_paint_open_ring, view.gaze, radius))


def outlines(view: EyeView) -> Iterator[Part]:
    """Yield the outline of every instrument that has a mask."""
    for instrument in view.instruments:
        contours = _contours(view, instrument)
        if contours:
            yield _part('outlines', view, instrument.color, instrument.box, partial(_paint_contours, contours))


def names(view: EyeView) -> Iterator[Part]:
    """Yield the name of every instrument, at the end that is farthest from its tip and from where the surgeon works."""
    for instrument in view.instruments:
        yield _text_part('names', view, instrument, instrument.name, _far_end(instrument, view))


PARTS: dict[str, Callable[[EyeView], Iterator[Part]]] = {
    'tips': tips,
    'distances': distances,
    'gaze': gaze,
    'outlines': outlines,
    'names': names,
}
"""What can be drawn, by its name; what matters most comes first."""


def _scale(view: EyeView) -> float:
    return min(view.size) / DESIGN_HEIGHT


def _part(
    kind: str, view: EyeView, color: tuple[int, int, int], box: Box, paint: Callable[[np.ndarray, int, Box], None]
) -> Part:
    """Return a part that has one place.

    :param paint: gets the place of the window in the picture as well
    """
    window, place = _window(box, view, _margin(view))

    def paint_window(picture: np.ndarray, thickness: int) -> None:
        paint(picture, thickness, place)

    return Part(kind, color, (window,), paint_window)


def _margin(view: EyeView) -> int:
    return _MARGIN + round(_scale(view))


def _window(box: Box, view: EyeView, margin: int) -> tuple[Window, Box]:
    """Return a box with a margin, as far as it is in the picture, as a window and as a box."""
    height, width = view.size
    left, top = max(0, box.x - margin), max(0, box.y - margin)
    right, bottom = min(width, box.x + box.width + margin), min(height, box.y + box.height + margin)
    right, bottom = max(left, right), max(top, bottom)
    return (slice(top, bottom), slice(left, right)), Box(left, top, right - left, bottom - top)


def _around(pixel: tuple[int, int], radius: int) -> Box:
    return Box(pixel[0] - radius, pixel[1] - radius, 2 * radius + 1, 2 * radius + 1)


def _paint_ring(center: tuple[int, int], radius: int, picture: np.ndarray, thickness: int, place: Box) -> None:
    at = center[0] - place.x, center[1] - place.y
    cv2.circle(picture, at, radius, _FULL, thickness, cv2.LINE_AA)


def _paint_open_ring(center: tuple[int, int], radius: int, picture: np.ndarray, thickness: int, place: Box) -> None:
    at = center[0] - place.x, center[1] - place.y
    for begin in range(0, 360, 90):
        angles = begin + _GAZE_GAP, begin + 90 - _GAZE_GAP
        cv2.ellipse(picture, at, (radius, radius), 0.0, *angles, _FULL, thickness, cv2.LINE_AA)


def _paint_contours(contours: list[np.ndarray], picture: np.ndarray, thickness: int, place: Box) -> None:
    cv2.polylines(picture, [contour - (place.x, place.y) for contour in contours], False, _FULL, thickness, cv2.LINE_AA)


def _contours(view: EyeView, instrument: MarkedInstrument) -> list[np.ndarray]:
    """Return the outline of an instrument as lines of pixels of the picture; the edge of the picture is none of it."""
    if view.labels is None or not instrument.has_mask:
        return []
    window, place = _window(instrument.box, view, 0)
    if not place.width or not place.height:
        return []
    mask = cv2.inRange(np.ascontiguousarray(view.labels[window]), instrument.class_id, instrument.class_id)
    found, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE, offset=(place.x, place.y))
    least = (_GAZE_RADIUS * _scale(view) / 2.0) ** 2  # specks would be clutter
    large = (contour for contour in found if cv2.contourArea(contour) >= least)
    tolerance = 0.75 * max(1.0, _scale(view))
    return [line for contour in large for line in _inner_lines(contour[:, 0], view, tolerance)]


def _inner_lines(contour: np.ndarray, view: EyeView, tolerance: float) -> list[np.ndarray]:
    """Return the lines (n, 1, 2) of a closed contour (N, 2) that do not run along the edge of the picture.

    :param tolerance: pixels that they may deviate from it
    """
    height, width = view.size
    inner = (contour > 0).all(axis=1) & (contour < (width - 1, height - 1)).all(axis=1)
    if inner.all():
        closed = cv2.approxPolyDP(contour[:, None], tolerance, True)
        return [np.concatenate([closed, closed[:1]])]
    first = int(np.argmin(inner))  # on the edge, so that no piece goes over the end
    contour, inner = np.roll(contour, -first, axis=0), np.roll(inner, -first)
    borders = np.flatnonzero(np.diff(inner)) + 1
    pieces = zip(np.split(contour, borders), np.split(inner, borders), strict=True)
    return [cv2.approxPolyDP(piece[:, None], tolerance, False) for piece, kept in pieces if kept[0] and len(piece) > 1]


def _text_part(
    kind: str, view: EyeView, instrument: MarkedInstrument, text: str, corners: Callable[[int, int], list[Box]]
) -> Part:
    """Return a text in an instrument's colour.

    :param corners: returns where a text of a width and a height may stand, best first
    """
    scale, margin = _FONT_SCALE * _scale(view), _margin(view)
    (width, height), baseline = cv2.getTextSize(text, FONT, scale, 1)
    width, height = width + 2 * margin, height + baseline + 2 * margin
    width, height = min(width, view.size[1]), min(height, view.size[0])
    windows = tuple(_window(_moved_inside(box, view), view, 0)[0] for box in corners(width, height))

    def paint(picture: np.ndarray, thickness: int) -> None:
        at = margin, picture.shape[0] - margin - baseline
        cv2.putText(picture, text, at, FONT, scale, _FULL, thickness, cv2.LINE_AA)

    return Part(kind, instrument.color, windows, paint)


def _moved_inside(box: Box, view: EyeView) -> Box:
    height, width = view.size
    x, y = max(0, min(box.x, width - box.width)), max(0, min(box.y, height - box.height))
    return Box(x, y, box.width, box.height)


def _beside(instrument: MarkedInstrument, view: EyeView) -> Callable[[int, int], list[Box]]:
    """Return where a text may stand beside a tip: right, left, below or above, first where the instrument is not."""
    gap, box = round(_DISTANCE_GAP * _scale(view)), instrument.box
    x, y = instrument.tip or (box.x, box.y)
    middle = box.x + box.width // 2, box.y + box.height // 2

    def corners(width: int, height: int) -> list[Box]:
        places = [
            (x + gap, y - height // 2),
            (x - gap - width, y - height // 2),
            (x - width // 2, y + gap),
            (x - width // 2, y - gap - height),
        ]
        return sorted((Box(*place, width, height) for place in places), key=lambda place: -_distance(place, middle))

    return corners


def _far_end(instrument: MarkedInstrument, view: EyeView) -> Callable[[int, int], list[Box]]:
    """Return where a name may stand: outside of the instrument's box, or in its corners, far from the tip."""
    box, gap = instrument.box, round(_NAME_GAP * _scale(view))
    tip = instrument.tip or (view.size[1] // 2, view.size[0] // 2)

    def corners(width: int, height: int) -> list[Box]:
        columns = (box.x, box.x + box.width - width)
        rows = (box.y - gap - height, box.y + gap, box.y + box.height - gap - height, box.y + box.height + gap)
        places = [_moved_inside(Box(x, y, width, height), view) for x in columns for y in rows]
        return sorted(places, key=lambda place: -_distance(place, tip))

    return corners


def _distance(box: Box, pixel: tuple[int, int]) -> float:
    return math.hypot(box.x + 0.5 * box.width - pixel[0], box.y + 0.5 * box.height - pixel[1])
