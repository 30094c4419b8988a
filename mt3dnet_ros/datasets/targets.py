"""What the detection head should say: heat maps and edge distances, from boxes; boxes, from instance masks."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

_SPREAD = 0.54 / 6.0
_LEAST_SIGMA = 0.5
_POSITIVE_HEAT = 0.3


class Boxes(NamedTuple):
    """Objects of a batch, padded to the same number K.

    :param edges: (B, K, 4) left, top, right, bottom edge in input pixels; pixel k covers k - 0.5 to k + 0.5
    :param classes: (B, K) int64 type ids from 1; 0 marks padding
    """

    edges: Tensor
    classes: Tensor


class DetectionTargets(NamedTuple):
    """Targets on the detection grid.

    :param heat: (B, C-1, h, w) 1 at each object's centre cell, falling off as a Gaussian of the object's size
    :param boxes: (B, 4, h, w) left, top, right, bottom distances in input pixels
    :param weights: (B, h, w) weight of the cell's box, 0 where it says nothing
    """

    heat: Tensor
    boxes: Tensor
    weights: Tensor


def boxes_from_instances(instances: Tensor, types: Tensor, stride: int, least_pixels: int = 64) -> Boxes:
    """Return the boxes of the visible pixels of each instance.

    :param instances: (B, H, W) uint8 instance ids, counted from 1 in each frame; 0 for none
    :param types: (B, H, W) uint8 type ids
    :param stride: input pixels per mask pixel
    :param least_pixels: input pixels that an object must show to count
    """
    ids = torch.arange(1, int(instances.max()) + 1, dtype=instances.dtype, device=instances.device)
    masks = instances[:, None] == ids[:, None, None]  # (B, K, H, W)
    classes = (masks * types[:, None]).flatten(2).amax(-1) if masks.shape[1] else types.new_zeros(len(types), 0)
    visible = masks.sum((2, 3)) * stride**2 >= least_pixels
    left, right = _extent(masks.any(2))
    top, bottom = _extent(masks.any(3))
    edges = torch.stack([left, top, right, bottom], -1) * stride - 0.5
    return Boxes(edges.float(), torch.where(visible, classes, 0).long())


def detection_targets(boxes: Boxes, size: tuple[int, int], stride: int, classes: int) -> DetectionTargets:
    """Splat boxes on the detection grid.

    Gaussians grow with width and height (Liu et al. 2020, TTFNet, arXiv 1909.00700); where they overlap, the box of
    the larger value is regressed.

    :param size: input height and width in pixels
    :param classes: number of types without the background
    """
    edges, ids = boxes
    batch, objects = ids.shape
    height, width = size[0] // stride, size[1] // stride
    if objects == 0:
        empty = edges.new_zeros(batch, classes + 5, height, width)
        return DetectionTargets(empty[:, :classes], empty[:, classes:-1], empty[:, -1])
    gaussians = _gaussians(edges, height, width, stride) * (ids > 0)[..., None, None]  # (B, K, h, w)
    heat = edges.new_zeros(batch, classes + 1, height, width)
    heat.scatter_reduce_(1, ids[..., None, None].expand_as(gaussians), gaussians, 'amax')
    strongest, owner = gaussians.max(1)
    owned = edges.gather(1, owner.flatten(1)[..., None].expand(-1, -1, 4)).mT.unflatten(2, (height, width))
    distances = _distances(owned, stride)
    inside = (distances > 0).all(1)
    weights = torch.where(inside & (strongest > _POSITIVE_HEAT), strongest, 0.0)
    return DetectionTargets(heat[:, 1:], distances, weights)


def cell_points(height: int, width: int, stride: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Return x (w,) and y (h, 1) in input pixels of the grid's cells."""
    columns = (torch.arange(width, device=device) + 0.5) * stride - 0.5
    rows = (torch.arange(height, device=device) + 0.5) * stride - 0.5
    return columns, rows[:, None]


def _distances(edges: Tensor, stride: int) -> Tensor:
    """Return the distances to the edges (B, 4, h, w) that each cell owns."""
    columns, rows = cell_points(edges.shape[2], edges.shape[3], stride, edges.device)
    left, top, right, bottom = edges.unbind(1)
    return torch.stack([columns - left, rows - top, right - columns, bottom - rows], 1)


def _gaussians(edges: Tensor, height: int, width: int, stride: int) -> Tensor:
    """Return per object (B, K, h, w) a Gaussian that is exactly 1 at the cell holding the box's centre."""
    left, top, right, bottom = edges.unbind(-1)
    across = _profile(left, right, width, stride)
    down = _profile(top, bottom, height, stride)
    return down[..., :, None] * across[..., None, :]


def _profile(low: Tensor, high: Tensor, cells: int, stride: int) -> Tensor:
    centre = (((low + high) / 2 + 0.5) / stride).floor().clamp(0, cells - 1)
    sigma = ((high - low) / stride * _SPREAD).clamp(min=_LEAST_SIGMA)
    offset = torch.arange(cells, device=low.device) - centre[..., None]
    return torch.exp(-0.5 * (offset / sigma[..., None]) ** 2)


def _extent(present: Tensor) -> tuple[Tensor, Tensor]:
    """Return the first index set along the last dimension, and one past the last."""
    length = present.shape[-1]
    flags = present.to(torch.uint8)
    return flags.argmax(-1), length - flags.flip(-1).argmax(-1)
