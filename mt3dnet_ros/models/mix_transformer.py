"""The hierarchical encoder: Mix Transformer, B0 to B5 (Xie et al. 2021, SegFormer, arXiv 2105.15203)."""

from __future__ import annotations

from dataclasses import dataclass

import torch.nn.functional as F
from torch import Tensor, nn

from .drop_path import DropPath, rising_rates
from .layers import initialise_convolution, maps_of_stages


@dataclass(frozen=True)
class EncoderVariant:
    """Widths and depths of the four stages; output strides are 4, 8, 16 and 32."""

    channels: tuple[int, int, int, int]
    depths: tuple[int, int, int, int]
    heads: tuple[int, int, int, int] = (1, 2, 5, 8)
    reductions: tuple[int, int, int, int] = (8, 4, 2, 1)
    expansion: int = 4


VARIANTS: dict[str, EncoderVariant] = {
    'b0': EncoderVariant((32, 64, 160, 256), (2, 2, 2, 2)),
    'b1': EncoderVariant((64, 128, 320, 512), (2, 2, 2, 2)),
    'b2': EncoderVariant((64, 128, 320, 512), (3, 4, 6, 3)),
    'b3': EncoderVariant((64, 128, 320, 512), (3, 4, 18, 3)),
    'b4': EncoderVariant((64, 128, 320, 512), (3, 8, 27, 3)),
    'b5': EncoderVariant((64, 128, 320, 512), (3, 6, 40, 3)),
}


def to_map(tokens: Tensor, height: int, width: int) -> Tensor:
    """View tokens (B, N, C) as a channels-last map (B, C, H, W); no copy."""
    return tokens.unflatten(1, (height, width)).permute(0, 3, 1, 2)


def to_tokens(features: Tensor) -> Tensor:
    """View a map (B, C, H, W) as tokens (B, N, C); no copy where it is channels-last."""
    return features.permute(0, 2, 3, 1).flatten(1, 2)


