"""Optimiser, learning-rate schedule and averaged weights."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import nn
from torch.optim import AdamW, Optimizer
from torch.optim.lr_scheduler import LambdaLR

from mt3dnet_ros.errors import needs_extra

from .recipe import Recipe

_LAST_RATE = 0.01


def build_optimizer(network: nn.Module, recipe: Recipe) -> Optimizer:
    """Return the recipe's optimiser of what is not frozen; weights of one dimension (norms, biases) do not decay.

    Adan (Xie et al. 2022, arXiv 2208.06677) runs with its authors' betas of 0.98, 0.92 and 0.99 and takes a rate of two
    to ten times AdamW's. Its decay shrinks weights beside the gradient's step, as AdamW's does.
    """
    groups: list[dict[str, Any]] = []
    for rate, weights in _by_rate(network, recipe):
        matrices, vectors = [w for w in weights if w.dim() > 1], [w for w in weights if w.dim() <= 1]
        groups.append({'params': matrices, 'weight_decay': recipe.weight_decay, 'lr': rate})
        groups.append({'params': vectors, 'weight_decay': 0.0, 'lr': rate})
    if recipe.optimizer == 'adamw':
        return AdamW(groups, lr=recipe.learning_rate, fused=True)
    with needs_extra('train'):
        from pytorch_optimizer import Adan  # costs a second to import

    return Adan(groups, lr=recipe.learning_rate, weight_decouple=True)


def _by_rate(network: nn.Module, recipe: Recipe) -> list[tuple[float, list[nn.Parameter]]]:
    """Return the weights that are trained, by their learning rates; those of the encoder come last."""
    weights = [weight for weight in network.parameters() if weight.requires_grad]
    if recipe.encoder_rate == 1.0:
        return [(recipe.learning_rate, weights)]
    encoder = {id(weight) for weight in network.get_submodule('encoder').parameters()}
    slow = [weight for weight in weights if id(weight) in encoder]
    rest = [weight for weight in weights if id(weight) not in encoder]
    return [(recipe.learning_rate, rest), (recipe.learning_rate * recipe.encoder_rate, slow)]


def warm_up_cosine(optimizer: Optimizer, recipe: Recipe) -> LambdaLR:
    """Return a schedule per step: linear from 0, then half a cosine down to a hundredth."""

    def factor(step: int) -> float:
        if step < recipe.warmup_steps:
            return (step + 1) / recipe.warmup_steps
        progress = min(1.0, (step - recipe.warmup_steps) / max(1, recipe.steps - recipe.warmup_steps))
        return _LAST_RATE + (1.0 - _LAST_RATE) * 0.5 * (1.0 + math.cos(math.pi * progress))

    return LambdaLR(optimizer, factor)


@torch.no_grad()
def update_average(average: nn.Module, network: nn.Module, decay: float, step: int) -> None:
    """Move the averaged weights and statistics towards the network's; faster in the first steps, while both are poor.

    :param step: optimiser steps done, from 0
    """
    share = 1.0 - min(decay, (1.0 + step) / (10.0 + step))
    pairs = list(zip(average.state_dict().values(), network.state_dict().values(), strict=True))
    smooth = [(mean, value) for mean, value in pairs if mean.is_floating_point()]
    torch._foreach_lerp_([mean for mean, _ in smooth], [value for _, value in smooth], share)
    for mean, value in pairs:
        if not mean.is_floating_point():
            mean.copy_(value)
