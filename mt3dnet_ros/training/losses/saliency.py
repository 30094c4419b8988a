"""Saliency: cross entropy pixel by pixel, plus how far the saliency lies from where it should.

ST-MTL (arXiv 2112.08189) names a Sinkhorn-regularised loss; its formula and parameters could not be read, so the
transport term is the standard one of ``sinkhorn`` and its weight is ours.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from .sinkhorn import sinkhorn_divergence

# Cells of the grid that transport is computed on, each as large as the blur: 16 x 20 for 1024 x 1280 pixels.
LONGEST_SIDE = 20
SINKHORN_WEIGHT = 1.0
_LEAST_MASS = 1e-12


def saliency_loss(logits: Tensor, target: Tensor, sinkhorn_weight: float = SINKHORN_WEIGHT) -> Tensor:
    """Return binary divergence plus weighted transport cost per frame, (B,); the logits are enlarged to the target.

    :param logits: (B, 1, h, w)
    :param target: (B, 1, H, W) saliency in [0, 1]
    :param sinkhorn_weight: of the transport cost; 0 leaves it out
    """
    logits = F.interpolate(_precise(logits), size=target.shape[-2:], mode='bilinear', align_corners=False)
    loss = binary_divergence(logits, target)
    if sinkhorn_weight:
        loss = loss + sinkhorn_weight * transport_loss(logits.sigmoid(), target)
    return loss


def binary_divergence(logits: Tensor, target: Tensor) -> Tensor:
    """Return the mean binary cross entropy of each frame less the entropy of its target, (B,).

    The target is no certainty: even a perfect prediction has a cross entropy. Less it, the gradient is the same and a
    perfect prediction costs 0, which balancing of tasks by their losses needs.

    :param logits: (B, 1, H, W)
    :param target: (B, 1, H, W) in [0, 1]
    """
    target = target.to(logits.dtype)
    entropy = -(torch.xlogy(target, target) + torch.xlogy(1.0 - target, 1.0 - target))
    surprise = F.binary_cross_entropy_with_logits(logits, target, reduction='none')
    return (surprise - entropy).mean((1, 2, 3))


def transport_loss(saliency: Tensor, target: Tensor, longest_side: int = LONGEST_SIDE) -> Tensor:
    """Return the Sinkhorn divergence of maps scaled to unit mass, (B,); 0 where either is empty.

    :param saliency: (B, 1, H, W) not negative
    :param target: (B, 1, H, W) not negative
    :param longest_side: of the grid that both are averaged on, cells; smaller maps stay as they are
    """
    found, found_some = _unit_mass(_coarse(_precise(saliency), longest_side))
    wanted, wanted_some = _unit_mass(_coarse(_precise(target), longest_side))
    return sinkhorn_divergence(found, wanted) * (found_some & wanted_some)


def _coarse(maps: Tensor, longest_side: int) -> Tensor:
    """Return (B, h, w) averages over nearly square cells."""
    scale = min(1.0, longest_side / max(maps.shape[-2:]))
    height, width = (max(1, round(scale * length)) for length in maps.shape[-2:])
    return F.adaptive_avg_pool2d(maps, (height, width))[:, 0]


def _unit_mass(maps: Tensor) -> tuple[Tensor, Tensor]:
    """Return maps (B, h, w) of sum 1, uniform in place of an empty one, and which of them are not empty, (B,)."""
    mass = maps.sum((1, 2), keepdim=True)
    shares = maps / mass.clamp(min=_LEAST_MASS)
    uniform = 1.0 / maps[0].numel()
    return shares.where(mass > _LEAST_MASS, uniform), (mass > _LEAST_MASS)[:, 0, 0]


def _precise(values: Tensor) -> Tensor:
    """Return values of at least 32 bits: the loss is computed in those also where autocast would take fewer."""
    return values.to(torch.promote_types(values.dtype, torch.float32))
