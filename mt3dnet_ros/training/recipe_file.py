"""Reading and checking recipes."""

from __future__ import annotations

import inspect
import re
import typing
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

import yaml

from mt3dnet_ros.perception.taxonomy import load_taxonomy

from .balancing import MOVES, REFERENCES
from .losses.tasks import DETECTION_LOSSES, TASKS
from .recipe import Recipe

_CHOICES: Mapping[str, Sequence[str]] = {
    'optimizer': ('adamw', 'adan'),
    'balancing': ('fixed', 'adversarial', 'uncertainty', 'dynamic'),
    'adversary': tuple(MOVES),
    'balance_reference': REFERENCES,
    'detection_loss': DETECTION_LOSSES,
}
_AT_LEAST_ONE = ('processes', 'nodes', 'threads', 'batch_size', 'steps', 'validate_every', 'validation_frames')


class RecipeError(ValueError):
    """A recipe has an unknown key or a value of the wrong kind."""


def read_recipe(path: str | Path, overrides: Sequence[str] = ()) -> Recipe:
    """Read a recipe and apply ``key=value`` overrides, the values in YAML.

    :raises RecipeError: the file cannot be read, a key is unknown or missing, or a value is of the wrong kind
    """
    try:
        content = yaml.safe_load(Path(path).read_text(encoding='utf-8'))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise RecipeError(f"recipe '{path}' cannot be read: {error}") from error
    if not isinstance(content, Mapping):
        raise RecipeError(f"recipe '{path}' must be a mapping of keys to values")
    return build_recipe(dict(content) | dict(_override(text) for text in overrides))


def build_recipe(values: Mapping[str, Any]) -> Recipe:
    """Return a recipe from plain values.

    :raises RecipeError: a key is unknown or missing, or a value is of the wrong kind or out of range
    """
    hints = typing.get_type_hints(Recipe)
    known = [field.name for field in fields(Recipe)]
    for key in values:
        if key not in hints:
            raise RecipeError(f"recipe key '{key}' is not known (known: {', '.join(known)})")
    if missing := [key for key in ('data', 'output') if key not in values]:
        raise RecipeError(f'recipe lacks {", ".join(missing)}; name the folders in the file or as key=value')
    recipe = Recipe(**{key: _convert(key, value, hints[key]) for key, value in values.items()})
    _check_numbers(recipe)
    _check_names(recipe)
    return recipe


def describe_keys() -> str:
    """Return every key of a recipe with its default and its meaning, for people."""
    meanings = dict(re.findall(r':param (\w+): (.*?)(?=\n:param|$)', inspect.getdoc(Recipe) or '', re.DOTALL))
    lines = []
    for field in fields(Recipe):
        default = '' if field.default is MISSING else f' = {_plain(field.default)}'
        lines.append(f'{field.name}{default}\n    {" ".join(meanings.get(field.name, "").split())}'.rstrip())
    return '\n'.join(lines)


def _plain(value: Any) -> Any:
    """Return a default as YAML writes it."""
    return list(value) if isinstance(value, tuple) else "''" if value == '' else value


def _override(text: str) -> tuple[str, Any]:
    key, separator, value = text.partition('=')
    if not separator:
        raise RecipeError(f"override '{text}' must look like key=value")
    try:
        return key, yaml.safe_load(value) if value else ''
    except yaml.YAMLError as error:
        raise RecipeError(f"override '{text}' has no readable value: {error}") from error


def _convert(key: str, value: Any, hint: Any) -> Any:
    members = typing.get_args(hint)
    if members:
        return _convert_list(key, value, members)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if hint is float and (number or isinstance(value, str)):
        # YAML 1.1 reads 1e-3, without a dot, as a string.
        try:
            return float(value)
        except ValueError:
            pass
    elif isinstance(value, hint) and (hint is bool or not isinstance(value, bool)):
        return value
    raise RecipeError(f"recipe key '{key}' must be of type {hint.__name__}, got {value!r}")


def _convert_list(key: str, value: Any, members: tuple[Any, ...]) -> tuple[Any, ...]:
    if not isinstance(value, list | tuple):
        raise RecipeError(f"recipe key '{key}' needs a list like [a, b], got {value!r}")
    if members[-1] is ...:
        members = members[:1] * len(value)
    if len(value) != len(members):
        raise RecipeError(f"recipe key '{key}' needs {len(members)} values like [256, 320], got {value!r}")
    return tuple(_convert(key, item, member) for item, member in zip(value, members, strict=True))


def _check_numbers(recipe: Recipe) -> None:
    for key in _AT_LEAST_ONE:
        if getattr(recipe, key) < 1:
            raise RecipeError(f"recipe key '{key}' must be 1 or more, got {getattr(recipe, key)}")
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
    for key, choices in _CHOICES.items():
        if getattr(recipe, key) not in choices:
            raise RecipeError(f"recipe key '{key}' must be one of {', '.join(choices)}, got '{getattr(recipe, key)}'")
    if not recipe.tasks or not set(recipe.tasks) <= set(TASKS) or len(set(recipe.tasks)) < len(recipe.tasks):
        raise RecipeError(f"recipe key 'tasks' must name some of {', '.join(TASKS)}, got {list(recipe.tasks)}")
    _check_length('task_weights', recipe.task_weights, len(recipe.tasks), 'task')
    _check_length('balance_goals', recipe.balance_goals, len(recipe.tasks), 'task')
    if recipe.balance_reference == 'goals' and not recipe.balance_goals:
        raise RecipeError("recipe key 'balance_reference' is goals; give balance_goals, one loss per task")
    _check_length('class_weights', recipe.class_weights, len(load_taxonomy(recipe.taxonomy).classes), 'class')


def _check_length(key: str, values: Sequence[float], count: int, what: str) -> None:
    if values and len(values) != count:
        raise RecipeError(f"recipe key '{key}' needs one number per {what}, {count}; got {len(values)}")
