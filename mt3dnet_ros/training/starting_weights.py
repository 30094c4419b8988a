"""What a network starts from."""

from __future__ import annotations

from pathlib import Path

from mt3dnet_ros.models.mt3dnet import MT3DNet
from mt3dnet_ros.models.pretrained import load_pretrained
from mt3dnet_ros.perception.checkpoint import load_checkpoint
from mt3dnet_ros.resources import package_file

from .recipe import Recipe


def set_starting_weights(network: MT3DNet, recipe: Recipe) -> list[str]:
    """Fill the network as the recipe says, and return the names of weights that an initial checkpoint does not fit.

    :raises PretrainedError: the encoder's weights cannot be used
    :raises CheckpointError: the initial checkpoint cannot be used
    """
    if recipe.pretrained:
        load_pretrained(network.encoder, recipe.pretrained)
    return copy_fitting(network, find_checkpoint(recipe.initial)) if recipe.initial else []


def copy_fitting(network: MT3DNet, path: Path) -> list[str]:
    """Copy a checkpoint's weights of the same name and shape; return the network's others, which stay as they are.

    Heads of the same shape but other classes are not copied: their numbering would mean something else.
    """
    initial = load_checkpoint(path)
    own, found = network.state_dict(), initial.state_dict()
    renumbered = () if initial.config.classes == network.config.classes else ('types.', 'detection.heat.')
    fitting = {
        name: value
        for name, value in found.items()
        if name in own and own[name].shape == value.shape and not name.startswith(renumbered)
    }
    network.load_state_dict(fitting, strict=False)
    return sorted(own.keys() - fitting.keys())


def find_checkpoint(name_or_path: str) -> Path:
    """Return a file by its path, or one of the shipped checkpoints by its name."""
    shipped = package_file('config', 'checkpoints') / f'{name_or_path}.safetensors'
    return shipped if shipped.is_file() else Path(name_or_path)
