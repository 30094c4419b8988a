"""What a network starts from."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import NamedTuple

from torch import Tensor

from mt3dnet_ros.models.encoders import encoder_kind
from mt3dnet_ros.models.mt3dnet import MT3DNet
from mt3dnet_ros.perception.checkpoint import load_checkpoint
from mt3dnet_ros.resources import package_file

from .recipe import Recipe


class Misfit(NamedTuple):
    """Where a network and the checkpoint that it starts from differ, by the names of weights.

    :param fresh: of the network, which start from random values
    :param left_out: of the checkpoint, which the network has no place for
    """

    fresh: list[str]
    left_out: list[str]


def set_starting_weights(network: MT3DNet, recipe: Recipe) -> Misfit:
    """Fill the network as the recipe says, and return where an initial checkpoint does not fit.

    :raises PretrainedError: the encoder's weights cannot be used
    :raises CheckpointError: the initial checkpoint cannot be used
    """
    if recipe.pretrained:
        encoder_kind(network.config.encoder).load(network.encoder, recipe.pretrained, network.config)
    return copy_fitting(network, find_checkpoint(recipe.initial)) if recipe.initial else Misfit([], [])


def copy_fitting(network: MT3DNet, path: Path) -> Misfit:
    """Copy a checkpoint's weights of the same name and shape; the network's others stay as they are.

    Heads of the same shape but other classes are not copied: their numbering would mean something else.
    """
    initial = load_checkpoint(path)
    own, fitting = network.state_dict(), fitting_weights(network, initial)
    network.load_state_dict(fitting, strict=False)
    return Misfit(sorted(own.keys() - fitting.keys()), sorted(initial.state_dict().keys() - own.keys()))


def fitting_weights(network: MT3DNet, other: MT3DNet) -> dict[str, Tensor]:
    """Return another network's weights that mean the same in this one, by name."""
    own = network.state_dict()
    renumbered = () if other.config.classes == network.config.classes else ('types.', 'detection.heat.')
    return {
        name: value
        for name, value in other.state_dict().items()
        if name in own and own[name].shape == value.shape and not name.startswith(renumbered)
    }


def between(network: MT3DNet, initial: MT3DNet, share: float) -> MT3DNet:
    """Return a network on the straight line from this one to that which it started from.

    What fine-tuning learns and what it forgets lie at its two ends; between them a network often keeps both (Wortsman
    et al. 2022, WiSE-FT, arXiv 2109.01903). Weights that only this network has stay as they are.

    :param share: of the initial network, 0 to 1
    """
    mixed = copy.deepcopy(network)
    own = mixed.state_dict()
    for name, value in fitting_weights(network, initial).items():
        if own[name].is_floating_point():
            own[name].lerp_(value.to(own[name]), share)
    return mixed


def find_checkpoint(name_or_path: str) -> Path:
    """Return a file by its path, or one of the shipped checkpoints by its name."""
    shipped = package_file('config', 'checkpoints') / f'{name_or_path}.safetensors'
    return shipped if shipped.is_file() else Path(name_or_path)
