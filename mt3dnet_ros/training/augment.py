"""From stored frames to the network's input: one affine resampling per frame, then appearance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from mt3dnet_ros.datasets.rendered import RawSample, collate
from mt3dnet_ros.models.config import MT3DNetConfig

from .appearance import randomise_appearance, uniform


class Batch(NamedTuple):
    """A batch as training and validation see it; labels may be at a coarser grid than the images.

    :param images: (B, 3, H, W) float32, normalised
    :param types: (B, H', W') int64
    :param parts: (B, H', W') int64
    :param instances: (B, H', W') uint8
    :param depth: (B, 1, H', W') metres at the canonical focal length, 0 where unknown
    :param scale: (B,) metres per canonical metre, to return to true depth
    """

    images: Tensor
    types: Tensor
    parts: Tensor
    instances: Tensor
    depth: Tensor
    scale: Tensor


class View(NamedTuple):
    """How each frame is seen by the network's input.

    :param zoom: (B,) input pixels per frame pixel
    :param centre: (B, 2) frame pixel (x, y), as an offset from the frame's centre, that falls on the input's centre
    :param angle: (B,) roll about the optical axis, radians
    :param flip: (B,) -1 for mirrored frames, else 1
    """

    zoom: Tensor
    centre: Tensor
    angle: Tensor
    flip: Tensor


def whole_view(batch: int, frame: tuple[int, int], size: tuple[int, int]) -> View:
    """Return the view that shows all of the frame, as large as fits (heights and widths in pixels)."""
    zoom = min(size[0] / frame[0], size[1] / frame[1])
    return View(torch.full((batch,), zoom), torch.zeros(batch, 2), torch.zeros(batch), torch.ones(batch))


def random_view(batch: int, frame: tuple[int, int], size: tuple[int, int]) -> View:
    """Draw zoom (0.8 to 1.7 of the whole view), position, roll (15 degrees) and mirroring."""
    zoom = whole_view(batch, frame, size).zoom * uniform(batch, -0.22, 0.53).exp()
    extent = torch.tensor([frame[1], frame[0]], dtype=torch.float32)
    seen = torch.tensor([size[1], size[0]], dtype=torch.float32) / zoom[:, None]
    slack = (extent - seen).abs() / 2 + 0.03 * extent
    centre = torch.empty(batch, 2).uniform_(-1.0, 1.0) * slack
    return View(zoom, centre, uniform(batch, -0.26, 0.26), torch.randint(0, 2, (batch,)) * 2.0 - 1.0)


def affine(view: View, frame: tuple[int, int], size: tuple[int, int]) -> Tensor:
    """Return (B, 2, 3) from the input's to the frame's coordinates, both in [-1, 1] as ``affine_grid`` wants them."""
    cos, sin = view.angle.cos() / view.zoom, view.angle.sin() / view.zoom
    rows = [
        torch.stack([cos * view.flip * size[1], -sin * size[0], 2 * view.centre[:, 0]], 1) / frame[1],
        torch.stack([sin * view.flip * size[1], cos * size[0], 2 * view.centre[:, 1]], 1) / frame[0],
    ]
    return torch.stack(rows, 1)


@dataclass(frozen=True)
class FrameTransform:
    """Turn stored frames into a :class:`Batch`; callable, to serve as a data loader's ``collate_fn``.

    :param config: input size, normalisation and depth convention of the network
    :param random: draw views and appearance, else show the whole frame as it is
    :param label_stride: input pixels per label pixel
    """

    config: MT3DNetConfig
    random: bool
    label_stride: int

    def __call__(self, samples: list[RawSample]) -> Batch:
        """Return one batch."""
        raw = collate(samples)
        frame, size = (raw.image.shape[1], raw.image.shape[2]), self.config.input_size
        view = (random_view if self.random else whole_view)(len(raw.image), frame, size)
        matrix = affine(view, frame, size)
        images = _sample(raw.image.movedim(-1, 1).float().mul_(1 / 255), matrix, size, 'bilinear')
        images = randomise_appearance(images) if self.random else images
        layers = torch.cat([raw.labels.float(), raw.depth[:, None].float()], 1)
        labels = _sample(layers, matrix, (size[0] // self.label_stride, size[1] // self.label_stride), 'nearest')
        types, parts = labels[:, :2].long().unbind(1)
        scale = raw.focal * view.zoom / self.config.canonical_focal
        depth = self._canonical(labels[:, 3:], scale)
        return Batch(self._normalise(images), types, parts, labels[:, 2].to(torch.uint8), depth, scale)

    def _canonical(self, metres: Tensor, scale: Tensor) -> Tensor:
        known = metres > 0
        return (metres / scale[:, None, None, None]).clamp(*self.config.depth_range) * known

    def _normalise(self, images: Tensor) -> Tensor:
        mean, std = (torch.tensor(values)[:, None, None] for values in (self.config.mean, self.config.std))
        return images.sub_(mean).div_(std).to(memory_format=torch.channels_last)


def _sample(layers: Tensor, matrix: Tensor, size: tuple[int, int], mode: str) -> Tensor:
    grid = F.affine_grid(matrix, [len(layers), 1, *size], align_corners=False)
    return F.grid_sample(layers, grid, mode=mode, padding_mode='zeros', align_corners=False)
