"""A network that says what was drawn."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from support.small_network import save_small_checkpoint, tissue

from mt3dnet_ros.perception.checkpoint import load_checkpoint
from mt3dnet_ros.perception.loading import make_perceiver
from mt3dnet_ros.perception.perceiver import Perceiver
from speed.drawn_network import DrawnNetwork, upright_tools


@pytest.fixture(scope='module')
def perceiver(tmp_path_factory: pytest.TempPathFactory) -> Perceiver:
    path = save_small_checkpoint(tmp_path_factory.mktemp('network') / 'small.safetensors', input_size=(256, 320))
    return make_perceiver(load_checkpoint(path), torch.device('cpu'))


@pytest.mark.parametrize('number', [0, 1, 2, 4, 8])
def test_so_many_instruments_are_seen(perceiver: Perceiver, number: int) -> None:
    shown = Perceiver(DrawnNetwork(perceiver.back_end, upright_tools(number)))
    scene = shown(tissue(512, 640))
    assert scene.instances is not None and scene.instances.max() == number
    assert number == 0 or np.mean(scene.labels > 0) == pytest.approx(0.25, abs=0.05)
