"""A frozen network that has seen photographs teaches the encoder its features while the tasks are trained."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mt3dnet_ros.models.config import MT3DNetConfig
from mt3dnet_ros.models.efficientnet_lite import EfficientNetLite0
from mt3dnet_ros.models.efficientnet_lite_pretrained import load_efficientnet_lite

_FIRST = 2  # of the maps that are taught: those at the strides 16 and 32


class FeatureTeacher(nn.Module):
    """How far an encoder's coarse maps are from those of EfficientNet-Lite0, each seen through a 1x1 convolution.

    The convolutions are learnt along and thrown away (Romero et al. 2015, FitNets, arXiv 1412.6550). Channels of the
    teacher, some of which vary a hundred times as much as others, count alike.

    :param channels: of the encoder's maps, finest first
    :param path: of the teacher's weights
    :param config: of the network that is taught, whose images the teacher sees as they are
    :raises PretrainedError: the weights cannot be used
    """

    def __init__(self, channels: Sequence[int], path: str, config: MT3DNetConfig) -> None:
        super().__init__()
        self.teacher = EfficientNetLite0()
        load_efficientnet_lite(self.teacher, path, config.mean, config.std)
        self.teacher.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.teacher.eval().requires_grad_(False)
        pairs = zip(channels[_FIRST:], self.teacher.channels[_FIRST:], strict=True)
        self.adapters = nn.ModuleList(nn.Conv2d(ours, theirs, 1) for ours, theirs in pairs)

    def train(self, mode: bool = True) -> FeatureTeacher:
        """Switch the mode; the teacher always evaluates."""
        super().train(mode)
        self.teacher.eval()
        return self

    def forward(self, images: Tensor, maps: Sequence[Tensor]) -> Tensor:
        """Return the mean over cells and maps of one less the cosine between taught and learnt, from 0 to 2.

        :param images: (B, 3, H, W) that the encoder was given
        :param maps: of the encoder at the strides 4, 8, 16 and 32
        """
        with torch.no_grad():
            taught = [F.batch_norm(m.float(), None, None, training=True) for m in self.teacher(images)[_FIRST:]]
        learnt = [adapt(features).float() for adapt, features in zip(self.adapters, maps[_FIRST:], strict=True)]
        distances = [1.0 - F.cosine_similarity(a, b).mean() for a, b in zip(learnt, taught, strict=True)]
        return torch.stack(distances).mean()


@contextmanager
def watched(encoder: nn.Module) -> Iterator[list[Tensor]]:
    """Yield a list that receives the maps of the encoder when it runs."""
    maps: list[Tensor] = []
    handle = encoder.register_forward_hook(lambda _, images, found: maps.extend(found))
    try:
        yield maps
    finally:
        handle.remove()
