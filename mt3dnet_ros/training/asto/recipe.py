"""A recipe of ``mt3dnet train-saliency``: every choice behind a network that predicts saliency over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mt3dnet_ros.models.conv_lstm import CELLS
from mt3dnet_ros.models.st_mtl.recalibration import RECALIBRATIONS
from mt3dnet_ros.training.losses.saliency import SINKHORN_WEIGHT
from mt3dnet_ros.training.recipe_values import (
    RecipeError,
    fill_recipe,
    read_values,
    require_at_least_one,
    require_choices,
)

from .stages import STAGES

NETWORKS = ('st_mtl', 'mt3dnet')
_CHOICES: Mapping[str, Sequence[str]] = {
    'network': NETWORKS,
    'recalibration': tuple(RECALIBRATIONS),
    'temporal_cell': CELLS,
    'views': ('random', 'mirrored'),
    'schedule': ('constant', 'cosine'),
    'precision': ('32-true', 'bf16-mixed'),
}
_AT_LEAST_ONE = (
    'window', 'batch_size', 'batch_windows', 'threads', 'log_every', 'validate_every', 'validation_windows',
    'temporal_hidden',
)  # fmt: skip


@dataclass(frozen=True)
class AstoRecipe:
    """How to train saliency, alone or beside segmentation.

    :param data: folder of the data set
    :param output: folder for logs, the state to resume from and the checkpoints
    :param saliency: folder that ``mt3dnet make-saliency`` wrote; empty where its ``salmap`` folders lie in the data's
    :param dataset: which data set lies there, one of sequences: ``endovis2017`` or ``rendered``
    :param train_split: split that is trained on
    :param val_split: split that is validated on; empty to validate on none
    :param frame_size: height and width to which frames are brought when they are read; 0, 0 keeps them
    :param network: ``st_mtl``, all of which is trained, or ``mt3dnet``, of which the saliency branch is
    :param taxonomy: numbering of instrument types that ST-MTL speaks; MT3DNet speaks that of its checkpoint
    :param pretrained: file of ImageNet weights for ST-MTL's encoder; empty for none
    :param initial: checkpoint to start from, a path, or the name of a shipped one; MT3DNet needs one
    :param new_branch: train a new branch in place of the one that MT3DNet's checkpoint may have
    :param resume: ``last.ckpt`` of an interrupted run; empty to start anew
    :param recalibration: unit of ST-MTL's segmentation decoder: ``sc_scse``, ``scse`` or ``skip_scse``
    :param temporal_cell: of ST-MTL: ``full`` or ``separable``
    :param temporal_hidden: channels of each memory of ST-MTL
    :param input_size: of ST-MTL, height and width in pixels, multiples of 32; MT3DNet keeps that of its checkpoint
    :param zoom: least and largest enlargement of random views, relative to the view of the whole frame
    :param views: ``random`` for zoom, shift, roll and mirroring; ``mirrored`` for half of the windows mirrored alone
    :param appearance: strength of random appearance; 0 for none
    :param stages: in order, of the names in ``stages.py``
    :param steps: of each stage
    :param window: consecutive frames in a window of the stages over time
    :param batch_size: frames per step in stages on single frames
    :param batch_windows: windows per step in stages over time
    :param learning_rate: of Adam; a stage may scale it
    :param weight_decay: of Adam, added to the gradient as in its original form
    :param schedule: within each stage: ``constant``, or ``cosine`` for half a cosine down to a hundredth
    :param gradient_clip: largest norm of each part's gradient; 0 for none
    :param sinkhorn_weight: of the transport cost in the saliency loss; 0 leaves it out
    :param joint_weights: of segmentation and saliency, where a step sums both
    :param precision: ``32-true`` or ``bf16-mixed``
    :param device: ``auto``, ``cpu``, ``cuda`` or ``cuda:<index>``
    :param threads: CPU threads
    :param workers: processes that prepare batches; 0 prepares them in the training process
    :param log_every: steps between rows of the log
    :param validate_every: steps between validations, each of which also keeps the state to resume from
    :param validation_windows: used in each validation at most
    """

    data: str
    output: str
    saliency: str = ''
    dataset: str = 'endovis2017'
    train_split: str = 'train'
    val_split: str = 'val'
    frame_size: tuple[int, int] = (0, 0)
    network: str = 'st_mtl'
    taxonomy: str = 'endovis2017'
    pretrained: str = ''
    initial: str = ''
    new_branch: bool = False
    resume: str = ''
    recalibration: str = 'sc_scse'
    temporal_cell: str = 'full'
    temporal_hidden: int = 512
    input_size: tuple[int, int] = (1024, 1280)
    zoom: tuple[float, float] = (1.0, 1.0)
    views: str = 'random'
    appearance: float = 0.0
    stages: tuple[str, ...] = ('segmentation', 'saliency', 'temporal')
    steps: tuple[int, ...] = (1000, 1000, 1000)
    window: int = 4
    batch_size: int = 2
    batch_windows: int = 2
    learning_rate: float = 1e-4
    weight_decay: float = 1e-4
    schedule: str = 'constant'
    gradient_clip: float = 0.0
    sinkhorn_weight: float = SINKHORN_WEIGHT
    joint_weights: tuple[float, float] = (0.5, 0.5)
    precision: str = '32-true'
    device: str = 'auto'
    threads: int = 2
    workers: int = 0
    seed: int = 1
    log_every: int = 10
    validate_every: int = 500
    validation_windows: int = 200

    def done_before(self, stage: int) -> int:
        """Return the steps of all stages before one, counted from 0."""
        return sum(self.steps[:stage])


def read_asto_recipe(path: str | Path, overrides: Sequence[str] = ()) -> AstoRecipe:
    """Read a recipe and apply ``key=value`` overrides, the values in YAML.

    :raises RecipeError: the file cannot be read, a key is unknown or missing, or a value is of the wrong kind
    """
    return build_asto_recipe(read_values(path, overrides))


def build_asto_recipe(values: Mapping[str, Any]) -> AstoRecipe:
    """Return a recipe from plain values.

    :raises RecipeError: a key is unknown or missing, or a value is of the wrong kind or out of range
    """
    recipe = fill_recipe(AstoRecipe, values)
    _check_stages(recipe)
    require_choices(recipe, _CHOICES)
    require_at_least_one(recipe, _AT_LEAST_ONE)
    if any(side < 64 or side % 32 for side in recipe.input_size):
        raise RecipeError(f"recipe key 'input_size' must be multiples of 32 from 64, got {list(recipe.input_size)}")
    if not 0.0 < recipe.zoom[0] <= recipe.zoom[1]:
        raise RecipeError(f"recipe key 'zoom' must rise from above 0, got {list(recipe.zoom)}")
    if recipe.network == 'mt3dnet' and not recipe.initial:
        raise RecipeError("recipe key 'initial' must name the checkpoint of MT3DNet whose saliency branch is trained")
    return recipe


def _check_stages(recipe: AstoRecipe) -> None:
    if unknown := [name for name in recipe.stages if name not in STAGES]:
        raise RecipeError(f"recipe key 'stages' must name some of {', '.join(STAGES)}, got {unknown[0]!r}")
    if not recipe.stages or len(recipe.steps) != len(recipe.stages) or min(recipe.steps) < 1:
        raise RecipeError(
            f"recipe key 'steps' needs one number per stage, 1 or more: {len(recipe.stages)} stages, got "
            f'{list(recipe.steps)}'
        )
