"""Plans of checkpoints: the stages that lead from nothing to a file.

A plan is a YAML file whose key ``stages`` has, by name and in order, commands of ``mt3dnet`` with their options::

    stages:
      frames: {command: render, domain: wide, data: $meshes, train: 1000, val: 100, seed: 1}
      net: {command: train, recipe: default, data: $frames, steps: 2000}

``$name`` is what an earlier stage has made; ``$meshes`` and ``$imagenet`` are what the user names: a folder of meshes,
and a file of ImageNet weights for an encoder.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mt3dnet_ros.errors import InputError
from mt3dnet_ros.yaml_text import YamlError, read_yaml

MESHES, IMAGENET = GIVEN = ('meshes', 'imagenet')  # by the user
COMMANDS = ('render', 'make-saliency', 'train', 'train-saliency', 'calibrate', 'card')


class PlanError(InputError):
    """A plan cannot be read, or names what there is not."""


@dataclass(frozen=True)
class PlannedStage:
    """One stage.

    :param name: in the plan, and of what it makes
    :param command: of ``mt3dnet``
    :param options: of the command by their names, ``_`` for ``-``; keys of the recipe where it trains
    """

    name: str
    command: str
    options: Mapping[str, Any]

    @property
    def uses(self) -> tuple[str, ...]:
        """The stages whose results it starts from."""
        return tuple(dict.fromkeys(name for name in references(self.options) if name not in GIVEN))


@dataclass(frozen=True)
class CheckpointPlan:
    """A plan.

    :param path: of its file; other files that it names lie relative to that
    :param stages: in order
    """

    path: Path
    stages: tuple[PlannedStage, ...]


def references(value: Any) -> Iterator[str]:
    """Yield the names that stand with a ``$`` in a value, a list of values or a mapping to values."""
    if isinstance(value, str) and value.startswith('$'):
        yield value[1:]
    elif isinstance(value, list | tuple):
        for item in value:
            yield from references(item)
    elif isinstance(value, Mapping):
        yield from references(list(value.values()))


def resolve(value: Any, made: Mapping[str, str | None]) -> Any:
    """Return a value with what was made in place of each ``$name``."""
    if isinstance(value, list | tuple):
        return [resolve(item, made) for item in value]
    if isinstance(value, Mapping):
        return {key: resolve(item, made) for key, item in value.items()}
    return made[value[1:]] if isinstance(value, str) and value.startswith('$') else value


def read_plan(path: Path) -> CheckpointPlan:
    """Read a plan's file.

    :raises PlanError: it cannot be read, or a stage names a command or a stage that there is not
    """
    try:
        content = read_yaml(path)
    except (OSError, YamlError) as error:
        raise PlanError(f"plan '{path}' cannot be read: {error}") from error
    stages = content.get('stages') if isinstance(content, Mapping) else None
    if not isinstance(stages, Mapping) or not stages or len(content) > 1:
        raise PlanError(f"plan '{path}' must have the key 'stages', with stages by name, and no other")
    plan = CheckpointPlan(path, tuple(_stage(name, options) for name, options in stages.items()))
    _check_references(plan)
    return plan


def _stage(name: Any, options: Any) -> PlannedStage:
    if not isinstance(name, str) or not name.replace('-', '_').isidentifier() or name in GIVEN:
        given = ' or '.join(GIVEN)
        raise PlanError(f"stage '{name}' must have another name: letters, digits, '_' and '-', and not {given}")
    if not isinstance(options, Mapping) or options.get('command') not in COMMANDS:
        raise PlanError(f"stage '{name}' must have the key 'command', one of {', '.join(COMMANDS)}")
    left = dict(options)
    if ':' in str(left.get('dataset', '')):
        raise PlanError(f"stage '{name}' names code, '{left['dataset']}', as its data set: a plan executes nothing")
    return PlannedStage(name, left.pop('command'), left)


def _check_references(plan: CheckpointPlan) -> None:
    known: list[str] = []
    for stage in plan.stages:
        for name in stage.uses:
            if name not in known:
                raise PlanError(f"stage '{stage.name}' uses '${name}', but no stage before it has that name")
        known.append(stage.name)
