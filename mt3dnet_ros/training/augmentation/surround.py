"""Round, cut, octagonal and rectangular surrounds of an endoscope's view, and what recorders put into them.

A surround hides what it covers: in the image, and in the labels, where it is background of unknown depth. Lengths are
parts of the picture's width, so that image and coarser labels see the same shape.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import cv2
import numpy as np
import torch
from torch import Tensor

from .writing import draw_icon, write

WIDEST = 0.35
"""Largest margin of a surround, in widths, on each side."""

_INSETS = 0.15  # share of surrounds that have another picture in them
_UNCUT = 10.0  # half extents beyond any picture


@dataclass(frozen=True)
class Surround:
    """Where the view lies: inside of a circle or octagon, cut by a rectangle.

    :param centre: x and y of the view's centre
    :param half: half of the rectangle's width and height
    :param radius: of the circle
    :param corner: length of the octagon's cuts along the rectangle's sides
    :param inset: left, top, right and bottom of another picture that is shown beside or over the view; None for none
    """

    centre: tuple[float, float]
    half: tuple[float, float]
    radius: float = _UNCUT
    corner: float = 0.0
    inset: tuple[float, float, float, float] | None = None

    def depth_inside(self, size: tuple[int, int]) -> np.ndarray:
        """Return (H, W) float32, how far inside of the view's border pixels lie; below 0 beyond it."""
        rows, columns = (np.arange(side, dtype=np.float32) + np.float32(0.5) for side in size)
        x = np.abs(columns / size[1] - np.float32(self.centre[0]))
        y = np.abs(rows / size[1] - np.float32(self.centre[1]))[:, None]
        inside = np.minimum(np.float32(self.half[0]) - x, np.float32(self.half[1]) - y)
        if self.radius < _UNCUT:
            inside = np.minimum(inside, np.float32(self.radius) - np.hypot(x, y))
        if self.corner > 0:
            inside = np.minimum(inside, (np.float32(sum(self.half) - self.corner) - x - y) / np.float32(math.sqrt(2.0)))
        return inside

    def shown(self, size: tuple[int, int]) -> np.ndarray:
        """Return (H, W) bool, where the view is seen."""
        shown = self.depth_inside(size) > 0
        if self.inset is not None:
            rows, columns = _pixels(self.inset, size)
            shown[rows, columns] = False
        return shown

    def view_share(self, size: tuple[int, int]) -> float:
        """Return the view's size as a part of the picture's, at most 1."""
        sides = (1.0, size[0] / size[1])
        reach = [min(half, self.radius) for half in self.half]
        parts = [
            (min(side, middle + extent) - max(0.0, middle - extent)) / side
            for side, middle, extent in zip(sides, self.centre, reach, strict=True)
        ]
        return math.sqrt(parts[0] * parts[1])


def draw_surround(rng: np.random.Generator, size: tuple[int, int], inset: float = 0.0) -> Surround:
    """Return a random surround of up to ``WIDEST`` on each side.

    :param size: height and width of the picture
    :param inset: share of surrounds that have another picture in them
    """
    aspect = size[0] / size[1]
    kind = rng.choice(4, p=[0.35, 0.2, 0.15, 0.3])
    made = _rectangle(rng, aspect) if kind == 3 else _round(rng, aspect, cut=kind == 1, octagon=kind == 2)
    return replace(made, inset=_place_inset(rng, made, size)) if rng.random() < inset else made


def _round(rng: np.random.Generator, aspect: float, cut: bool, octagon: bool) -> Surround:
    """Return a circle, of which the corners of the picture alone or up to ``WIDEST`` of each side are hidden."""
    half = 0.5 - rng.uniform(-0.1, WIDEST)
    room = max(0.0, min(0.06, half - (0.5 - WIDEST)))
    centre = (0.5 + rng.uniform(-room, room), aspect / 2 + rng.uniform(-0.06, 0.06))
    if octagon:
        height = min(half, aspect / 2) * rng.uniform(0.8, 1.0)
        return Surround(centre, (min(half, 0.5), height), corner=rng.uniform(0.3, 0.75) * height)
    height = min(half, aspect / 2) * rng.uniform(0.65, 0.95) if cut else _UNCUT
    return Surround(centre, (_UNCUT, height), radius=half)


def _rectangle(rng: np.random.Generator, aspect: float) -> Surround:
    """Return bars at the sides, above and below, all around, or a panel at one side."""
    margins = rng.uniform(0.02, WIDEST, 2).repeat(2) * (1.0, 1.0, aspect, aspect)  # left, right, top, bottom
    kind = rng.integers(4)
    if kind == 0:
        margins[2:] = 0.0
    elif kind == 1:
        margins[:2] = 0.0
    elif kind == 2:
        margins *= rng.uniform(0.1, 1.0, 4)
    else:
        margins = np.where(np.arange(4) == rng.integers(4), margins, 0.0)
    # Where a side has no margin the view goes on beyond the picture's border.
    left, right, top, bottom = np.where(margins > 0, margins, -0.5).tolist()
    centre = ((1 + left - right) / 2, (aspect + top - bottom) / 2)
    corner = rng.uniform(0.0, 0.08) if rng.random() < 0.15 else 0.0
    return Surround(centre, ((1 - left - right) / 2, (aspect - top - bottom) / 2), corner=corner)


def _place_inset(
    rng: np.random.Generator, surround: Surround, size: tuple[int, int]
) -> tuple[float, float, float, float]:
    """Return where, of some places, an inset covers least of the view."""
    aspect = size[0] / size[1]
    width = rng.uniform(0.1, 0.3)
    room = np.array([1.0 - width, aspect * (1.0 - width)])
    inside = surround.depth_inside((max(1, round(32 * aspect)), 32)) > 0
    corners = [np.clip(rng.uniform(-0.3, 1.3, 2), 0.0, 1.0) * room for _ in range(8)]
    places = [(x, y, x + width, y + aspect * width) for x, y in corners]
    covered = [inside[_pixels(place, inside.shape[:2])].mean() for place in places]
    return places[int(np.argmin(covered))]


