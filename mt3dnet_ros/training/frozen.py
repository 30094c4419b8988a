"""What of an encoder stays as it is while the rest is trained."""

from __future__ import annotations

from torch import nn

from mt3dnet_ros.models.encoders import Encoder

from .recipe import Recipe


def freeze_encoder(encoder: Encoder, recipe: Recipe) -> None:
    """Take the weights of the recipe's frozen stages out of training, and hold still what else is to stay."""
    encoder.stages[: recipe.frozen_stages].requires_grad_(False)
    hold_still(encoder, recipe)


def hold_still(encoder: Encoder, recipe: Recipe) -> None:
    """Let frozen stages evaluate, and batch normalisation of the others where the recipe fixes its statistics."""
    encoder.stages[: recipe.frozen_stages].eval()
    if recipe.fixed_statistics:
        for layer in encoder.modules():
            if isinstance(layer, nn.BatchNorm2d):
                layer.eval()
