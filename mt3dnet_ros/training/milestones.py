"""What happens now and then in a run: it is validated, exported, and kept to go on from."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import torch

from mt3dnet_ros.errors import needs_extra

from .recipe import CommonRecipe, RecipeError

with needs_extra('train'):
    from lightning.pytorch import Callback, Trainer

STATE = 'last.ckpt'


class Milestones(Callback):
    """At the milestones of a recipe, validate, export and keep the state: in this order, so that nothing is lost.

    :param output: the run's folder, into which ``last.ckpt`` is written
    """

    def __init__(self, recipe: CommonRecipe, output: Path) -> None:
        self.recipe, self.state = recipe, output / STATE

    def on_train_start(self, trainer: Trainer, pl_module: Any) -> None:
        """Tell whether a run that is resumed had just been validated."""
        self._validate_after(trainer, trainer.global_step)

    def on_train_batch_start(self, trainer: Trainer, pl_module: Any, batch: Any, batch_idx: int) -> None:
        """Have the trainer validate after this step, or not."""
        self._validate_after(trainer, trainer.global_step + 1)

    def on_train_batch_end(self, trainer: Trainer, pl_module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        """Export and keep what is not validated."""
        if not self.recipe.val_split and self.recipe.is_milestone(trainer.global_step):
            self._keep(trainer, pl_module)

    def on_validation_end(self, trainer: Trainer, pl_module: Any) -> None:
        """Export and keep what was validated."""
        self._keep(trainer, pl_module)

    def _validate_after(self, trainer: Trainer, steps: int) -> None:
        # The trainer validates after every so many steps; the number changes from step to step.
        trainer.val_check_batch = 1 if steps and self.recipe.is_milestone(steps) else self.recipe.total_steps + 1

    def _keep(self, trainer: Trainer, module: Any) -> None:
        if trainer.is_global_zero:
            module.export()
        trainer.save_checkpoint(self.state, weights_only=False)


def steps_done(recipe: CommonRecipe) -> int:
    """Return the steps that the run to be resumed had done; 0 where a new one starts.

    :raises RecipeError: there is no state of such a run
    """
    if not recipe.resume:
        return 0
    if not Path(recipe.resume).is_file():
        raise RecipeError(f"recipe key 'resume' is '{recipe.resume}', which does not exist; name a run's {STATE}")
    try:
        state = torch.load(recipe.resume, map_location='cpu', weights_only=True, mmap=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError, ValueError) as error:  # code among them
        raise RecipeError(
            f"recipe key 'resume' is '{recipe.resume}', which is no state of a run; name a run's {STATE}"
        ) from error
    if 'global_step' not in state:
        raise RecipeError(
            f"recipe key 'resume' is '{recipe.resume}', which an earlier version of train-saliency kept and this one "
            'cannot go on from; start a new run, with the checkpoint of the last stage as initial'
        )
    if (stages := list(state.get('stages', []))) != list(recipe.stage_names):
        raise RecipeError(f"recipe key 'stages' is {list(recipe.stage_names)}, '{recipe.resume}' has {stages}")
    done = int(state['global_step'])
    if stages and tuple(state['place']) != recipe.place(done):
        raise RecipeError(
            f"recipe key 'steps' is {list(recipe.stage_steps)}, with which '{recipe.resume}', {done} steps in all, "
            'cannot go on; keep the steps of stages that are over'
        )
    return done
