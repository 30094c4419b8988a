"""The silhouette of a shaft from the picture's edges."""

from __future__ import annotations

import cv2
import numpy as np

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.perception.scale.shaft.edges import NOT_STRAIGHT, EdgeFinder, EdgeImage, FoundEdge, edge_images
from mt3dnet_ros.perception.scale.shaft.outline import SHORT, SHORTEST, MaskOutline
from mt3dnet_ros.perception.scale.shaft.sampling import sample, to_pixels
from mt3dnet_ros.perception.scale.shaft.silhouette import EdgeLine, Silhouette, Strip, UnfitSilhouetteError

NOT_PARALLEL, TWO_PAIRS = 'edges not parallel enough for a cylinder', 'a second pair of edges is as likely'
_ROWS = 48
_ALONG = np.linspace(-1.0, 1.0, _ROWS)
_REACH = 20.0  # pixels from the mask's outline; at most this share of the width:
_REACH_OF_WIDTH = 0.45
_SHARES = 1.0, 0.6, 0.35  # of the length from the trocar: what follows may be a sleeve or a tip cover
_LEAST_STRENGTH = 0.6
_MOST_RIVAL = 0.75  # of an edge's strength
_TILT = -2.0, 0.2  # tangent of the axis's angle to the image plane, negative where it leads away from the camera


def measure_silhouette(rgb: np.ndarray, camera: Camera, outline: MaskOutline) -> Silhouette:
    """Return the silhouette of a shaft whose mask has an outline.

    :param rgb: (H, W, 3) uint8, of any strides
    :raises UnfitSilhouetteError: with the reason
    """
    if rgb.strides[2] < 0:  # a BGR image seen as RGB: any order of colours does, and as it lies it need not be copied
        rgb = rgb[..., ::-1]
    images = _edge_images(rgb, camera, outline)
    low, high = _straight_part(images)
    silhouette = _joined(outline, low, high, images[0].t)
    width, strip = silhouette.width, silhouette.strip
    if strip.half_length < SHORTEST * strip.half_width:
        raise UnfitSilhouetteError(SHORT)
    tilt = (silhouette.high.slope - silhouette.low.slope) / width
    if not _TILT[0] < tilt < _TILT[1]:
        raise UnfitSilhouetteError(NOT_PARALLEL)
    if any(edge.rival > _MOST_RIVAL * edge.strength for edge in (low, high)):
        raise UnfitSilhouetteError(TWO_PAIRS)
    return silhouette


def _edge_images(rgb: np.ndarray, camera: Camera, outline: MaskOutline) -> list[EdgeImage]:
    """Return the edges across the lower and the higher side."""
    strip, pixel = outline.strip, 1.0 / camera.fx
    reach = int(min(_REACH, 2.0 * _REACH_OF_WIDTH * strip.half_width / pixel))
    t = strip.half_length * _ALONG
    outwards = np.arange(-reach, reach + 1) * pixel
    s = (strip.half_width + outline.convergence * t)[:, None] + outwards
    columns, rows = to_pixels(camera, strip, t[:, None], np.stack([-s, s]))
    colours = sample(rgb, (columns.reshape(-1, s.shape[1]), rows.reshape(-1, s.shape[1])), cv2.INTER_LINEAR)
    return edge_images(colours.reshape(2, *s.shape, 3), t, pixel)


def _straight_part(images: list[EdgeImage]) -> tuple[FoundEdge, FoundEdge]:
    """Return both edges over the longest part, from the trocar on, in which they are straight."""
    finders = [EdgeFinder(image) for image in images]
    for share in _SHARES:
        low, high = (finder.best(round(share * _ROWS)) for finder in finders)
        if min(low.strength, high.strength) >= _LEAST_STRENGTH:
            return low, high
    raise UnfitSilhouetteError(NOT_STRAIGHT)


def _joined(outline: MaskOutline, low: FoundEdge, high: FoundEdge, t: np.ndarray) -> Silhouette:
    """Return both lines in a strip about the middle of the rows that lie on both."""
    strip = outline.strip
    rows = np.nonzero(low.on_line & high.on_line)[0]
    if len(rows) < 2:
        raise UnfitSilhouetteError(NOT_STRAIGHT)
    start, stop = t[rows[0]], t[rows[-1]]
    middle = 0.5 * (start + stop)
    sides = (_placed(edge.line, sign, outline, middle) for edge, sign in ((low, -1.0), (high, 1.0)))
    return Silhouette(
        Strip(strip.centre + middle * strip.along, strip.along, 0.5 * (stop - start), strip.half_width), *sides
    )


def _placed(line: EdgeLine, sign: float, outline: MaskOutline, middle: float) -> EdgeLine:
    """Return a line, given against the mask's outline, in the strip whose middle is moved along it."""
    slope = outline.convergence + line.slope
    offset = outline.strip.half_width + line.offset + slope * middle
    return EdgeLine(sign * offset, sign * slope, line.variance, line.slope_variance)