class OverlapPatchEmbedding(nn.Module):
    """A strided convolution whose windows overlap, then layer normalisation."""

    def __init__(self, inputs: int, channels: int, kernel: int, stride: int) -> None:
        super().__init__()
        self.proj = nn.Conv2d(inputs, channels, kernel, stride, kernel // 2)
        self.norm = nn.LayerNorm(channels)

    def forward(self, images: Tensor) -> tuple[Tensor, int, int]:
        """Return tokens (B, N, C) and the height and width of their grid."""
        features = self.proj(images)  # (B, C, H, W)
        height, width = features.shape[-2:]
        return self.norm(to_tokens(features)), height, width


def attend(query: Tensor, key: Tensor, value: Tensor, training: bool) -> Tensor:
    """Return softmax(Q K^T / sqrt(d)) V for (B, heads, N, d) queries and few keys.

    The fused kernel's backward pass on a CPU takes two to five times as long as that of the plain products, so training
    on one avoids it; the numbers are the same.
    """
    if training and query.device.type == 'cpu':
        return (query * query.shape[-1] ** -0.5 @ key.transpose(-2, -1)).softmax(-1) @ value
    return F.scaled_dot_product_attention(query, key, value)


class SpatialReductionAttention(nn.Module):
    """Self-attention whose keys and values are read from a map reduced by ``reduction`` in each direction."""

    def __init__(self, channels: int, heads: int, reduction: int) -> None:
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(channels, channels)
        self.key_value = nn.Linear(channels, 2 * channels)
        self.out = nn.Linear(channels, channels)
        self.reduce = nn.Conv2d(channels, channels, reduction, reduction) if reduction > 1 else None
        self.reduce_norm = nn.LayerNorm(channels) if reduction > 1 else None

    def forward(self, tokens: Tensor, height: int, width: int) -> Tensor:
        """Return attended tokens (B, N, C)."""
        context = tokens
        if self.reduce is not None and self.reduce_norm is not None:
            context = self.reduce_norm(to_tokens(self.reduce(to_map(tokens, height, width))))  # (B, N/R^2, C)
        query = self.query(tokens).unflatten(-1, (self.heads, -1)).transpose(1, 2)  # (B, heads, N, C/heads)
        key, value = self.key_value(context).unflatten(-1, (2, self.heads, -1)).permute(2, 0, 3, 1, 4).unbind(0)
        attended = attend(query, key, value, self.training)
        return self.out(attended.transpose(1, 2).flatten(2))


class MixFeedForward(nn.Module):
    """Feed-forward with a depthwise 3x3 convolution between; it stands in for a position embedding."""

    def __init__(self, channels: int, expansion: int) -> None:
        super().__init__()
        hidden = channels * expansion
        self.expand = nn.Linear(channels, hidden)
        self.depthwise = nn.Conv2d(hidden, hidden, 3, padding=1, groups=hidden)
        self.contract = nn.Linear(hidden, channels)

    def forward(self, tokens: Tensor, height: int, width: int) -> Tensor:
        """Return tokens (B, N, C)."""
        mixed = self.depthwise(to_map(self.expand(tokens), height, width))  # (B, hidden, H, W)
        return self.contract(F.gelu(to_tokens(mixed)))


class Block(nn.Module):
    """Attention and feed-forward, each as a residual that drop path may leave out."""

    def __init__(self, channels: int, heads: int, reduction: int, expansion: int, drop_path: float) -> None:
        super().__init__()
        self.attention_norm = nn.LayerNorm(channels, eps=1e-6)
        self.attention = SpatialReductionAttention(channels, heads, reduction)
        self.ffn_norm = nn.LayerNorm(channels, eps=1e-6)
        self.ffn = MixFeedForward(channels, expansion)
        self.drop_path = DropPath(drop_path)

    def forward(self, tokens: Tensor, height: int, width: int) -> Tensor:
        """Return tokens (B, N, C)."""
        tokens = tokens + self.drop_path(self.attention(self.attention_norm(tokens), height, width))
        return tokens + self.drop_path(self.ffn(self.ffn_norm(tokens), height, width))


class Stage(nn.Module):
    """Patch embedding, blocks, normalisation: a map in, a coarser and wider map out."""

    def __init__(self, inputs: int, encoder: EncoderVariant, index: int, drop_paths: list[float]) -> None:
        super().__init__()
        channels, heads = encoder.channels[index], encoder.heads[index]
        kernel, stride = (7, 4) if index == 0 else (3, 2)
        self.embed = OverlapPatchEmbedding(inputs, channels, kernel, stride)
        self.blocks = nn.ModuleList(
            Block(channels, heads, encoder.reductions[index], encoder.expansion, rate) for rate in drop_paths
        )
        self.norm = nn.LayerNorm(channels, eps=1e-6)

    def forward(self, features: Tensor) -> Tensor:
        """Return the stage's map (B, C, H, W)."""
        tokens, height, width = self.embed(features)
        for block in self.blocks:
            tokens = block(tokens, height, width)
        return to_map(self.norm(tokens), height, width)


class MixTransformer(nn.Module):
    """Four stages, each at half the resolution of the one before.

    :param encoder: widths and depths, from :data:`VARIANTS`
    :param drop_path: rate at the last block; it rises linearly from 0 at the first
    """

    def __init__(self, encoder: EncoderVariant, drop_path: float = 0.1) -> None:
        super().__init__()
        self.channels = encoder.channels
        rates = rising_rates(sum(encoder.depths), drop_path)
        starts = [sum(encoder.depths[:index]) for index in range(4)]
        self.stages = nn.ModuleList(
            Stage(3 if index == 0 else encoder.channels[index - 1], encoder, index, rates[start : start + depth])
            for index, (start, depth) in enumerate(zip(starts, encoder.depths, strict=True))
        )
        self.apply(_initialise)

    def forward(self, images: Tensor) -> list[Tensor]:
        """Return the maps of the four stages.

        :param images: (B, 3, H, W), normalised
        :returns: (B, C_i, H / s_i, W / s_i) for the strides 4, 8, 16, 32
        """
        return maps_of_stages(self.stages, images)


def _initialise(module: nn.Module) -> None:
    """Set linear layers to a truncated normal of 0.02, convolutions to a normal scaled by their fan-out."""
    if isinstance(module, nn.Linear):
        nn.init.trunc_normal_(module.weight, std=0.02)
        nn.init.zeros_(module.bias)
    elif isinstance(module, nn.Conv2d):
        initialise_convolution(module)
