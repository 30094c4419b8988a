"""A training recipe: every choice that makes a checkpoint, in one YAML file."""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import yaml

from mt3dnet_ros.models.config import MT3DNetConfig
from mt3dnet_ros.perception.taxonomy import load_taxonomy


class RecipeError(ValueError):
    """A recipe has an unknown key or a value of the wrong kind."""


@dataclass(frozen=True)
class Recipe:
    """How to train.

    :param data: folder of rendered frames with the splits ``train`` and ``val``
    :param output: folder for logs, resumable state and the exported checkpoint
    :param taxonomy: name of the numbering of instrument types
    :param pretrained: file of ImageNet weights for the encoder; empty for none
    :param resume: ``last.ckpt`` of an interrupted run; empty to start anew
    :param input_size: height and width in pixels; multiples of 32
    :param canonical_focal: focal length, in pixels of the network's input, at which depth is predicted
    :param depth_range: least and largest canonical depth in metres
    :param steps: optimiser steps; the learning rate reaches its end at the last
    :param warmup_steps: steps over which the learning rate rises from 0
    :param batch_size: frames per step, over all processes
    :param optimizer: ``adamw`` or ``adan``
    :param ema_decay: of the averaged weights that are validated and exported
    :param gradient_clip: largest norm of the gradient
    :param precision: as Lightning names it: ``bf16-mixed``, ``32-true`` ...
    :param processes: training processes, each with its share of the batch; on a CPU with one thread per process this is
        faster than one process with many threads, by a factor of two when the machine has other work
    :param threads: CPU threads of each training process
    :param workers: processes that prepare batches, per training process; 0 prepares them in the training process
    :param validate_every: steps between validations; each also exports a checkpoint
    :param validation_frames: frames used in each validation at most
    """

    data: str
    output: str
    taxonomy: str = 'endovis2018'
    encoder: str = 'b0'
    decoder: str = 'top_down'
    decoder_channels: int = 96
    drop_path: float = 0.1
    pretrained: str = ''
    resume: str = ''
    input_size: tuple[int, int] = (256, 320)
    canonical_focal: float = 260.0
    depth_range: tuple[float, float] = (0.01, 0.5)
    batch_size: int = 16
    steps: int = 4000
    warmup_steps: int = 200
    optimizer: str = 'adamw'
    learning_rate: float = 1e-3
    weight_decay: float = 0.02
    ema_decay: float = 0.998
    gradient_clip: float = 1.0
    precision: str = 'bf16-mixed'
    processes: int = 1
    threads: int = 2
    workers: int = 0
    seed: int = 1
    validate_every: int = 500
    validation_frames: int = 200
    weight_types: float = 1.0
    weight_parts: float = 1.0
    weight_depth: float = 1.0
    weight_heat: float = 0.2
    weight_boxes: float = 0.3

    def network(self) -> MT3DNetConfig:
        """Return the configuration of the network to train."""
        return MT3DNetConfig(
            classes=load_taxonomy(self.taxonomy).names,
            taxonomy=self.taxonomy,
            encoder=self.encoder,
            decoder=self.decoder,
            decoder_channels=self.decoder_channels,
            drop_path=self.drop_path,
            input_size=self.input_size,
            canonical_focal=self.canonical_focal,
            depth_range=self.depth_range,
        )


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
    _check_ranges(recipe)
    return recipe


def _override(text: str) -> tuple[str, Any]:
    key, separator, value = text.partition('=')
    if not separator:
        raise RecipeError(f"override '{text}' must look like key=value")
    try:
        return key, yaml.safe_load(value) if value else ''
    except yaml.YAMLError as error:
        raise RecipeError(f"override '{text}' has no readable value: {error}") from error


def _convert(key: str, value: Any, hint: Any) -> Any:
    if isinstance(hint, types.GenericAlias):
        members = typing.get_args(hint)
        if not isinstance(value, list | tuple) or len(value) != len(members):
            raise RecipeError(f"recipe key '{key}' needs {len(members)} values like [256, 320], got {value!r}")
        return tuple(_convert(key, item, member) for item, member in zip(value, members, strict=True))
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if hint is float and (number or isinstance(value, str)):
        # YAML 1.1 reads 1e-3, without a dot, as a string.
        try:
            return float(value)
        except ValueError:
            pass
    elif isinstance(value, hint) and not isinstance(value, bool):
        return value
    raise RecipeError(f"recipe key '{key}' must be of type {hint.__name__}, got {value!r}")


def _check_ranges(recipe: Recipe) -> None:
    at_least_one = ('processes', 'threads', 'batch_size', 'steps', 'validate_every', 'validation_frames')
    for key in at_least_one:
        if getattr(recipe, key) < 1:
            raise RecipeError(f"recipe key '{key}' must be 1 or more, got {getattr(recipe, key)}")
    if recipe.batch_size % recipe.processes:
        raise RecipeError(
            f"recipe key 'batch_size' ({recipe.batch_size}) must divide among {recipe.processes} processes"
        )
    if any(side < 32 or side % 32 for side in recipe.input_size):
        raise RecipeError(f"recipe key 'input_size' must be multiples of 32, got {list(recipe.input_size)}")
    if recipe.optimizer not in ('adamw', 'adan'):
        raise RecipeError(f"recipe key 'optimizer' must be adamw or adan, got '{recipe.optimizer}'")
