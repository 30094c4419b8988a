"""What the stages of a plan do: their command lines, and where what they make lies."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from mt3dnet_ros.commands.arguments import recipe_path
from mt3dnet_ros.renderer.domains.file import load_domain
from mt3dnet_ros.training.asto.recipe import AstoRecipe
from mt3dnet_ros.training.recipe import Recipe
from mt3dnet_ros.training.recipe_file import read_recipe, read_values

from .plan import CheckpointPlan, PlanError, PlannedStage, resolve

STATE = 'last.ckpt'
TRAINING = {'train': Recipe, 'train-saliency': AstoRecipe}
_MAKE_A_FILE = ('calibrate', 'card')  # the others make a folder
_NAMES_A_FILE = {'render': 'domain', 'train': 'recipe', 'train-saliency': 'recipe', 'card': 'write'}
_CHANGES_NOTHING = ('processes', 'ray')  # among which the frames of a render are shared out


def place_of(stage: PlannedStage, output: Path) -> Path:
    """Return the folder or file that a stage makes."""
    return output / (f'{stage.name}.safetensors' if stage.command in _MAKE_A_FILE else stage.name)


def result_of(stage: PlannedStage, output: Path) -> Path:
    """Return what later stages start from: of training the last checkpoint in its folder.

    :raises PlanError: there is none
    """
    place = place_of(stage, output)
    if stage.command not in TRAINING:
        return place
    checkpoints = sorted(place.glob('*.safetensors'))
    if not checkpoints:
        raise PlanError(f"stage '{stage.name}' has left no checkpoint in '{place}'")
    return checkpoints[-1]


def command_lines(
    plan: CheckpointPlan, stage: PlannedStage, made: Mapping[str, str | None], output: Path, resumed: bool = False
) -> list[list[str]]:
    """Return the words of each command of a stage, the command's name first.

    :param made: what ``$name`` stands for; None leaves the option out
    :param resumed: go on from the state that an interrupted training has kept
    :raises PlanError: a file that must be named is not
    """
    options = {key: value for key, value in resolve(stage.options, made).items() if value is not None}
    if stage.command in _NAMES_A_FILE:
        options[_NAMES_A_FILE[stage.command]] = _named_file(plan, stage)
    place = place_of(stage, output)
    if stage.command == 'card':
        lines = [[str(place), '--write', options['write']]]
    elif stage.command in TRAINING:
        lines = [['--config', options.pop('recipe'), *_keys(options, place, resumed)]]
    else:
        lines = [[*_flags(options | split), '--output', str(place)] for split in _splits(options)]
    return [[stage.command, *words] for words in lines]


def settings_of(plan: CheckpointPlan, stage: PlannedStage) -> dict[str, Any]:
    """Return all that what a stage makes depends on, beside what earlier stages made.

    :raises MT3DNetError: a recipe, a domain or a card that it names cannot be read
    """
    settings = {'command': stage.command, **stage.options}
    if stage.command in TRAINING:
        settings = read_values(_named_file(plan, stage)) | settings
    elif stage.command == 'render':
        settings = {name: value for name, value in settings.items() if name not in _CHANGES_NOTHING}
        settings['what the domain holds'] = _digest(asdict(load_domain(_named_file(plan, stage))))
    elif stage.command == 'card':
        settings['what the card says'] = _digest(Path(_named_file(plan, stage)).read_text(encoding='utf-8'))
    return dict(json.loads(json.dumps(settings)))


def check_recipe(words: list[str]) -> None:
    """Raise RecipeError where a training's command line names a key that there is not, or an impossible value."""
    command, _, recipe, *overrides = words
    read_recipe(recipe, overrides, TRAINING[command])


def _named_file(plan: CheckpointPlan, stage: PlannedStage) -> str:
    """Return what a stage's recipe, domain or card is: a file that lies relative to the plan, or what ships by a name.

    :raises PlanError: the stage does not say
    """
    key = _NAMES_A_FILE[stage.command]
    name = stage.options.get(key, 'wide' if key == 'domain' else None)
    if name is None:
        raise PlanError(f"stage '{stage.name}' ({stage.command}) lacks the key '{key}'")
    path = plan.path.parent / str(name)
    if key == 'write' or path.is_file():
        return str(path)
    return str(recipe_path(str(name))) if key == 'recipe' else str(name)


def _keys(options: Mapping[str, Any], place: Path, resumed: bool) -> Iterator[str]:
    """Yield a recipe's keys as a command line has them; JSON is YAML too."""
    state = {'resume': str(place / STATE)} if resumed and (place / STATE).is_file() else {}
    for key, value in {**options, 'output': str(place), **state}.items():
        yield f'{key}={json.dumps(value)}'


def _flags(options: Mapping[str, Any]) -> Iterator[str]:
    for key, value in options.items():
        yield f'--{key.replace("_", "-")}'
        yield from map(str, value if isinstance(value, list) else [value])


def _splits(options: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return the split of each command: there is one for each where several are named."""
    splits = options.get('split')
    return [{'split': split} for split in splits] if isinstance(splits, list) else [{}]


def _digest(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()[:12]
