"""From stored windows to the network's input: one view and one appearance for all frames of a window."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from mt3dnet_ros.models.config import MT3DNetConfig
from mt3dnet_ros.models.st_mtl.config import STMTLConfig
from mt3dnet_ros.training.augmentation.appearance import randomise_appearance
from mt3dnet_ros.training.augmentation.views import View, affine, random_view, whole_view

if TYPE_CHECKING:
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

    def to(self, device: torch.device) -> WindowBatch:
        """Return the batch on a device."""
        return WindowBatch(*(values.to(device, non_blocking=True) for values in self))


@dataclass(frozen=True)
class WindowTransform:
    """Turn stored windows into a batch. What lies outside of a frame is black, background and not salient.

    :param config: input size and normalisation of the network
    :param views: ``random``, ``mirrored``, or ``whole`` for frames as they are
    :param zoom: least and largest enlargement of random views, relative to the view of the whole frame
    :param strength: of random appearance; 0 for none
    """

    config: MT3DNetConfig | STMTLConfig
    views: str
    zoom: tuple[float, float] = (1.0, 1.0)
    strength: float = 0.0

    @property
    def taxonomy(self) -> str:
        """Numbering of the types that the network speaks."""
        return self.config.taxonomy

    def plain(self) -> WindowTransform:
        """Return the transform that changes nothing but the size."""
        return replace(self, views='whole', strength=0.0)

    def __call__(self, drawn: Sequence[Window]) -> WindowBatch:
        """Return one batch of windows of one length and size."""
        images, types, saliency = (torch.stack(values) for values in zip(*drawn, strict=True))
        frame, size = (images.shape[2], images.shape[3]), self.config.input_size
        matrix = affine(self._view(len(images), frame), frame, size)
        looks = _sample(images.movedim(-1, 2).float().mul_(1 / 255), matrix, size, 'bilinear')
        if self.strength > 0:
            looks = _alike_over_time(looks, self.strength)
        labels = _sample(types[:, :, None].float(), matrix, size, 'nearest')[:, :, 0].long()
        return WindowBatch(self._normalise(looks), labels, self._saliency(saliency, matrix))

    def _view(self, batch: int, frame: tuple[int, int]) -> View:
        size = self.config.input_size
        if self.views == 'random':
            return random_view(batch, frame, size, self.zoom)
        view = whole_view(batch, frame, size)
        return _mirrored(view) if self.views == 'mirrored' else view

    def _saliency(self, stored: Tensor, matrix: Tensor) -> Tensor:
        return _sample(stored[:, :, None].float().mul_(1 / 255), matrix, self.config.input_size, 'bilinear')

    def _normalise(self, images: Tensor) -> Tensor:
        mean, std = (torch.tensor(values)[:, None, None] for values in (self.config.mean, self.config.std))
        return images.sub(mean).div_(std)


@dataclass(frozen=True)
class SeededWindows:
    """Make a batch, its randomness drawn from the batch's own seed; serves as a loader's ``collate_fn``."""

    transform: WindowTransform

    def __call__(self, drawn: list[tuple[Window, int]]) -> WindowBatch:
        """Return one batch."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(drawn[0][1])
            return self.transform([window for window, _ in drawn])


def _mirrored(view: View) -> View:
    """Mirror half of the views, left to right or, half of these, top to bottom, as ST-MTL's released code does."""
    mirrored = torch.rand(len(view.flip)) < 0.5
    upside_down = torch.rand(len(view.flip)) < 0.5
    return view._replace(flip=1.0 - 2.0 * mirrored, angle=math.pi * (mirrored & upside_down))


def _sample(layers: Tensor, matrix: Tensor, size: tuple[int, int], mode: str) -> Tensor:
    """Return windows (B, T, C, H, W) seen through the view of each, (B, 2, 3)."""
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
