"""Reading and checking recipes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mt3dnet_ros.perception.taxonomy import load_taxonomy
from mt3dnet_ros.training.losses.tasks import DETECTION_LOSSES, FRAME_TASKS

from .balancing import MOVES, REFERENCES
from .recipe import Recipe
from .recipe_values import (
    RecipeError,
    describe_fields,
    fill_recipe,
    read_values,
    require_at_least_one,
    require_choices,
)

_CHOICES: Mapping[str, Sequence[str]] = {
    'optimizer': ('adamw', 'adan'),
    'balancing': ('fixed', 'adversarial', 'uncertainty', 'dynamic'),
    'adversary': tuple(MOVES),
    'balance_reference': REFERENCES,
    'detection_loss': DETECTION_LOSSES,
}
_AT_LEAST_ONE = (
    'processes', 'nodes', 'threads', 'batch_size', 'steps', 'log_every', 'validate_every', 'validation_frames',
    'balance_period',
)  # fmt: skip


def read_recipe(path: str | Path, overrides: Sequence[str] = ()) -> Recipe:
    """Read a recipe and apply ``key=value`` overrides, the values in YAML.

    :raises RecipeError: the file cannot be read, a key is unknown or missing, or a value is of the wrong kind
    """
    return build_recipe(read_values(path, overrides))


def build_recipe(values: Mapping[str, Any]) -> Recipe:
    """Return a recipe from plain values.

    :raises RecipeError: a key is unknown or missing, or a value is of the wrong kind or out of range
    """
    recipe = fill_recipe(Recipe, values)
    _check_numbers(recipe)
    _check_names(recipe)
    return recipe


def describe_keys() -> str:
    """Return every key of a recipe with its default and its meaning, for people."""
    return describe_fields(Recipe)


def _check_numbers(recipe: Recipe) -> None:
    require_at_least_one(recipe, _AT_LEAST_ONE)
    if recipe.batch_size % (recipe.processes * recipe.nodes):
        processes = recipe.processes * recipe.nodes
        raise RecipeError(f"recipe key 'batch_size' ({recipe.batch_size}) must divide among {processes} processes")
    if any(side < 32 or side % 32 for side in recipe.input_size):
        raise RecipeError(f"recipe key 'input_size' must be multiples of 32, got {list(recipe.input_size)}")
    if not 0.0 < recipe.zoom[0] <= recipe.zoom[1]:
        raise RecipeError(f"recipe key 'zoom' must rise from above 0, got {list(recipe.zoom)}")
    if recipe.appearance < 0.0:
        raise RecipeError(f"recipe key 'appearance' must be 0 or more, got {recipe.appearance}")
    if not 0.0 <= recipe.balance_floor < 1.0:
        raise RecipeError(f"recipe key 'balance_floor' must lie from 0 to below 1, got {recipe.balance_floor}")


def _check_names(recipe: Recipe) -> None:
    require_choices(recipe, _CHOICES)
    if recipe.depth and recipe.further_data:
        raise RecipeError("recipe key 'depth' names the maps of one folder; leave it or 'further_data' out")
    if not recipe.tasks or not set(recipe.tasks) <= set(FRAME_TASKS) or len(set(recipe.tasks)) < len(recipe.tasks):
        raise RecipeError(f"recipe key 'tasks' must name some of {', '.join(FRAME_TASKS)}, got {list(recipe.tasks)}")
    _check_length('task_weights', recipe.task_weights, len(recipe.tasks), 'task')
    _check_length('balance_goals', recipe.balance_goals, len(recipe.tasks), 'task')
    if recipe.balance_reference == 'goals' and not recipe.balance_goals:
        raise RecipeError("recipe key 'balance_reference' is goals; give balance_goals, one loss per task")
    _check_length('class_weights', recipe.class_weights, len(load_taxonomy(recipe.taxonomy).classes), 'class')


def _check_length(key: str, values: Sequence[float], count: int, what: str) -> None:
    if values and len(values) != count:
        raise RecipeError(f"recipe key '{key}' needs one number per {what}, {count}; got {len(values)}")
