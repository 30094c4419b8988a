"""From stored frames to the network's input: one affine resampling per frame, then appearance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from mt3dnet_ros.datasets.frames import IGNORED
from mt3dnet_ros.datasets.rendered import RawSample, collate
from mt3dnet_ros.models.config import MT3DNetConfig

from .appearance import randomise_appearance
from .crops import affine, crop_intrinsics, random_crop, whole_crop


class Batch(NamedTuple):
    """A batch as training and validation see it; labels may be at a coarser grid than the images.

    :param images: (B, 3, H, W) float32, normalised
    :param types: (B, H', W') int64
    :param parts: (B, H', W') int64
    :param instances: (B, H', W') uint8
    :param depth: (B, 1, H', W') metres at the canonical focal length, 0 where unknown
    :param scale: (B,) metres per canonical metre, to return to true depth
    :param intrinsics: (B, 3, 3) with which the images show the scene, rolled and mirrored with them (``crops.py``)
    """

    images: Tensor
    types: Tensor
    parts: Tensor
    instances: Tensor
    depth: Tensor
    scale: Tensor
    intrinsics: Tensor


@dataclass(frozen=True)
class FrameTransform:
    """Turn stored frames into a :class:`Batch`; callable, to serve as a data loader's ``collate_fn``.

    What lies outside of a frame is black in the image, of unknown depth, and background in the labels, as the black
    borders of endoscopes are; in labels of which the frame has none it stays ``IGNORED``.

    :param config: input size, normalisation and depth convention of the network
    :param random: draw crops and appearance, else show the whole frame as it is
    :param label_stride: input pixels per label pixel
    :param zoom: least and largest enlargement of random crops, relative to the crop that shows the whole frame
    :param inside: whether random crops keep inside the frame, as far as their zoom allows
    :param strength: of random appearance; 0 for none
    """

    config: MT3DNetConfig
    random: bool
    label_stride: int
    zoom: tuple[float, float] = (0.8, 1.7)
    inside: bool = False
    strength: float = 1.0

    def __call__(self, samples: list[RawSample]) -> Batch:
        """Return one batch."""
        raw = collate(samples)
        frame, size = (raw.image.shape[1], raw.image.shape[2]), self.config.input_size
        count = len(raw.image)
        whole = not self.random
        crop = whole_crop(count, frame, size) if whole else random_crop(count, frame, size, self.zoom, self.inside)
        matrix = affine(crop, frame, size)
        images = _sample(raw.image.movedim(-1, 1).float().mul_(1 / 255), matrix, size, 'bilinear')
        if self.random and self.strength > 0:
            images = randomise_appearance(images, self.strength)
        types, parts, instances, depth = self._labels(raw, matrix)
        scale = raw.focal * crop.zoom / self.config.canonical_focal
        intrinsics = crop_intrinsics(crop, raw.intrinsics, frame, size)
        return Batch(self._normalise(images), types, parts, instances, self._canonical(depth, scale), scale, intrinsics)

    def _labels(self, raw: RawSample, matrix: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return types, parts, instances and depth in metres, at the labels' stride."""
        height, width = (side // self.label_stride for side in self.config.input_size)
        layers = torch.cat([raw.labels.float(), raw.depth[:, None].float()], 1)
        sampled = _sample(layers, matrix, (height, width), 'nearest')
        labels = sampled[:, :3].to(torch.uint8)
        labels[(raw.labels == IGNORED).flatten(2).all(2)] = IGNORED
        types, parts, instances = labels.unbind(1)
        return types.long(), parts.long(), instances, sampled[:, 3:]

    def _canonical(self, metres: Tensor, scale: Tensor) -> Tensor:
        known = metres > 0
        return (metres / scale[:, None, None, None]).clamp(*self.config.depth_range) * known

    def _normalise(self, images: Tensor) -> Tensor:
        mean, std = (torch.tensor(values)[:, None, None] for values in (self.config.mean, self.config.std))
        return images.sub_(mean).div_(std).to(memory_format=torch.channels_last)


def _sample(layers: Tensor, matrix: Tensor, size: tuple[int, int], mode: str) -> Tensor:
    grid = F.affine_grid(matrix, [len(layers), 1, *size], align_corners=False)
    return F.grid_sample(layers, grid, mode=mode, padding_mode='zeros', align_corners=False)
