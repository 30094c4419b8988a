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
from support.paths import ROOT
from support.rendered_shapes import write_shapes

from mt3dnet_ros.training.recipe_file import read_recipe
from mt3dnet_ros.training.train import train

pytestmark = pytest.mark.timeout(600)
RECIPE = {
    'input_size': [64, 96], 'decoder_channels': 16, 'batch_size': 2, 'steps': 20, 'warmup_steps': 5,
    'validate_every': 5, 'validation_frames': 2, 'precision': '32-true', 'accelerator': 'cpu', 'threads': 1,
    'drop_path': 0.2, 'balance_reference': 'average', 'balance_rate': 0.1,
}  # fmt: skip


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


@pytest.fixture(scope='module')
def runs(tmp_path_factory):
    """Return the folders of a run that nothing disturbed, and of one that was killed and resumed."""
    folder = tmp_path_factory.mktemp('runs')
    data = write_shapes(folder / 'data', frames=5)
    steady, killed = folder / 'steady', folder / 'killed'
    config = folder / 'recipe.yaml'
    config.write_text(yaml.safe_dump(RECIPE | {'data': str(data), 'output': str(killed)}))
    train(read_recipe(config, [f'output={steady}']))
    kill_after_a_checkpoint(config, killed / 'last.ckpt')
    assert 5 <= torch.load(killed / 'last.ckpt', weights_only=True)['global_step'] < 20, 'killed in between'
    train(read_recipe(config, [f'resume={killed / "last.ckpt"}']))
    return steady, killed


def test_resumed_run_logs_the_losses_of_an_undisturbed_one(runs):
    steady, killed = (rows(output) for output in runs)
    assert [row['step'] for row in steady] == ['4', '9', '9', '14', '19', '19']
    assert killed == steady


@pytest.mark.parametrize('part', ['state_dict', 'optimizer_states', 'lr_schedulers'])
def test_resumed_run_ends_in_the_state_of_an_undisturbed_one(runs, part):
    steady, killed = (torch.load(output / 'last.ckpt', weights_only=True)[part] for output in runs)
    torch.testing.assert_close(killed, steady, rtol=0, atol=0, equal_nan=True)
