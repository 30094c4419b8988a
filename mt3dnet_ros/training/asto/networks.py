"""What a recipe trains, ready to be trained; and checkpoints of ST-MTL."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from safetensors.torch import load_file

from mt3dnet_ros.models.mt3dnet import MT3DNet
from mt3dnet_ros.models.resnet_pretrained import load_resnet18
from mt3dnet_ros.models.st_mtl import STMTL
from mt3dnet_ros.models.st_mtl_config import STMTLConfig
from mt3dnet_ros.models.weights import describe_misfit
from mt3dnet_ros.perception.checkpoint import CheckpointError, load_checkpoint, read_metadata, save_checkpoint
from mt3dnet_ros.perception.taxonomy import load_taxonomy

from ..starting_weights import find_checkpoint
from .learners import BranchLearner, Learner, STMTLLearner
from .recipe import AstoRecipe


def build_learner(recipe: AstoRecipe) -> Learner:
    """Return the recipe's network with its starting weights.

    :raises CheckpointError: the initial checkpoint cannot be used
    :raises PretrainedError: the encoder's weights cannot be used
    """
    if recipe.network == 'mt3dnet':
        return BranchLearner(with_branch(load_checkpoint(find_checkpoint(recipe.initial))))
    return STMTLLearner(load_st_mtl(recipe.initial) if recipe.initial else _new_st_mtl(recipe))


def with_branch(network: MT3DNet) -> MT3DNet:
    """Return the network with a saliency branch, its own if it has one, else a new one; all else stays as it is."""
    extended = MT3DNet(replace(network.config, saliency=True))
    # All that a network of these settings can lack is the branch.
    extended.load_state_dict(network.state_dict(), strict=False)
    return extended


def _new_st_mtl(recipe: AstoRecipe) -> STMTL:
    names = load_taxonomy(recipe.taxonomy).names
    config = STMTLConfig(
        names, recalibration=recipe.recalibration, temporal_cell=recipe.temporal_cell,
        temporal_hidden=recipe.temporal_hidden, taxonomy=recipe.taxonomy, input_size=recipe.input_size,
    )  # fmt: skip
    network = STMTL(config)
    if recipe.pretrained:
        load_resnet18(network.encoder, recipe.pretrained)
    return network


def save_network(path: Path, network: MT3DNet | STMTL, metadata: Mapping[str, str]) -> None:
    """Write a checkpoint, with the recipe and scores as further strings of its header."""
    # What it writes of MT3DNet, weights and a configuration, ST-MTL has too.
    save_checkpoint(path, network, network.config, metadata)  # type: ignore[arg-type]


def load_st_mtl(path: str | Path) -> STMTL:
    """Return ST-MTL from a checkpoint, in evaluation mode and single precision.

    :raises CheckpointError: the file is missing, damaged, of another network, or its weights do not fit
    """
    config = _st_mtl_config(read_metadata(path), path)
    network = STMTL(config)
    weights = {key: value.float() if value.is_floating_point() else value for key, value in load_file(path).items()}
    if misfit := describe_misfit(network.state_dict(), weights, 'its configuration'):
        raise CheckpointError(f"checkpoint '{path}' does not fit its configuration: {misfit}")
    network.load_state_dict(weights)
    return network.eval()


def _st_mtl_config(metadata: Mapping[str, str], path: str | Path) -> STMTLConfig:
    values = json.loads(metadata['config'])
    known = {field.name for field in fields(STMTLConfig)}
    if values.get('architecture') != 'st_mtl' or values.keys() - known:
        raise CheckpointError(
            f"checkpoint '{path}' is of architecture '{values.get('architecture')}' or a newer version; give one of "
            "ST-MTL, written by `mt3dnet train-saliency`"
        )
    fitting: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in values.items()}
    return STMTLConfig(**fitting)
