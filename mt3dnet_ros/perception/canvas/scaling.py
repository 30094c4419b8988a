"""Images and maps scaled as OpenCV scales them, in operations of PyTorch, on whatever device."""

from __future__ import annotations

import math
from functools import lru_cache

import torch
import torch.nn.functional as F
from torch import Tensor

from mt3dnet_ros.perception.preprocess import halved_sizes, is_thin

_LEAST_OVERLAP = 1e-3  # of a pixel, below which OpenCV leaves it out


def shrink(planes: Tensor, size: tuple[int, int]) -> Tensor:
    """Scale an image down as ``Letterbox.forward`` does: halved, then by two neighbours per axis, or by areas.

    :param planes: (C, H, W) float32, of whole numbers
    :param size: height and width of the result
    :returns: (C, h, w) float32, of whole numbers
    """
    for _ in halved_sizes((planes.shape[1], planes.shape[2]), size):
        planes = (F.avg_pool2d(planes, 2) + 0.5).floor()
    before = planes.shape[1], planes.shape[2]
    if before == size:
        return planes
    if is_thin(before, size):
        return _between_neighbours(planes, size)
    return _by_areas(planes, size)


def average(planes: Tensor, cell: int) -> Tensor:
    """Return the means, whole numbers, of squares of some pixels a side, (C, H / cell, W / cell) float32."""
    return F.avg_pool2d(planes, cell).round_()


def enlarge(planes: Tensor, size: tuple[int, int]) -> Tensor:
    """Interpolate maps (C, h, w) linearly, (C, H, W)."""
    return F.interpolate(planes[None], size, mode='bilinear', align_corners=False)[0]


def repeat(ids: Tensor, size: tuple[int, int]) -> Tensor:
    """Scale ids (h, w) uint8 to (H, W): every pixel has that of the cell in which its centre lies.

    As OpenCV's ``INTER_NEAREST_EXACT``, which finds that cell by 16 bits behind the point.
    """
    rows, columns = (_nearest(old, new, ids.device) for old, new in zip(ids.shape, size, strict=True))
    return ids[rows[:, None], columns]


def _between_neighbours(planes: Tensor, size: tuple[int, int]) -> Tensor:
    """Interpolate whole numbers (C, H, W) linearly in OpenCV's arithmetic of fixed point, (C, h, w) float32."""
    rows, columns = (
        _neighbours(before, after, planes.device) for before, after in zip(planes.shape[1:], size, strict=True)
    )
    planes = planes.int()
    planes = (planes[..., columns[0]] * columns[2] + planes[..., columns[1]] * columns[3]) >> 4
    above, below = (planes[:, rows[k]] * rows[2 + k][:, None] for k in (0, 1))
    return (((above >> 16) + (below >> 16) + 2) >> 2).float()


@lru_cache(maxsize=16)
def _neighbours(before: int, after: int, device: torch.device) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return both neighbours of every pixel after, among those before, and their shares in 1/2048, (after,) each."""
    places = ((torch.arange(after, dtype=torch.float64) + 0.5) * (before / after) - 0.5).float()
    first = places.floor()
    share = places - first
    shares = ((2048.0 * weight).round().int() for weight in (1.0 - share, share))
    neighbours = (place.clamp(0, before - 1).int() for place in (first, first + 1))
    left, right, left_share, right_share = (tensor.to(device) for tensor in (*neighbours, *shares))
    return left, right, left_share, right_share


def _by_areas(planes: Tensor, size: tuple[int, int]) -> Tensor:
    """Average (C, H, W) over the areas of the pixels of another size, (C, h, w), adding up in OpenCV's order."""
    rows, columns = (_areas(old, new, planes.device) for old, new in zip(planes.shape[1:], size, strict=True))
    planes = sum(planes[..., place] * share for place, share in zip(*columns, strict=True))
    return sum(planes[:, place] * share[:, None] for place, share in zip(*rows, strict=True)).round_()


@lru_cache(maxsize=16)
def _areas(before: int, after: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Return the pixels before that every pixel after covers, (n, after) int32, and their shares, float32."""
    step = before / after
    first = step * torch.arange(after, dtype=torch.float64)
    last = (first + step).clamp(max=before)
    places = first.floor() + torch.arange(math.ceil(step) + 1)[:, None]
    overlap = torch.minimum(places + 1, last) - torch.maximum(places, first)
    overlap[overlap <= _LEAST_OVERLAP] = 0.0
    shares = (overlap / (last - first)).float()
    return places.clamp(max=before - 1).int().to(device), shares.to(device)


@lru_cache(maxsize=16)
def _nearest(before: int, after: int, device: torch.device) -> Tensor:
    """Return the place before of every place after, (after,) int32."""
    step = ((before << 16) + after // 2) // after
    places = (step * torch.arange(after, dtype=torch.int64) + step // 2 - before % 2) >> 16
    return places.clamp_(0, before - 1).int().to(device)
