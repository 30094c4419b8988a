"""What is seen by one eye, as far as the console may show it: all of it in pixels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.geometry.rays import project
from mt3dnet_ros.perception.scene import Box, Detection, Fixation, Point

Color = tuple[int, int, int]
"""Red, green and blue, 0 to 255."""

_SURE = 0.1  # standard deviation of a distance, as a part of it, up to which it is shown as measured
_UNKNOWN_COLOR = (90, 230, 255)  # far from the colours of tissue


@dataclass(frozen=True)
class MarkedInstrument:
    """One instrument as it is drawn.

    :param box: of its mask, in pixels
    :param has_mask: whether the labels show it
    :param tip: column and row of its tip; None where that is unknown or outside of the picture
    :param distance: of its tip along the optical axis, metres; NaN where unknown
    :param is_measured: whether that distance is known to a tenth, rather than guessed by the network
    """

    class_id: int
    name: str
    color: Color
    box: Box
    has_mask: bool
    tip: tuple[int, int] | None = None
    distance: float = math.nan
    is_measured: bool = False


@dataclass(frozen=True, eq=False)
class EyeView:
    """What one eye sees in one image.

    :param size: height and width of the image
    :param labels: (H, W) uint8 class ids; None where outlines are not wanted
    :param instruments: from the one that matters most
    :param gaze: column and row of where to look; None where unknown
    """

    size: tuple[int, int]
    labels: np.ndarray | None = None
    instruments: tuple[MarkedInstrument, ...] = ()
    gaze: tuple[int, int] | None = None


def see(
    size: tuple[int, int],
    labels: np.ndarray | None,
    detections: Sequence[Detection],
    camera: Camera | None,
    colors: np.ndarray | None = None,
    gaze: Point | None = None,
    scanpath: Sequence[Fixation] = (),
) -> EyeView:
    """Return what is to be drawn of what perception published of an image.

    :param size: height and width of the image
    :param labels: (H, W) uint8 class ids
    :param camera: of this eye, by which points become pixels; None where it is not calibrated: there are no tips then
    :param colors: of every class id, (256, 3) uint8; None where they are not known
    :param gaze: metres, optical frame; where it or the camera is not known, the first stop of the scanpath counts
    """
    marked = tuple(_mark(detection, camera, colors) for detection in detections)
    return EyeView(size, labels, marked, _gaze_pixel(size, camera, gaze, scanpath))


def _mark(detection: Detection, camera: Camera | None, colors: np.ndarray | None) -> MarkedInstrument:
    distance = detection.tip[2]
    return MarkedInstrument(
        class_id=detection.class_id,
        name=detection.class_name,
        color=_color(detection.class_id, colors),
        box=detection.box,
        has_mask=detection.instance_id > 0,
        tip=_pixel(camera, detection.tip),
        distance=distance,
        is_measured=detection.position_deviation <= _SURE * distance,  # false where either is unknown
    )


def _color(class_id: int, colors: np.ndarray | None) -> Color:
    if colors is None or not 0 <= class_id < len(colors) or not colors[class_id].any():
        return _UNKNOWN_COLOR
    red, green, blue = colors[class_id].tolist()
    return red, green, blue


def _gaze_pixel(
    size: tuple[int, int], camera: Camera | None, gaze: Point | None, scanpath: Sequence[Fixation]
) -> tuple[int, int] | None:
    if gaze is not None and (pixel := _pixel(camera, gaze)):
        return pixel
    first = min(scanpath, key=lambda fixation: fixation.order, default=None)
    if first is None:
        return None
    column, row = first.pixel
    return first.pixel if 0 <= column < size[1] and 0 <= row < size[0] else None


def _pixel(camera: Camera | None, point: Point) -> tuple[int, int] | None:
    """Return where a camera sees a point; None where it does not."""
    if camera is None or not all(map(math.isfinite, point)):
        return None
    column, row = project(camera, np.array(point)).tolist()
    inside = 0.0 <= column <= camera.width - 1 and 0.0 <= row <= camera.height - 1  # false of NaN
    return (round(column), round(row)) if inside else None
