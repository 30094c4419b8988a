"""Which part of a frame the network's input shows, and the intrinsics that fit it.

A crop also rolls and mirrors the frame. Its intrinsics belong to the scene rolled and mirrored with it
(``move_points``), so that focal lengths stay positive, depth stays what it was, and image, depth and camera of a batch
fit each other.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor

from .appearance import uniform

USUAL_ROLL = 15.0
"""Largest roll in degrees where nothing else is said."""

_USUAL = 0.26  # radians; rounded, and kept so that the same seed draws the same crops
_TURNED_FROM = 45.0
_QUARTERS = (90.0, -90.0, 180.0)


class Crop(NamedTuple):
    """How each frame is placed in the network's input.

    :param zoom: (B,) input pixels per frame pixel
    :param centre: (B, 2) frame pixel (x, y), as an offset from the frame's centre, that falls on the input's centre
    :param angle: (B,) roll about the optical axis, radians
    :param flip: (B,) -1 for mirrored frames, else 1
    """

    zoom: Tensor
    centre: Tensor
    angle: Tensor
    flip: Tensor


def whole_crop(batch: int, frame: tuple[int, int], size: tuple[int, int]) -> Crop:
    """Return the crop that shows all of the frame, as large as fits (heights and widths in pixels)."""
    zoom = min(size[0] / frame[0], size[1] / frame[1])
    return Crop(torch.full((batch,), zoom), torch.zeros(batch, 2), torch.zeros(batch), torch.ones(batch))


def random_crop(
    batch: int,
    frame: tuple[int, int],
    size: tuple[int, int],
    zoom: tuple[float, float] = (0.8, 1.7),
    inside: bool = False,
    roll: float = USUAL_ROLL,
) -> Crop:
    """Draw zoom (relative to the crop that shows the whole frame), position, roll and mirroring.

    :param inside: roll and shift only as far as the zoom allows without a look beyond the frame's border, which tells
        a network how far a crop is zoomed: in whole frames, without a border in sight, it then errs on the scale
    :param roll: largest roll in degrees; above 45, half of the crops are turned (:func:`_turns`). With ``inside``,
        those by exact quarters have bars where the frame does not fill the input, and those by any other angle are
        enlarged until it does
    """
    enlarged = whole_crop(batch, frame, size).zoom * uniform(batch, math.log(zoom[0]), math.log(zoom[1])).exp()
    extent = torch.tensor([frame[1], frame[0]], dtype=torch.float32)
    seen = torch.tensor([size[1], size[0]], dtype=torch.float32) / enlarged[:, None]
    turn, angle, free = _draw_roll(batch, roll)
    if inside:
        filling = torch.where(free, (_box(seen, turn) / extent).amax(1).clamp(min=1.0), 1.0)
        enlarged, seen = enlarged * filling, seen / filling[:, None]
        upright = _box(seen, turn)
        angle = torch.minimum(angle.abs(), _largest_roll(upright, extent)) * angle.sign()
        slack = (extent - _box(upright, angle)).clamp(min=0.0) / 2
    else:
        slack = (extent - seen).abs() / 2 + 0.03 * extent
    centre = torch.empty(batch, 2).uniform_(-1.0, 1.0) * slack
    return Crop(enlarged, centre, turn + angle, torch.randint(0, 2, (batch,)) * 2.0 - 1.0)


def _draw_roll(batch: int, roll: float) -> tuple[Tensor, Tensor, Tensor]:
    """Return turns (B,), the small rolls (B,) beside them, in radians, and which turns are by any angle (B,)."""
    turned = roll > _TURNED_FROM
    largest = _USUAL * (1.0 if turned else roll / USUAL_ROLL)
    angle = uniform(batch, -largest, largest)
    if not turned:
        return torch.zeros(batch), angle, torch.zeros(batch, dtype=torch.bool)
    turn, free = _turns(batch, roll)
    return turn, torch.where(free, 0.0, angle), free


def _turns(batch: int, roll: float) -> tuple[Tensor, Tensor]:
    """Return turns (B,) in radians up to a roll in degrees, and which of them are by any angle.

    Half of the crops are not turned, a quarter by 90 or 180 degrees, a quarter by any angle: cameras are held upright
    for the most part, recordings are turned by quarters, and scopes roll freely.
    """
    kind = torch.rand(batch)
    any_angle = uniform(batch, -math.radians(roll), math.radians(roll))
    quarters = torch.tensor([turn for turn in _QUARTERS if abs(turn) <= roll] or [0.0])
    quarter = torch.deg2rad(quarters[torch.randint(len(quarters), (batch,))])
    free = kind >= 0.75
    return torch.where(free, any_angle, quarter * (kind >= 0.5)), free


def _largest_roll(seen: Tensor, extent: Tensor) -> Tensor:
    """Return the angle (B,) by which crops of a width and height (B, 2) can roll inside the frame; 0 for larger ones.

    For each side s of the frame, cos(a) p + sin(a) q <= s has the solution a <= atan2(q, p) - acos(s / hypot(p, q)).
    """
    other = seen.flip(1)
    limit = torch.atan2(other, seen) - torch.acos((extent / seen.hypot(other)).clamp(max=1.0))
    return torch.where(extent >= seen.hypot(other), math.inf, limit).amin(1).clamp(min=0.0)


def _box(seen: Tensor, angle: Tensor) -> Tensor:
    """Return width and height (B, 2) of the upright box around rolled crops."""
    return seen * angle.cos().abs()[:, None] + seen.flip(1) * angle.sin().abs()[:, None]


def affine(crop: Crop, frame: tuple[int, int], size: tuple[int, int]) -> Tensor:
    """Return (B, 2, 3) from the input's to the frame's coordinates, both in [-1, 1] as ``affine_grid`` wants them."""
    cos, sin = crop.angle.cos() / crop.zoom, crop.angle.sin() / crop.zoom
    rows = [
        torch.stack([cos * crop.flip * size[1], -sin * size[0], 2 * crop.centre[:, 0]], 1) / frame[1],
        torch.stack([sin * crop.flip * size[1], cos * size[0], 2 * crop.centre[:, 1]], 1) / frame[0],
    ]
    return torch.stack(rows, 1)


def to_input(crop: Crop, frame: tuple[int, int], size: tuple[int, int]) -> Tensor:
    """Return (B, 3, 3) from the frame's to the input's pixels, homogeneous: the inverse of :func:`affine`."""
    turn = crop.zoom[:, None, None] * _roll_and_mirror(crop)
    frame_centre = crop.centre + (torch.tensor([frame[1], frame[0]]) - 1) / 2
    input_centre = (torch.tensor([size[1], size[0]]) - 1) / 2
    shift = input_centre[:, None] - turn @ frame_centre[..., None]
    last = torch.tensor([0.0, 0.0, 1.0]).expand(len(turn), 1, 3)
    return torch.cat([torch.cat([turn, shift], 2), last], 1)


def move_points(crop: Crop, points: Tensor) -> Tensor:
    """Roll and mirror points (B, N, 3) of the frame's camera as the crop does the scene."""
    return torch.cat([points[..., :2] @ _roll_and_mirror(crop).mT, points[..., 2:]], -1)


def crop_intrinsics(crop: Crop, intrinsics: Tensor, frame: tuple[int, int], size: tuple[int, int]) -> Tensor:
    """Return the intrinsic matrices (B, 3, 3) with which the input shows the moved scene (:func:`move_points`).

    Where pixels are not square, a roll leaves a small skew beside the focal lengths.

    :param intrinsics: (B, 3, 3) of the frames, in pixels with their centre at integer coordinates
    """
    moved = to_input(crop, frame, size) @ intrinsics
    moved[:, :2, :2] = moved[:, :2, :2] @ _roll_and_mirror(crop).mT  # orthogonal: its transpose is its inverse
    return moved


def _roll_and_mirror(crop: Crop) -> Tensor:
    """Return (B, 2, 2), orthogonal, from directions in the frame to directions in the input."""
    cos, sin = crop.angle.cos(), crop.angle.sin()
    rows = [torch.stack([cos, sin], 1) * crop.flip[:, None], torch.stack([-sin, cos], 1)]
    return torch.stack(rows, 1)
