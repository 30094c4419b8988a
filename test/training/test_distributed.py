"""Two processes that share a batch train as one process that has all of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
import torch
from support.paths import ROOT
from support.small_network import save_small_checkpoint
from support.training_in_processes import STEPS, main

from mt3dnet_ros.training.sync_norm import SynchronisedBatchNorm2d, synchronise_batch_norm

pytestmark = pytest.mark.timeout(600)


def train_alone(output, changes):
    """Train in this process on the whole batch, and return the gradients of every step."""
    output.mkdir()
    main(output, 1, changes)
    return torch.load(output / 'gradients.pt', weights_only=True)


def train_in_two(output, changes):
    """Train in two processes, each with half of the batch, and return the gradients of every step."""
    output.mkdir()
    script = [
        sys.executable,
        str(ROOT / 'test' / 'support' / 'training_in_processes.py'),
        str(output),
        '2',
        json.dumps(changes),
    ]
    environment = os.environ | {'PYTHONPATH': os.pathsep.join([str(ROOT), os.environ.get('PYTHONPATH', '')])}
    ended = subprocess.run(
        script, capture_output=True, text=True, timeout=400, check=False, cwd=output, env=environment
    )
    assert ended.returncode == 0, ended.stderr
    return torch.load(output / 'gradients.pt', weights_only=True)


@pytest.mark.parametrize('changes', [{}, {'tasks': ['depth']}, None], ids=['all tasks', 'depth alone', 'in stages'])
def test_gradients_are_those_of_one_process_with_the_whole_batch(changes, tmp_path):
    if changes is None:
        changes = {'initial': str(save_small_checkpoint(tmp_path / 'initial.safetensors'))}
    alone, shared = train_alone(tmp_path / 'alone', changes), train_in_two(tmp_path / 'shared', changes)
    assert len(alone) == len(shared) == STEPS
    for expected, found in zip(alone, shared, strict=True):
        assert expected.keys() == found.keys()
        for name, gradient in expected.items():
            torch.testing.assert_close(found[name], gradient, atol=1e-5, rtol=1e-3, msg=lambda text, of=name: of + text)


def test_conversion_keeps_names_parameters_and_answers():
    network = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 1), torch.nn.Sequential(torch.nn.BatchNorm2d(4)))
    images = torch.randn(2, 3, 8, 8)
    network(images)
    names, weight = list(network.state_dict()), network[1][0].weight
    before = network.eval()(images)
    synchronise_batch_norm(network)
    assert isinstance(network[1][0], SynchronisedBatchNorm2d) and network[1][0].weight is weight
    assert list(network.state_dict()) == names
    assert torch.equal(network(images), before)
