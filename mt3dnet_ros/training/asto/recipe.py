"""A recipe in stages: what training saliency over time can be told, beside what every training can."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mt3dnet_ros.models.conv_lstm import CELLS
from mt3dnet_ros.models.st_mtl.recalibration import RECALIBRATIONS
from mt3dnet_ros.training.losses.saliency import SINKHORN_WEIGHT
from mt3dnet_ros.training.losses.tasks import LossSettings
from mt3dnet_ros.training.recipe import CommonRecipe, RecipeError, setting

from .stages import STAGES, Stage

_PRECISIONS = ('32-true', 'bf16-mixed')


@dataclass(frozen=True)
class AstoRecipe(
    CommonRecipe,
    dataset='endovis2017',
    taxonomy='endovis2017',
    input_size=(1024, 1280),
    zoom=(1.0, 1.0),
    appearance=0.0,
    batch_size=2,
    learning_rate=1e-4,
    weight_decay=1e-4,
    gradient_clip=0.0,
    precision='32-true',
):
    """How to train saliency, with or without segmentation, by the stages of ASTO."""

    LEAST_SIDE: ClassVar[int] = 64

    saliency: str = setting(
        "folder that ``mt3dnet make-saliency`` wrote; empty where its ``salmap`` folders lie in the data's",
        '',
        path=True,
    )
    network: str = setting(
        '``st_mtl``, all of which is trained, or ``mt3dnet`` from the checkpoint ``initial``, of which the saliency '
        'branch is trained, with the taxonomy and input size of that checkpoint',
        'st_mtl',
        choices=('st_mtl', 'mt3dnet'),
    )
    new_branch: bool = setting("train a new branch in place of the one that MT3DNet's checkpoint may have", False)
    recalibration: str = setting("unit of ST-MTL's segmentation decoder", 'sc_scse', choices=tuple(RECALIBRATIONS))
    temporal_cell: str = setting('of ST-MTL', 'full', choices=CELLS)
    temporal_hidden: int = setting('channels of each memory of ST-MTL', 512, least=1)
    views: str = setting(
        '``random`` for zoom, shift, roll and mirroring; ``mirrored`` does nothing but mirror half of the windows',
        'random',
        choices=('random', 'mirrored'),
    )
    stages: tuple[str, ...] = setting(
        f'in order, of {", ".join(STAGES)} (docs/train/st_mtl.md)', ('segmentation', 'saliency', 'temporal')
    )
    steps: tuple[int, ...] = setting('of each stage', (1000, 1000, 1000))
    window: int = setting('consecutive frames in a window of the stages over time', 4, least=1)
    batch_windows: int = setting('windows per step in stages over time, over all processes', 2, least=1)
    schedule: str = setting(
        'of the learning rate within each stage: ``constant``, or ``cosine`` for half a cosine down to a hundredth',
        'constant',
        choices=('constant', 'cosine'),
    )
    sinkhorn_weight: float = setting(
        'of the transport cost in the saliency loss; 0 leaves it out', SINKHORN_WEIGHT, least=0
    )
    joint_weights: tuple[float, float] = setting('of segmentation and saliency, where a step sums both', (0.5, 0.5))
    validation_windows: int = setting('used in each validation at most', 200, least=1)

    @property
    def stage_names(self) -> tuple[str, ...]:
        """The stages, in order."""
        return self.stages

    @property
    def stage_steps(self) -> tuple[int, ...]:
        """Steps of each stage."""
        return self.steps

    @property
    def lightning_precision(self) -> str:
        """Single: the module lowers it itself, and only for predictions while training."""
        return '32-true'

    def stage(self, number: int) -> Stage:
        """Return a stage by its number in the run."""
        return STAGES[self.stages[number]]

    def window_length(self, stage: int) -> int:
        """Return how many frames a stage sees at once."""
        return self.window if self.stage(stage).over_time else 1

    def windows_per_step(self, stage: int) -> int:
        """Return the batch size of a stage, over all processes."""
        return self.batch_windows if self.stage(stage).over_time else self.batch_size

    def losses(self) -> LossSettings:
        """Return how the tasks' losses are computed."""
        return LossSettings(sinkhorn=self.sinkhorn_weight)

    def check(self) -> None:
        """Raise RecipeError where settings do not go together."""
        super().check()
        self.check_share('batch_windows')
        if self.precision not in _PRECISIONS:
            raise RecipeError(f"recipe key 'precision' must be one of {', '.join(_PRECISIONS)}, got '{self.precision}'")
        if self.network == 'mt3dnet' and not self.initial:
            raise RecipeError("recipe key 'initial' must name the checkpoint of MT3DNet whose branch is trained")
        if unknown := [name for name in self.stages if name not in STAGES]:
            raise RecipeError(f"recipe key 'stages' must name some of {', '.join(STAGES)}, got {unknown[0]!r}")
        if not self.stages or len(self.steps) != len(self.stages) or min(self.steps) < 1:
            count = len(self.stages)
            raise RecipeError(
                f"recipe key 'steps' needs one number per stage, 1 or more: {count} stages, got {list(self.steps)}"
            )
