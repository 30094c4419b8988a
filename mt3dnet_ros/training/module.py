"""The Lightning module: one network, its averaged twin, and the losses between."""

from __future__ import annotations

import copy
from typing import Any

import torch
import torch.nn.functional as F
from lightning.pytorch import LightningModule
from torch import Tensor

from mt3dnet_ros.datasets.targets import boxes_from_instances, detection_targets
from mt3dnet_ros.models.heads import DETECTION_STRIDE
from mt3dnet_ros.models.mt3dnet import MT3DNet, Prediction
from mt3dnet_ros.models.pretrained import load_pretrained

from .augment import Batch
from .losses import Labels, TaskLosses, task_losses
from .optimisation import build_optimizer, update_average, warm_up_cosine
from .recipe import Recipe
from .scores import DepthScore, DiceScore


class TrainingModule(LightningModule):
    """Train the network; validate and export the running average of its weights."""

    def __init__(self, recipe: Recipe) -> None:
        super().__init__()
        self.recipe = recipe
        self.network = MT3DNet(recipe.network())
        if recipe.pretrained:
            load_pretrained(self.network.encoder, recipe.pretrained)
        self.network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.average = copy.deepcopy(self.network).eval().requires_grad_(False)
        self._start_scores()

    def train(self, mode: bool = True) -> TrainingModule:
        """Switch the network's mode; the average always evaluates."""
        super().train(mode)
        self.average.eval()
        return self

    def on_train_start(self) -> None:
        """Let every process, and every resumed run, draw its own augmentations."""
        torch.manual_seed(self.recipe.seed + 1009 * self.global_rank + 100_003 * self.global_step)

    def training_step(self, batch: Batch, index: int) -> Tensor:
        """Return the weighted sum of the tasks' losses."""
        losses = task_losses(self.network(batch.images), self.labels(batch))
        total = sum(getattr(self.recipe, f'weight_{task}') * loss for task, loss in losses._asdict().items())
        self._log_losses(losses, total)
        return total

    def labels(self, batch: Batch) -> Labels:
        """Return what the network should say about a batch."""
        size = batch.images.shape[-2], batch.images.shape[-1]
        stride = size[0] // batch.types.shape[-2]
        boxes = boxes_from_instances(batch.instances, batch.types.to(torch.uint8), stride)
        classes = len(self.network.config.classes) - 1
        return Labels(batch.types, batch.parts, batch.depth, detection_targets(boxes, size, DETECTION_STRIDE, classes))

    def on_train_batch_end(self, outputs: Any, batch: Batch, index: int) -> None:
        """Follow the optimiser's step with the average."""
        update_average(self.average, self.network, self.recipe.ema_decay, self.global_step)

    def validation_step(self, batch: Batch, index: int) -> None:
        """Count the averaged network's hits, at the labels' resolution."""
        prediction: Prediction = self.average(batch.images)
        size = batch.types.shape[-2:]
        self.types_score.update(_enlarged(prediction.types, size).argmax(1), batch.types)
        self.parts_score.update(_enlarged(prediction.parts, size).argmax(1), batch.parts)
        scale = batch.scale[:, None, None, None]
        self.depth_score.update(_enlarged(prediction.depth, size) * scale, batch.depth * scale)

    def on_validation_epoch_start(self) -> None:
        """Forget the scores of the validation before."""
        self._start_scores()

    def on_validation_epoch_end(self) -> None:
        """Join the counts of all processes, log and print the scores."""
        for score in (self.types_score, self.parts_score, self.depth_score):
            score.counts = self.trainer.strategy.reduce(score.counts, reduce_op='sum')
        scores = self.scores()
        self.log_dict(scores, sync_dist=True)
        text = '  '.join(f'{name} {value:.4f}' for name, value in scores.items())
        self.print(f'step {self.global_step}: {text}')

    def scores(self) -> dict[str, float]:
        """Return the scores of the last validation; depth errors in millimetres and as a part of the depth."""
        return {
            'binary_dice': self.types_score.binary(),
            'types_dice': self.types_score.macro(),
            'parts_dice': self.parts_score.macro(),
            'depth_mae_mm': 1000.0 * self.depth_score.mean_absolute(),
            'depth_abs_rel': self.depth_score.mean_relative(),
        }

    def configure_gradient_clipping(self, optimizer: Any, *arguments: Any, **options: Any) -> None:
        """Clip here: Lightning refuses to beside a fused optimiser, whose gradients it may not have unscaled yet."""
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), self.recipe.gradient_clip, foreach=True)

    def configure_optimizers(self) -> Any:
        """Return the recipe's optimiser and its schedule per step."""
        optimizer = build_optimizer(self.network, self.recipe)
        schedule = warm_up_cosine(optimizer, self.recipe)
        return {'optimizer': optimizer, 'lr_scheduler': {'scheduler': schedule, 'interval': 'step'}}

    def _start_scores(self) -> None:
        config = self.network.config
        self.types_score, self.parts_score = DiceScore(len(config.classes)), DiceScore(len(config.parts))
        self.depth_score = DepthScore()

    def _log_losses(self, losses: TaskLosses, total: Tensor) -> None:
        self.log('loss', total.detach(), prog_bar=True)
        for task, loss in losses._asdict().items():
            self.log(f'loss_{task}', loss.detach(), prog_bar=True)


def _enlarged(values: Tensor, size: torch.Size) -> Tensor:
    return F.interpolate(values.float(), size=size, mode='bilinear', align_corners=False)
