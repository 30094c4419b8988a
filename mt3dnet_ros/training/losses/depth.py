"""Depth: errors of scale, of shape and of edges, over the pixels whose depth is known.

The sum of five terms. All but the mean absolute error work on logarithms, so that one part in a hundred costs the same
near and far. The paper names SSIM and MAE (arXiv 2412.03928); their coefficients and the other terms are ours.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

_EPSILON = 1e-6
# An error of 10 mm costs as much as one of 10 percent.
MAE_UNIT = 0.1  # metres
# Terms that see only the shape weigh half of those that see the scale as well.
GRADIENT_WEIGHT = 0.5
SSIM_WEIGHT = 0.5
# Eigen et al. 2014: the part of the mean error that the scale-invariant term forgives.
FORGIVEN_SCALE = 0.85
# A decade of depth is one unit of the logarithm that SSIM compares, near the span of [0, 1] its constants are made for.
_LOG_UNIT = 2.302585
_C1, _C2 = 0.01**2, 0.03**2


def depth_loss(depth: Tensor, target: Tensor) -> Tensor:
    """Return log-L1 + scale-invariant log + gradients + SSIM + MAE per frame, (B,); 0 where nothing is known.

    :param depth: (B, 1, h, w) metres
    :param target: (B, 1, H, W) metres; 0 is ignored
    """
    logarithm = F.interpolate(depth.float().log(), size=target.shape[-2:], mode='bilinear', align_corners=False)
    known = (target > 0).float()
    wanted = target.clamp(min=_EPSILON).log() * known
    error = (logarithm - wanted) * known
    metres = (logarithm.exp() - target) * known
    return (
        masked_mean(error.abs(), known)
        + scale_invariant_loss(error, known)
        + masked_mean(metres.abs(), known) / MAE_UNIT
        + GRADIENT_WEIGHT * gradient_loss(error, known)
        + SSIM_WEIGHT * ssim_loss(logarithm / _LOG_UNIT, wanted / _LOG_UNIT, known)
    )


def masked_mean(values: Tensor, known: Tensor) -> Tensor:
    """Return the mean over known pixels of each frame, (B,); both are (B, 1, H, W)."""
    return (values * known).sum((1, 2, 3)) / known.sum((1, 2, 3)).clamp(min=1.0)


def scale_invariant_loss(error: Tensor, known: Tensor) -> Tensor:
    """Return the root of mean squared log error less most of the squared mean, (B,) (Eigen et al. 2014).

    :param error: (B, 1, H, W) difference of logarithms
    :param known: (B, 1, H, W), 1 where known, else 0
    """
    mean = masked_mean(error, known)
    spread = masked_mean(error**2, known) - FORGIVEN_SCALE * mean**2
    return (spread.clamp(min=0.0) + _EPSILON).sqrt() - _EPSILON**0.5


def gradient_loss(error: Tensor, known: Tensor, scales: int = 3) -> Tensor:
    """Return the mean difference of neighbouring errors at halving resolutions, (B,) (Li and Snavely 2018, MegaDepth).

    :param error: (B, 1, H, W) difference of logarithms
    :param known: (B, 1, H, W), 1 where known, else 0
    """
    total = error.new_zeros(len(error))
    for scale in range(scales):
        step = 2**scale
        values, valid = error[..., ::step, ::step], known[..., ::step, ::step]
        for dimension in (2, 3):
            length = valid.shape[dimension] - 1
            both = valid.narrow(dimension, 0, length) * valid.narrow(dimension, 1, length)
            total = total + masked_mean(values.diff(dim=dimension).abs(), both)
    return total / (2 * scales)


def ssim_loss(first: Tensor, second: Tensor, known: Tensor) -> Tensor:
    """Return the mean of (1 - SSIM) / 2 over 3 x 3 windows whose pixels are all known, (B,) (Wang et al. 2004).

    :param first: (B, 1, H, W) in units in which the whole range is about 1
    :param second: (B, 1, H, W)
    :param known: (B, 1, H, W), 1 where known, else 0
    """
    whole = (F.avg_pool2d(known, 3, 1) > 1.0 - 0.5 / 9.0).float()
    moments = torch.cat([first, second, first**2, second**2, first * second], 1)
    a, b, aa, bb, ab = F.avg_pool2d(moments, 3, 1).split(1, 1)
    luminance = (2 * a * b + _C1) / (a**2 + b**2 + _C1)
    structure = (2 * (ab - a * b) + _C2) / ((aa - a**2) + (bb - b**2) + _C2)
    return masked_mean((0.5 - 0.5 * luminance * structure).clamp(0.0, 1.0), whole)
