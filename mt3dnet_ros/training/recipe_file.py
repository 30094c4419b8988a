"""From YAML and ``key=value`` to a checked recipe, and what people are told of its keys."""

from __future__ import annotations

import typing
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, Field, fields
from pathlib import Path
from typing import Any

from mt3dnet_ros.yaml_text import YamlError, parse_yaml, read_yaml

from .asto.recipe import AstoRecipe
from .recipe import CommonRecipe, Recipe, RecipeError

_RENAMED = {'device': 'accelerator'}  # keys of earlier versions


def read_recipe(
    path: str | Path, overrides: Sequence[str] = (), kind: type[CommonRecipe] | None = None
) -> CommonRecipe:
    """Read a recipe and apply ``key=value`` overrides, the values in YAML.

    :param kind: of recipe; None takes one in stages where the recipe names stages or a network, else one of MT3DNet
    :raises RecipeError: the file cannot be read, a key is unknown or missing, or a value cannot be used
    """
    return build_recipe(read_values(path, overrides), kind)


def build_recipe(values: Mapping[str, Any], kind: type[CommonRecipe] | None = None) -> CommonRecipe:
    """Return a recipe from plain values; all else as :func:`read_recipe`."""
    recipe = _fill(kind or _kind_of(values), _with_new_names(values))
    for member in fields(recipe):
        _check(member, getattr(recipe, member.name))
    recipe.check()
    return recipe


def read_values(path: str | Path, overrides: Sequence[str] = ()) -> dict[str, Any]:
    """Read a recipe's file and apply ``key=value`` overrides, the values in YAML.

    :raises RecipeError: the file cannot be read, or an override is none
    """
    try:
        content = read_yaml(path)
    except (OSError, YamlError) as error:
        raise RecipeError(f"recipe '{path}' cannot be read: {error}") from error
    if not isinstance(content, Mapping):
        raise RecipeError(f"recipe '{path}' must be a mapping of keys to values")
    check_executes_nothing(content, f"recipe '{path}'")
    return dict(content) | dict(_override(text) for text in overrides)


def check_executes_nothing(values: Mapping[Any, Any], where: str) -> None:
    """Refuse a reader of data sets that a file names as ``package.module:function``: it would be imported and called.

    :param where: the file, for people
    :raises RecipeError: it names one
    """
    reader = values.get('dataset')
    if isinstance(reader, str) and ':' in reader:
        raise RecipeError(
            f"{where} names code, '{reader}', as its data set: a file executes nothing; say dataset={reader} on the "
            'command line, where you know that code'
        )


def describe_keys(kind: type[CommonRecipe] = Recipe) -> str:
    """Return every key of a kind of recipe with its default, meaning and choices, for people."""
    return '\n'.join(_describe(member) for member in fields(kind))


def _describe(member: Field[Any]) -> str:
    default = '' if member.default is MISSING else f' = {_plain(member.default)}'
    choices = f': {", ".join(member.metadata["choices"])}' if member.metadata['choices'] else ''
    return f'{member.name}{default}\n    {member.metadata["meaning"]}{choices}'.rstrip()


def _plain(value: Any) -> Any:
    """Return a default as YAML writes it."""
    return list(value) if isinstance(value, tuple) else "''" if value == '' else value


def _override(text: str) -> tuple[str, Any]:
    key, separator, value = text.partition('=')
    if not separator:
        raise RecipeError(f"override '{text}' must look like key=value")
    try:
        return key, parse_yaml(value) if value else ''
    except YamlError as error:
        raise RecipeError(f"override '{text}' has no readable value: {error}") from error


def _kind_of(values: Mapping[str, Any]) -> type[CommonRecipe]:
    return AstoRecipe if {'stages', 'network'} & values.keys() else Recipe


def _with_new_names(values: Mapping[str, Any]) -> dict[str, Any]:
    for old in _RENAMED.keys() & values.keys():
        new = _RENAMED[old]
        warnings.warn(f"recipe key '{old}' is called '{new}' now; write {new}: {values[old]}", FutureWarning, 2)
    return {_RENAMED.get(key, key): value for key, value in values.items()}


def _fill(kind: type[CommonRecipe], values: Mapping[str, Any]) -> CommonRecipe:
    hints = typing.get_type_hints(kind)
    members = fields(kind)
    known = [member.name for member in members]
    for key in values:
        if key not in known:
            raise RecipeError(f"recipe key '{key}' is not known (known: {', '.join(known)})")
    required = [member.name for member in members if member.default is MISSING]
    if missing := [key for key in required if key not in values]:
        raise RecipeError(f'recipe lacks {", ".join(missing)}; name the folders in the file or as key=value')
    return kind(**{key: _convert(key, value, hints[key]) for key, value in values.items()})


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


def _check(member: Field[Any], value: Any) -> None:
    choices, least = member.metadata['choices'], member.metadata['least']
    if choices and value not in choices:
        raise RecipeError(f"recipe key '{member.name}' must be one of {', '.join(choices)}, got '{value}'")
    if least is not None and min(value if isinstance(value, tuple) else (value,)) < least:
        shown = list(value) if isinstance(value, tuple) else value
        raise RecipeError(f"recipe key '{member.name}' must be {least} or more, got {shown}")
