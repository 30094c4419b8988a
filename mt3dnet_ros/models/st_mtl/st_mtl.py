"""ST-MTL: instrument types and task-oriented saliency over time (Islam et al. 2021, arXiv 2112.08189)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from torch import Tensor, nn

from mt3dnet_ros.errors import InputError
from mt3dnet_ros.models.conv_lstm import ConvLSTM
from mt3dnet_ros.models.state import ConvLSTMState

from .config import STMTLConfig
from .decoders import SaliencyDecoder, SegmentationDecoder
from .resnet import CHANNELS, ResNet18

_MULTIPLE = 32
_LEAST = 64


class STMTLState(NamedTuple):
    """What the next frame needs of those before it, for each decoder; None without temporal cells."""

    segmentation: ConvLSTMState | None = None
    saliency: ConvLSTMState | None = None


class STMTLPrediction(NamedTuple):
    """What the network says about a batch of images of H x W pixels; sequences have a dimension T after the batch.

    :param types: (B, C, H, W) logits of the instrument types, background included
    :param saliency: (B, 1, H, W) logits of how much a surgeon would look there
    :param state: to be passed with the next frame
    """

    types: Tensor
    saliency: Tensor
    state: STMTLState


class STMTL(nn.Module):
    """A shared encoder and a decoder per task, each behind a temporal cell of its own.

    ``segmentation``, ``saliency`` and their cells share nothing but the encoder, so that each can be trained by itself.
    """

    def __init__(self, config: STMTLConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = ResNet18()
        self.segmentation = SegmentationDecoder(len(config.classes), config.recalibration)
        self.saliency = SaliencyDecoder()
        self.segmentation_cell = _temporal_cell(config)
        self.saliency_cell = _temporal_cell(config)

    def forward(self, images: Tensor, state: STMTLState | None = None) -> STMTLPrediction:
        """Run the network on one frame.

        :param images: (B, 3, H, W), scaled to [0, 1] and normalised with the configuration's mean and std
        :param state: of the frame before; None where there is none
        :raises ValueError: H or W is not a multiple of 32, or below 64; the state is of another batch or size
        """
        return self._predict(images, 1, state)

    def forward_sequence(self, images: Tensor, state: STMTLState | None = None) -> STMTLPrediction:
        """Run the network on consecutive frames, with the results of frame by frame.

        :param images: (B, T, 3, H, W); all else as for single frames
        """
        flat = self._predict(images.flatten(0, 1), images.shape[1], state)
        types, saliency = (output.unflatten(0, images.shape[:2]) for output in (flat.types, flat.saliency))
        return STMTLPrediction(types, saliency, flat.state)

    def _predict(self, images: Tensor, length: int, state: STMTLState | None) -> STMTLPrediction:
        maps, state = self.encode(images), state or STMTLState()
        types, segmentation = self.segment(maps, length, state.segmentation)
        saliency, saliency_state = self.attend(maps, length, state.saliency)
        return STMTLPrediction(types, saliency, STMTLState(segmentation, saliency_state))

    def encode(self, images: Tensor) -> list[Tensor]:
        """Return the maps that both decoders read, of images (B, 3, H, W)."""
        height, width = images.shape[-2:]
        if height % _MULTIPLE or width % _MULTIPLE or min(height, width) < _LEAST:
            raise InputError(
                f'network input is {width} x {height} pixels; both must be multiples of {_MULTIPLE} and at least '
                f'{_LEAST}, so pad it'
            )
        return self.encoder(images)

    def segment(
        self, maps: Sequence[Tensor], length: int = 1, state: ConvLSTMState | None = None
    ) -> tuple[Tensor, ConvLSTMState | None]:
        """Return logits of the types (B T, C, H, W), and the state for the next frame.

        :param maps: of B sequences of ``length`` T consecutive frames, sequence by sequence, from :meth:`encode`
        """
        maps, state = _over_time(self.segmentation_cell, maps, length, state)
        return self.segmentation(maps), state

    def attend(
        self, maps: Sequence[Tensor], length: int = 1, state: ConvLSTMState | None = None
    ) -> tuple[Tensor, ConvLSTMState | None]:
        """Return logits of saliency (B T, 1, H, W), and the state for the next frame; all else as :meth:`segment`."""
        maps, state = _over_time(self.saliency_cell, maps, length, state)
        return self.saliency(maps), state


def _temporal_cell(config: STMTLConfig) -> ConvLSTM | None:
    return ConvLSTM(CHANNELS[-1], config.temporal_hidden, config.temporal_cell) if config.temporal else None


def _over_time(
    cell: ConvLSTM | None, maps: Sequence[Tensor], length: int, state: ConvLSTMState | None
) -> tuple[Sequence[Tensor], ConvLSTMState | None]:
    """Replace the coarsest map by what the cell makes of it and of the frames before."""
    if cell is None:
        return maps, None
    *finer, coarsest = maps
    frames, state = cell(coarsest.unflatten(0, (-1, length)), state)
    return [*finer, frames.flatten(0, 1)], state
