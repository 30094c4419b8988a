"""MT3DNet: one hierarchical transformer for segmentation, detection and metric depth (after arXiv 2412.03928)."""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor, nn

from .config import MT3DNetConfig
from .decoders import build_decoder
from .heads import DepthHead, DetectionHead, SegmentationHead
from .mix_transformer import MixTransformer, variant


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
        self.detection = DetectionHead(config.decoder_channels, len(config.classes) - 1)

    def forward(self, images: Tensor) -> Prediction:
        """Run the network.

        :param images: (B, 3, H, W), scaled to [0, 1] and normalised with the configuration's mean and std
        :raises ValueError: H or W is not a multiple of 32
        """
        height, width = images.shape[-2:]
        if height % 32 or width % 32:
            raise ValueError(f'network input is {width} x {height} pixels; both must be multiples of 32, so pad it')
        fine, coarse = self.decoder(self.encoder(images))
        heat, boxes = self.detection(coarse)
        return Prediction(self.types(fine), self.parts(fine), self.depth(fine), heat, boxes)
