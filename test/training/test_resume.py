"""A run that was killed goes on as if it had not been."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
import time

import pytest
import torch
import yaml
from safetensors.torch import load_file
from support.paths import ROOT
from support.rendered_shapes import number_frames, write_shapes
from support.small_network import save_small_checkpoint

from mt3dnet_ros.commands.main import main
from mt3dnet_ros.perception.checkpoint_header import read_metadata
from mt3dnet_ros.training.milestones import STATE
from mt3dnet_ros.training.recipe import RecipeError
from mt3dnet_ros.training.recipe_file import build_recipe, read_recipe
from mt3dnet_ros.training.train import train

pytestmark = pytest.mark.timeout(600)
_COMMON = {
    'batch_size': 2, 'validate_every': 5, 'precision': '32-true', 'accelerator': 'cpu', 'threads': 1,
    'zoom': [0.9, 1.3],
}  # fmt: skip
RECIPES = {
    'mt3dnet': _COMMON | {
        'input_size': [64, 96], 'decoder_channels': 16, 'steps': 20, 'warmup_steps': 5, 'validation_frames': 2,
        'drop_path': 0.2, 'balance_reference': 'average', 'balance_rate': 0.1,
    },
    'stages': _COMMON | {
        'network': 'mt3dnet', 'dataset': 'rendered', 'stages': ['saliency', 'saliency_temporal'], 'steps': [12, 8],
        'window': 2, 'validation_windows': 2, 'appearance': 0.5,
    },
}  # fmt: skip
# Steps after which a row is logged or validated; both are rows of their own.
ROWS = {'mt3dnet': [5, 10, 10, 15, 20, 20], 'stages': [5, 10, 10, 12, 17, 20, 20]}


def kill_after_a_checkpoint(config, state):
    """Start the run that a recipe describes, and kill it some steps after it has kept its first state."""
    command = [sys.executable, '-m', 'mt3dnet_ros.commands', 'train', '--config', str(config)]
    environment = os.environ | {'PYTHONPATH': os.pathsep.join([str(ROOT), os.environ.get('PYTHONPATH', '')])}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        while not state.is_file() and process.poll() is None:
            time.sleep(0.02)
        time.sleep(0.3)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == -9, process.stderr.read().decode()


def rows(output):
    """Return the logged rows as text."""
    with (output / 'log' / 'metrics.csv').open() as file:
        return list(csv.DictReader(file))


def write_data(folder):
    """Write sequences with saliency, and a checkpoint to start from."""
    data = number_frames(write_shapes(folder / 'data', frames=6), per_sequence=3)
    for split in ('train', 'val'):
        options = ['--dataset', 'rendered', '--data', str(data), '--split', split, '--output', str(data)]
        assert main(['make-saliency', *options]) == 0
    return data, save_small_checkpoint(folder / 'initial.safetensors')


@pytest.fixture(scope='module', params=RECIPES)
def runs(request, tmp_path_factory):
    """Return the name of a recipe, the folder of a run that nothing disturbed, and that of one killed and resumed."""
    folder = tmp_path_factory.mktemp('runs')
    data, initial = write_data(folder)
    recipe = RECIPES[request.param] | ({'initial': str(initial)} if request.param == 'stages' else {})
    steady, killed = folder / 'steady', folder / 'killed'
    config = folder / 'recipe.yaml'
    config.write_text(yaml.safe_dump(recipe | {'data': str(data), 'output': str(killed)}))
    train(read_recipe(config, [f'output={steady}']))
    kill_after_a_checkpoint(config, killed / STATE)
    assert 5 <= torch.load(killed / STATE, weights_only=True)['global_step'] < 20, 'killed in between'
    train(read_recipe(config, [f'resume={killed / STATE}']))
    return request.param, steady, killed


def test_resumed_run_logs_the_losses_of_an_undisturbed_one(runs):
    kind, *outputs = runs
    steady, killed = (rows(output) for output in outputs)
    assert [int(row['step']) + 1 for row in steady] == ROWS[kind]
    assert killed == steady


@pytest.mark.parametrize('part', ['state_dict', 'optimizer_states', 'lr_schedulers'])
def test_resumed_run_ends_in_the_state_of_an_undisturbed_one(runs, part):
    steady, killed = (torch.load(output / STATE, weights_only=True)[part] for output in runs[1:])
    torch.testing.assert_close(killed, steady, rtol=0, atol=0, equal_nan=True)


def test_resumed_run_leaves_the_checkpoints_of_an_undisturbed_one(runs):
    steady, killed = (sorted(output.glob('*.safetensors')) for output in runs[1:])
    assert [path.name for path in steady] == [path.name for path in killed]
    for expected, found in zip(steady, killed, strict=True):
        assert read_metadata(found) == read_metadata(expected)
        torch.testing.assert_close(load_file(found), load_file(expected), rtol=0, atol=0)


def test_a_state_that_is_not_there_is_named(tmp_path):
    recipe = build_recipe({'data': 'frames', 'output': str(tmp_path), 'resume': 'gone.ckpt'})
    with pytest.raises(RecipeError, match=r"'resume' is 'gone\.ckpt', which does not exist; name a run's last\.ckpt"):
        train(recipe)
