"""What a recipe trains, ready to be trained."""

from __future__ import annotations

from dataclasses import replace

from mt3dnet_ros.models.mt3dnet import MT3DNet
from mt3dnet_ros.models.st_mtl.config import STMTLConfig
from mt3dnet_ros.models.st_mtl.resnet_pretrained import load_resnet18
from mt3dnet_ros.models.st_mtl.st_mtl import STMTL
from mt3dnet_ros.perception.checkpoint import load_checkpoint, load_st_mtl
from mt3dnet_ros.perception.checkpoint_header import read_metadata
from mt3dnet_ros.perception.taxonomy import load_taxonomy
from mt3dnet_ros.training.starting_weights import find_checkpoint

from .learners import BranchLearner, Learner, STMTLLearner
from .recipe import AstoRecipe


def build_learner(recipe: AstoRecipe) -> Learner:
    """Return the recipe's network with its starting weights.

    :raises CheckpointError: the initial checkpoint cannot be used
    :raises PretrainedError: the encoder's weights cannot be used
    """
    if recipe.network == 'mt3dnet':
        return BranchLearner(with_branch(load_checkpoint(find_checkpoint(recipe.initial)), recipe.new_branch))
    return STMTLLearner(load_st_mtl(recipe.initial) if recipe.initial else _new_st_mtl(recipe))


def with_branch(network: MT3DNet, new: bool = False) -> MT3DNet:
    """Return the network with a saliency branch, its own unless a new one is wanted; all else stays as it is."""
    extended = MT3DNet(replace(network.config, saliency=True))
    kept = {name: value for name, value in network.state_dict().items() if not (new and name.startswith('saliency.'))}
    # All that a network of these settings can lack is the branch.
    extended.load_state_dict(kept, strict=False)
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


def describe_origin(initial: str) -> dict[str, str]:
    """Return recipe, steps and scores of the checkpoint that a run starts from; nothing where there is none."""
    known = read_metadata(find_checkpoint(initial)) if initial else {}
    return {key: known[key] for key in ('recipe', 'step', 'scores') if key in known}
