"""The colour and strength of light: white balance that is off, and too much light.

Every function takes images (B, 3, H, W) in [0, 1] and draws per image.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from .appearance import uniform

BALANCED = 0.5
"""The share of images whose white balance stays as it is."""

# Factors of red and blue, relative to green, at the ends of the range.
_WARM, _COOL = (1.35, 0.6), (0.7, 1.4)


def shift_white_balance(images: Tensor, strength: float = 1.0) -> Tensor:
    """Return the images, a part of them as under warmer or cooler light, with a tint, or under a veil of blood.

    Red and blue move against each other, as the colour temperature of lamps has it: tungsten and halogen warm, xenon
    and LED cool.

    :param strength: 1 for red times 0.7 to 1.35 and blue times 1.4 to 0.6, 0 for no change
    """
    chosen = (torch.rand(len(images)) >= BALANCED).nonzero()[:, 0]
    if len(chosen):
        gains = (strength * _log_gains(len(chosen))).exp()
        images[chosen] = images[chosen].mul_(gains[..., None, None]).clamp_(0.0, 1.0)
    return images


def _log_gains(batch: int) -> Tensor:
    """Return (B, 3) logarithms of the channels' factors."""
    warmth = uniform(batch, -1.0, 1.0)[:, None]
    ends = torch.tensor([_WARM, _COOL]).log()
    lamps = warmth.clamp(min=0.0) * ends[0] + (-warmth).clamp(min=0.0) * ends[1]
    red, blue = (lamps + 0.06 * torch.empty(batch, 2).uniform_(-1.0, 1.0)).unbind(1)
    green = uniform(batch, -0.08, 0.08)
    veiled = (torch.rand(batch) < 0.15) * uniform(batch, 0.1, 0.7)  # blood on the lens takes green and blue
    return torch.stack([red, green - veiled, blue - 0.8 * veiled], 1)


def overexpose(images: Tensor) -> Tensor:
    """Return the images with so much light, all over or in patches, that their brightest parts are cut to white."""
    batch, _, height, width = images.shape
    everywhere = uniform(batch, 1.3, 3.0).log() * (torch.rand(batch) < 0.5)
    patches = F.interpolate(torch.randn(batch, 1, 5, 6), (height, width), mode='bicubic', align_corners=False)
    steep = uniform(batch, 1.0, 4.0)[:, None, None, None]
    local = (steep * (patches - 0.6)).clamp_(0.0, 2.5) * (everywhere == 0)[:, None, None, None]
    gain = (everywhere[:, None, None, None] + local).exp_()
    return (images * gain).clamp_(0.0, 1.0)