def _pixels(place: tuple[float, float, float, float], size: tuple[int, int]) -> tuple[slice, slice]:
    left, top, right, bottom = (round(edge * size[1]) for edge in place)
    return slice(top, max(bottom, top + 1)), slice(left, max(right, left + 1))


def frame_by(
    surround: Surround, picture: np.ndarray, rng: np.random.Generator, other: np.ndarray | None = None
) -> np.ndarray:
    """Return a picture (H, W, 3) in [0, 1] within a surround of random colour, edge, rim and contents.

    :param other: what an inset shows, (H, W, 3)
    """
    size = picture.shape[:2]
    inside = surround.depth_inside(size)
    if rng.random() < 0.4:  # light falls off towards the rim
        falloff = np.clip(inside / np.float32(rng.uniform(0.03, 0.2)), 0.0, 1.0)[..., None]
        picture = picture * (1.0 - np.float32(rng.uniform(0.2, 0.8)) * (1.0 - falloff))
    softness = 1.0 if rng.random() < 0.4 else rng.uniform(1.0, 12.0)  # pixels
    share = np.clip(inside * np.float32(size[1] / softness) + np.float32(0.5), 0.0, 1.0)[..., None]
    canvas = _fill(rng, size)
    _add_contents(canvas, rng)
    framed = canvas + share * (picture - canvas)
    if surround.radius < _UNCUT and rng.random() < 0.25:
        _add_notch(framed, surround, rng)
    if rng.random() < 0.1:
        write(framed, rng, int(rng.integers(1, 3)))
    if surround.inset is not None and other is not None:
        _add_inset(framed, surround.inset, other)
    return np.clip(framed, 0.0, 1.0)


def _fill(rng: np.random.Generator, size: tuple[int, int]) -> np.ndarray:
    """Return (H, W, 3) of black, nearly black with noise, dark grey, blue, any dark colour or, rarely, white."""
    kind = rng.choice(6, p=[0.5, 0.2, 0.12, 0.08, 0.07, 0.03])
    grey = np.ones(3, np.float32)
    inks = (
        0.0 * grey, grey * rng.uniform(0, 0.08), grey * rng.uniform(0.08, 0.3),
        rng.uniform(0, 1, 3) * (0.15, 0.25, 0.7), rng.uniform(0, 0.3, 3), grey * rng.uniform(0.85, 1),
    )  # fmt: skip
    canvas = np.tile(inks[kind].astype(np.float32), (*size, 1))
    if kind in (1, 2):
        amount = np.float32(rng.uniform(0.0, 0.03))
        canvas += amount * rng.standard_normal((*size, 1), dtype=np.float32)
    return np.clip(canvas, 0.0, 1.0)


def _add_contents(canvas: np.ndarray, rng: np.random.Generator) -> None:
    """Write a patient's data, times and settings, and draw icons, on half of the surrounds."""
    if rng.random() < 0.5:
        return
    for _ in range(int(rng.integers(1, 5))):
        write(canvas, rng, int(rng.integers(1, 7)))
    for _ in range(int(rng.integers(0, 5))):
        draw_icon(canvas, rng)


def _add_notch(picture: np.ndarray, surround: Surround, rng: np.random.Generator) -> None:
    """Draw the mark that shows at the rim of many endoscopes which way is up."""
    width, angle = picture.shape[1], rng.uniform(0, 2 * math.pi)
    outward = np.array([math.cos(angle), math.sin(angle)])
    along, side = outward[::-1] * (-1, 1), rng.uniform(0.01, 0.035)
    rim = np.array(surround.centre) + surround.radius * outward
    corners = [rim - 1.5 * side * outward, rim + side * along, rim - side * along]
    cv2.fillPoly(picture, [np.array([width * corner for corner in corners], np.int32)], (0.0, 0.0, 0.0), cv2.LINE_AA)


def _add_inset(picture: np.ndarray, place: tuple[float, float, float, float], other: np.ndarray) -> None:
    rows, columns = _pixels(place, picture.shape[:2])
    height, width = picture[rows, columns].shape[:2]
    picture[rows, columns] = cv2.resize(other, (width, height), interpolation=cv2.INTER_AREA)


def draw_surrounds(count: int, share: float, size: tuple[int, int]) -> dict[int, Surround]:
    """Return the surrounds of a share of ``count`` images, by the index of the image; draw nothing for a share of 0."""
    if share <= 0:
        return {}
    chosen = (torch.rand(count) < share).nonzero()[:, 0].tolist()
    rng = np.random.default_rng(int(torch.randint(2**62, ())))
    return {index: draw_surround(rng, size, _INSETS) for index in chosen}


def frame_images(images: Tensor, surrounds: dict[int, Surround]) -> None:
    """Frame some images of a batch (B, 3, H, W) in [0, 1], in place; their insets show other images of it.

    :param surrounds: by the index of the image
    """
    rng = np.random.default_rng(int(torch.randint(2**62, ())))
    for index, surround in surrounds.items():
        picture, other = (
            np.ascontiguousarray(images[number].movedim(0, -1).numpy())
            for number in (index, (index + int(rng.integers(1, max(2, len(images))))) % len(images))
        )
        framed = frame_by(surround, picture, rng, other)
        images[index] = torch.from_numpy(np.ascontiguousarray(framed, np.float32)).movedim(-1, 0)
