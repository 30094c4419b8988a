"""Random appearance, so that a network trained on rendered images also reads real endoscopes.

Every function takes images (B, 3, H, W) in [0, 1] and draws per image; together they cost a small part of a step.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache

import torch
import torch.nn.functional as F
from torch import Tensor

_LUMINANCE = (0.299, 0.587, 0.114)
_BLOCK = 8


def randomise_appearance(images: Tensor, strength: float = 1.0) -> Tensor:
    """Return the images with random light, highlights, smoke, colour, sharpness, noise and compression, in [0, 1].

    :param strength: of light, colour and noise, and of the share of images that suffer the rest; 0 for no change
    """
    images = shade(images, strength)
    images = on_part(images, 0.4 * strength, add_highlights)
    images = on_part(images, 0.2 * strength, add_smoke)
    images = recolour(images, strength)
    images = on_part(images, 0.3 * strength, blur)
    images = add_noise(images, strength)
    return on_part(images, 0.25 * strength, compress).clamp_(0.0, 1.0)


def on_part(images: Tensor, probability: float, change: Callable[[Tensor], Tensor]) -> Tensor:
    """Apply a change to a random part of the batch, in place."""
    chosen = (torch.rand(len(images)) < probability).nonzero()[:, 0]
    if len(chosen):
        images[chosen] = change(images[chosen])
    return images


def uniform(count: int, low: float, high: float) -> Tensor:
    """Draw (count,) uniform numbers."""
    return torch.empty(count).uniform_(low, high)


def shade(images: Tensor, strength: float = 1.0) -> Tensor:
    """Multiply by a smooth, slightly coloured light: uneven illumination and vignetting."""
    batch, _, height, width = images.shape
    amount = uniform(batch, 0.0, 0.4)[:, None, None, None]
    grey = torch.randn(batch, 1, 4, 5)
    field = strength * ((grey + 0.4 * torch.randn(batch, 3, 4, 5)) * amount - _falloff(batch))
    return images * F.interpolate(field, (height, width), mode='bilinear', align_corners=False).exp_()


def _falloff(batch: int) -> Tensor:
    """Return (B, 1, 4, 5) how many e-folds the light has fallen towards the rim; 0 for half of the images."""
    rows, columns = torch.linspace(-1, 1, 4)[:, None], torch.linspace(-1, 1, 5)
    amount = uniform(batch, -1.0, 1.0).clamp_(min=0.0)
    return amount[:, None, None, None] * 0.6 * (rows**2 + columns**2)


def add_highlights(images: Tensor) -> Tensor:
    """Add specular highlights: small glints on wet tissue and metal, where the surface is bright already."""
    batch, _, height, width = images.shape
    bumps = _smooth_noise(batch, (height // 8, width // 8), (height, width))
    brightness = images.mean(1, keepdim=True)
    glint = torch.sigmoid(20.0 * (bumps + brightness - uniform(batch, 1.6, 2.6)[:, None, None, None]))
    return torch.lerp(images, torch.ones(()), glint)


def add_smoke(images: Tensor) -> Tensor:
    """Veil the images by wafts of grey smoke, as coagulation makes them."""
    batch, _, height, width = images.shape
    wafts = _smooth_noise(batch, (3, 4), (height // 4, width // 4)) + 0.5 * _smooth_noise(
        batch, (8, 10), (height // 4, width // 4)
    )
    thickest = uniform(batch, 0.1, 0.8)[:, None, None, None]
    veil = F.interpolate(thickest * torch.sigmoid(2.0 * wafts), (height, width), mode='bilinear', align_corners=False)
    return torch.lerp(images, uniform(batch, 0.5, 0.9)[:, None, None, None], veil)


def _smooth_noise(batch: int, cells: tuple[int, int], size: tuple[int, int]) -> Tensor:
    """Return (B, 1, H, W) random bumps, about normally distributed, as many as there are cells."""
    return F.interpolate(torch.randn(batch, 1, *cells), size, mode='bilinear', align_corners=False)


def recolour(images: Tensor, strength: float = 1.0) -> Tensor:
    """Change gamma, channel gains, hue, saturation, contrast and brightness by one colour matrix per image."""
    batch = len(images)
    images = images.clamp_(1e-4, 1.0).pow_((strength * uniform(batch, -0.5, 0.5)).exp()[:, None, None, None])
    gains = (strength * uniform(batch * 3, -0.25, 0.25)).exp().view(batch, 1, 3)
    matrix = _saturation_hue(batch, strength) * gains
    contrast = (strength * uniform(batch, -0.3, 0.3)).exp()[:, None]
    mean = images[..., ::8, ::8].mean((2, 3))  # (B, 3)
    centre = torch.einsum('bij,bj->bi', matrix, mean)
    offset = (1.0 - contrast) * centre + strength * uniform(batch, -0.15, 0.15)[:, None]
    coloured = torch.baddbmm(offset[..., None], matrix * contrast[..., None], images.flatten(2))
    return coloured.view_as(images).clamp_(0.0, 1.0)


def _saturation_hue(batch: int, strength: float = 1.0) -> Tensor:
    """Return (B, 3, 3): a rotation about the grey axis (hue) after a scaling away from luminance (saturation)."""
    grey = torch.tensor(_LUMINANCE).expand(3, 3)
    saturation = 1.0 + strength * uniform(batch, -1.0, 0.7)[:, None, None]
    saturate = grey + saturation * (torch.eye(3) - grey)
    angle = strength * uniform(batch, -0.35, 0.35)[:, None, None]
    axis = torch.tensor([[0.0, -1.0, 1.0], [1.0, 0.0, -1.0], [-1.0, 1.0, 0.0]]) / math.sqrt(3.0)
    along = torch.full((3, 3), 1.0 / 3.0)
    rotate = angle.cos() * torch.eye(3) + angle.sin() * axis + (1.0 - angle.cos()) * along
    return rotate @ saturate


def blur(images: Tensor) -> Tensor:
    """Blur each image by a Gaussian of 0.4 to 2 pixels along and across: defocus and motion."""
    batch, channels, height, width = images.shape
    stacked = F.pad(images.reshape(1, batch * channels, height, width), (3, 3, 3, 3), mode='replicate')
    across, down = (_gaussian(batch).repeat_interleave(channels, 0) for _ in range(2))
    stacked = F.conv2d(stacked, across[:, None, None, :], groups=batch * channels)
    return F.conv2d(stacked, down[:, None, :, None], groups=batch * channels).view_as(images)


def _gaussian(batch: int) -> Tensor:
    taps = torch.exp(-0.5 * (torch.arange(-3.0, 4.0) / uniform(batch, 0.4, 2.0)[:, None]) ** 2)
    return taps / taps.sum(1, keepdim=True)


def add_noise(images: Tensor, strength: float = 1.0) -> Tensor:
    """Add sensor noise of up to 5 percent, in place; half of the images stay clean."""
    size = images[0].numel()
    # Fresh normal numbers for every pixel would cost more than the rest of the augmentation together.
    bank = _noise_bank(2 * size)
    starts = torch.randint(size, (len(images),)).tolist()
    amounts = (strength * uniform(len(images), -0.05, 0.05)).tolist()
    for image, start, amount in zip(images, starts, amounts, strict=True):
        if amount > 0:
            image.add_(bank[start : start + size].view_as(image), alpha=amount)
    return images


@lru_cache(maxsize=1)
def _noise_bank(size: int) -> Tensor:
    return torch.randn(size, generator=torch.Generator().manual_seed(0))


def compress(images: Tensor) -> Tensor:
    """Quantise 8x8 cosine coefficients as JPEG and MPEG do, coarser for higher frequencies."""
    batch, channels, height, width = images.shape
    basis = _cosine_basis()
    blocks = images.view(batch, channels, height // _BLOCK, _BLOCK, width // _BLOCK, _BLOCK).transpose(3, 4)
    coefficients = basis @ blocks @ basis.T
    frequency = torch.arange(_BLOCK)[:, None] + torch.arange(_BLOCK)
    step = (1.0 + frequency) * uniform(batch, 0.01, 0.06)[:, None, None, None, None, None]
    coefficients = (coefficients / step).round_() * step
    return (basis.T @ coefficients @ basis).transpose(3, 4).reshape(images.shape)


@lru_cache(maxsize=1)
def _cosine_basis() -> Tensor:
    """Return the orthonormal DCT-II matrix of 8 points."""
    index = torch.arange(_BLOCK, dtype=torch.float64)
    basis = torch.cos(math.pi / _BLOCK * (index + 0.5) * index[:, None]) * math.sqrt(2.0 / _BLOCK)
    basis[0] /= math.sqrt(2.0)
    return basis.float()
