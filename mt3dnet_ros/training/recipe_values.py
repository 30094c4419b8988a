"""From YAML and ``key=value`` to the typed fields of a recipe, whichever class it is of."""

from __future__ import annotations

import inspect
import re
import typing
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any, TypeVar

import yaml

from mt3dnet_ros.errors import MT3DNetError

Fields = TypeVar('Fields')


class RecipeError(MT3DNetError, ValueError):
    """A recipe has an unknown key or a value of the wrong kind."""


def read_values(path: str | Path, overrides: Sequence[str] = ()) -> dict[str, Any]:
    """Read a recipe's file and apply ``key=value`` overrides, the values in YAML.

    :raises RecipeError: the file cannot be read, or an override is none
    """
    try:
        content = yaml.safe_load(Path(path).read_text(encoding='utf-8'))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise RecipeError(f"recipe '{path}' cannot be read: {error}") from error
    if not isinstance(content, Mapping):
        raise RecipeError(f"recipe '{path}' must be a mapping of keys to values")
    return dict(content) | dict(_override(text) for text in overrides)


def fill_recipe(kind: type[Fields], values: Mapping[str, Any]) -> Fields:
    """Return a recipe, a dataclass, from plain values.

    :raises RecipeError: a key is unknown or missing, or a value is of the wrong kind
    """
    hints = typing.get_type_hints(kind)
    members = fields(kind)  # type: ignore[arg-type]  # every recipe is a dataclass
    for key in values:
        if key not in hints:
            known = ', '.join(field.name for field in members)
            raise RecipeError(f"recipe key '{key}' is not known (known: {known})")
    required = [field.name for field in members if field.default is MISSING]
    if missing := [key for key in required if key not in values]:
        raise RecipeError(f'recipe lacks {", ".join(missing)}; name the folders in the file or as key=value')
    return kind(**{key: _convert(key, value, hints[key]) for key, value in values.items()})


def describe_fields(kind: type) -> str:
    """Return every key of a recipe with its default and its meaning, for people."""
    meanings = dict(re.findall(r':param (\w+): (.*?)(?=\n:param|$)', inspect.getdoc(kind) or '', re.DOTALL))
    lines = []
    for field in fields(kind):
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


def require_choices(recipe: Any, choices: Mapping[str, Sequence[str]]) -> None:
    """Raise RecipeError where a key has none of the values that it may have."""
    for key, known in choices.items():
        if (value := getattr(recipe, key)) not in known:
            raise RecipeError(f"recipe key '{key}' must be one of {', '.join(known)}, got '{value}'")


def require_at_least_one(recipe: Any, keys: Sequence[str]) -> None:
    """Raise RecipeError where a number is below 1."""
    for key in keys:
        if (value := getattr(recipe, key)) < 1:
            raise RecipeError(f"recipe key '{key}' must be 1 or more, got {value}")
