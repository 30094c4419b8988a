"""From stored windows to the network's input: one crop and one appearance for all frames of a window."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from mt3dnet_ros.models.config import MT3DNetConfig
from mt3dnet_ros.models.st_mtl.config import STMTLConfig
from mt3dnet_ros.training.augmentation.appearance import randomise_appearance
from mt3dnet_ros.training.augmentation.crops import Crop, affine, random_crop, whole_crop

from .windows import Window


class WindowBatch(NamedTuple):
    """B windows of T frames as training and validation see them.

    :param images: (B, T, 3, H, W) float32, normalised
    :param types: (B, T, H, W) int64; ``IGNORED`` where unlabelled
    :param saliency: (B, T, 1, H, W) float32 in [0, 1]
    """

    images: Tensor
    types: Tensor
    saliency: Tensor

    def frames(self) -> WindowBatch:
        """Return all frames, window by window, without the dimension T."""
        return WindowBatch(*(values.flatten(0, 1) for values in self))


@dataclass(frozen=True)
class WindowTransform:
    """Turn stored windows into a batch. What lies outside of a frame is black, background and not salient.

    :param config: input size and normalisation of the network
    :param crops: ``random``, ``mirrored``, or ``whole`` for frames as they are
    :param zoom: least and largest enlargement of random crops, relative to the crop that shows the whole frame
    :param inside: whether random crops keep inside the frame, as far as their zoom allows
    :param strength: of random appearance; 0 for none
    """

    config: MT3DNetConfig | STMTLConfig
    crops: str
    zoom: tuple[float, float] = (1.0, 1.0)
    inside: bool = False
    strength: float = 0.0

    @property
    def taxonomy(self) -> str:
        """Numbering of the types that the network speaks."""
        return self.config.taxonomy

    def plain(self) -> WindowTransform:
        """Return the transform that changes nothing but the size."""
        return replace(self, crops='whole', strength=0.0)

    def __call__(self, drawn: Sequence[Window]) -> WindowBatch:
        """Return one batch of windows of one length and size."""
        images, types, saliency = (torch.stack(values) for values in zip(*drawn, strict=True))
        frame, size = (images.shape[2], images.shape[3]), self.config.input_size
        matrix = affine(self._crop(len(images), frame), frame, size)
        looks = _sample(images.movedim(-1, 2).float().mul_(1 / 255), matrix, size, 'bilinear')
        if self.strength > 0:
            looks = _alike_over_time(looks, self.strength)
        labels = _sample(types[:, :, None].float(), matrix, size, 'nearest')[:, :, 0].long()
        return WindowBatch(self._normalise(looks), labels, self._saliency(saliency, matrix))

    def _crop(self, batch: int, frame: tuple[int, int]) -> Crop:
        size = self.config.input_size
        if self.crops == 'random':
            return random_crop(batch, frame, size, self.zoom, self.inside)
        crop = whole_crop(batch, frame, size)
        return _mirrored(crop) if self.crops == 'mirrored' else crop

    def _saliency(self, stored: Tensor, matrix: Tensor) -> Tensor:
        return _sample(stored[:, :, None].float().mul_(1 / 255), matrix, self.config.input_size, 'bilinear')

    def _normalise(self, images: Tensor) -> Tensor:
        mean, std = (torch.tensor(values)[:, None, None] for values in (self.config.mean, self.config.std))
        return images.sub(mean).div_(std)


def _mirrored(crop: Crop) -> Crop:
    """Mirror half of the crops, left to right or, half of these, top to bottom, as ST-MTL's released code does."""
    mirrored = torch.rand(len(crop.flip)) < 0.5
    upside_down = torch.rand(len(crop.flip)) < 0.5
    return crop._replace(flip=1.0 - 2.0 * mirrored, angle=math.pi * (mirrored & upside_down))


def _sample(layers: Tensor, matrix: Tensor, size: tuple[int, int], mode: str) -> Tensor:
    """Return windows (B, T, C, H, W) resampled by the crop of each, (B, 2, 3)."""
    batch, length, channels = layers.shape[:3]
    grid = F.affine_grid(matrix, [batch, 1, *size], align_corners=False)
    seen = F.grid_sample(layers.flatten(1, 2), grid, mode=mode, padding_mode='zeros', align_corners=False)
    return seen.unflatten(1, (length, channels))


def _alike_over_time(windows: Tensor, strength: float) -> Tensor:
    """Change the appearance of windows (B, T, 3, H, W) in [0, 1], each frame of a window by the same draws."""
    state, frames = torch.get_rng_state(), []
    for frame in windows.unbind(1):
        torch.set_rng_state(state)  # noise, too, stands still: a camera's fixed pattern
        frames.append(randomise_appearance(frame.contiguous(), strength))
    return torch.stack(frames, 1)
