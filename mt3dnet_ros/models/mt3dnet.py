"""MT3DNet: one hierarchical transformer for segmentation, detection and metric depth (after arXiv 2412.03928)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from torch import Tensor, nn

from mt3dnet_ros.errors import InputError

from .config import MT3DNetConfig
from .conv_lstm import ConvLSTMState
from .decoders import build_decoder
from .heads import DepthHead, DetectionHead, SceneScale, SegmentationHead
from .mix_transformer import MixTransformer, variant
from .saliency_branch import SaliencyBranch

FRAME_OUTPUTS = ('types', 'parts', 'depth', 'heat', 'boxes')


class Prediction(NamedTuple):
    """What the network says about a batch of images of H x W pixels.

    :param types: (B, C, H/4, W/4) logits of the instrument types, background included
    :param parts: (B, P, H/4, W/4) logits of the instrument parts, background included
    :param depth: (B, 1, H/4, W/4) depth along the optical axis, metres at the canonical focal length
    :param heat: (B, C-1, H/8, W/8) logits of object peaks per type; cell (i, j) is at pixel (8 j + 3.5, 8 i + 3.5)
    :param boxes: (B, 4, H/8, W/8) distances, in pixels, from the cell's point to the object's left, top, right and
        bottom edge; pixel k covers k - 0.5 to k + 0.5
    """

    types: Tensor
    parts: Tensor
    depth: Tensor
    heat: Tensor
    boxes: Tensor
    saliency: Tensor | None = None
    state: ConvLSTMState | None = None

    def frame_outputs(self) -> dict[str, Tensor]:
        """Return the outputs that every network has, and that depend on one frame alone."""
        return {name: getattr(self, name) for name in FRAME_OUTPUTS}

    def mapped(self, change: Callable[[Tensor], Tensor]) -> Prediction:
        """Return the prediction with every output that is there changed; the state stays."""
        changed: dict[str, Any] = {
            name: change(value) for name, value in self._asdict().items() if isinstance(value, Tensor)
        }
        return self._replace(**changed)


class MT3DNet(nn.Module):
    """Encoder, decoder, and a head per task.

    :param config: variant, classes and ranges; it travels with the weights
    """

    def __init__(self, config: MT3DNetConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = MixTransformer(variant(config.encoder), config.drop_path)
        self.decoder = build_decoder(config.decoder, self.encoder.channels, config.decoder_channels)
        self.types = SegmentationHead(config.decoder_channels, len(config.classes))
        self.parts = SegmentationHead(config.decoder_channels, len(config.parts))
        self.depth = DepthHead(config.decoder_channels, config.depth_range)
        self.scene_scale = SceneScale(self.encoder.channels) if config.scene_scale else None
        self.detection = DetectionHead(config.decoder_channels, len(config.classes) - 1)
        branch = SaliencyBranch(self.encoder.channels[2:], config.decoder_channels) if config.saliency else None
        self.saliency = branch

    def forward(self, images: Tensor, state: ConvLSTMState | None = None) -> Prediction:
        """Run the network on one frame.

        :param images: (B, 3, H, W), scaled to [0, 1] and normalised with the configuration's mean and std
        :param state: of the frame before; None where there is none. Only the saliency branch reads it
        :raises ValueError: H or W is not a multiple of 32; the state is of another batch or size
        """
        return self._predict(images, 1, state)

    def forward_sequence(self, images: Tensor, state: ConvLSTMState | None = None) -> Prediction:
        """Run the network on consecutive frames, with the results of frame by frame.

        :param images: (B, T, 3, H, W); all else as for single frames
        """
        flat = self._predict(images.flatten(0, 1), images.shape[1], state)
        return flat.mapped(lambda output: output.unflatten(0, images.shape[:2]))

    def _predict(self, images: Tensor, length: int, state: ConvLSTMState | None) -> Prediction:
        height, width = images.shape[-2:]
        if height % 32 or width % 32:
            raise InputError(f'network input is {width} x {height} pixels; both must be multiples of 32, so pad it')
        maps = self.encoder(images)
        fine, coarse = self.decoder(maps)
        heat, boxes = self.detection(coarse)
        depth = self.depth(fine, None if self.scene_scale is None else self.scene_scale(maps))
        prediction = Prediction(self.types(fine), self.parts(fine), depth, heat, boxes)
        if self.saliency is None:
            return prediction
        saliency, state = self.saliency(maps[2:], fine, length, state)
        return prediction._replace(saliency=saliency, state=state)
