"""What is kept of a run, to go on from after an interruption."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import torch

from mt3dnet_ros.training.recipe_values import RecipeError

from .alternation import Alternation
from .learners import Learner
from .recipe import AstoRecipe


class Place(NamedTuple):
    """How far a run has come: the number of its stage, from 0, and the steps of it that are done."""

    stage: int = 0
    step: int = 0


def keep_state(path: Path, recipe: AstoRecipe, learner: Learner, alternation: Alternation, place: Place) -> None:
    """Write weights, optimisers and place; whoever reads them finds a whole file."""
    content = {
        'stages': list(recipe.stages),
        'place': list(place),
        'network': learner.network.state_dict(),
        'optimizers': alternation.state_dict(),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f'{path.name}.partial')
    torch.save(content, partial)
    partial.replace(path)


def read_state(recipe: AstoRecipe) -> dict[str, Any] | None:
    """Return the state that a recipe goes on from; None where it starts anew.

    :raises RecipeError: there is none, or the run had other stages
    """
    if not recipe.resume:
        return None
    if not Path(recipe.resume).is_file():
        raise RecipeError(f"recipe key 'resume' is '{recipe.resume}', which does not exist; name a run's last.ckpt")
    state: dict[str, Any] = torch.load(recipe.resume, map_location='cpu', weights_only=True)
    if state['stages'] != list(recipe.stages):
        raise RecipeError(f"recipe key 'stages' is {list(recipe.stages)}, '{recipe.resume}' has {state['stages']}")
    return state
