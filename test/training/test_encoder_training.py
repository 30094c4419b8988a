"""Pre-trained encoders: what is frozen stays, and a teacher's features are learnt."""

from __future__ import annotations

import pytest
import torch
from safetensors.torch import load_file
from support.lite_weights import random_encoder, write_lite_weights
from support.rendered_shapes import write_shapes
from torch import nn

from mt3dnet_ros.training.data import TrainingData
from mt3dnet_ros.training.module import TrainingModule
from mt3dnet_ros.training.recipe_file import build_recipe
from mt3dnet_ros.training.teacher import FeatureTeacher, watched
from mt3dnet_ros.training.train import train


@pytest.fixture(scope='module')
def data(tmp_path_factory):
    return write_shapes(tmp_path_factory.mktemp('shapes') / 'data')


@pytest.fixture(scope='module')
def weights(tmp_path_factory):
    return write_lite_weights(tmp_path_factory.mktemp('weights') / 'lite0.pth')


def recipe(data, output, **changes):
    values = {
        'data': str(data), 'output': str(output), 'input_size': [64, 96], 'decoder_channels': 16, 'batch_size': 2,
        'steps': 2, 'warmup_steps': 1, 'validate_every': 2, 'precision': '32-true', 'threads': 1, 'drop_path': 0.0,
        'accelerator': 'cpu', 'balancing': 'fixed',
    }  # fmt: skip
    return build_recipe(values | changes)


def silent_module(settings):
    """Return a module that works without a trainer, as a trainer gets it, which does not call ``train``."""
    torch.manual_seed(0)
    module = TrainingModule(settings)
    module.log = module.log_dict = lambda *values, **options: None
    return module


def take_steps(module, count):
    """Return the losses of some steps on one batch."""
    batch, optimizer = next(iter(TrainingData(module.recipe).train_dataloader())), module.configure_optimizers()
    losses = []
    for _ in range(count):
        loss = module.training_step(batch, 0)
        optimizer['optimizer'].zero_grad()
        loss.backward()
        optimizer['optimizer'].step()
        losses.append(loss.item())
    return losses


def changed(module, before):
    state = module.network.encoder.state_dict()
    return {name for name, value in before.items() if not torch.equal(state[name], value)}


def encoder_state(module):
    return {name: value.clone() for name, value in module.network.encoder.state_dict().items()}


def test_recipe_fills_the_encoder_from_the_file(data, weights, tmp_path):
    settings = recipe(data, tmp_path, encoder='efficientnet_lite0', pretrained=str(weights))
    encoder, published = silent_module(settings).network.encoder, random_encoder()
    key = 'stages.3.4.project.conv.weight'
    assert torch.equal(encoder.state_dict()[key], published.state_dict()[key])
    assert not torch.equal(encoder.stages[0][0].conv.weight, published.stages[0][0].conv.weight), 'other normalisation'


@pytest.mark.parametrize('encoder', ['b0', 'efficientnet_lite0'])
def test_frozen_stages_stay_and_the_others_learn(data, tmp_path, encoder):
    module = silent_module(recipe(data, tmp_path, encoder=encoder, frozen_stages=2))
    before = encoder_state(module)
    take_steps(module, 2)
    assert {name.split('.')[1] for name in changed(module, before)} == {'2', '3'}


@pytest.mark.parametrize(('fixed', 'switched'), [(True, False), (True, True), (False, True)])
def test_statistics_stay_where_they_are_fixed_and_weights_learn(data, tmp_path, fixed, switched):
    module = silent_module(recipe(data, tmp_path, encoder='efficientnet_lite0', fixed_statistics=fixed))
    if switched:
        module.eval().train()
    before = encoder_state(module)
    losses = take_steps(module, 6)
    assert losses[-1] < losses[0]
    assert ('stages.1.0.depthwise.norm.running_mean' in changed(module, before)) is not fixed
    assert {'stages.1.0.depthwise.norm.weight', 'stages.0.0.conv.weight'} <= changed(module, before)
    assert module.network.decoder.laterals[0][1].training, "the decoder's go on"


def test_distance_to_the_teacher_is_that_of_directions_and_falls(weights):
    torch.manual_seed(0)
    teacher = FeatureTeacher((8, 8, 16, 32), str(weights), build_recipe({'data': 'a', 'output': 'b'}).network())
    images = torch.randn(2, 3, 64, 96)
    maps = [torch.randn(2, width, 64 // s, 96 // s) for width, s in ((8, 4), (8, 8), (16, 16), (32, 32))]
    first = teacher(images, maps)
    assert first.item() == pytest.approx(1.0, abs=0.15), 'random directions of many dimensions are at right angles'
    optimizer = torch.optim.Adam(teacher.adapters.parameters(), 0.05)
    for _ in range(30):
        optimizer.zero_grad()
        loss = teacher(images, maps)
        loss.backward()
        optimizer.step()
    assert loss < 0.7 * first
    assert all(weight.grad is None for weight in teacher.teacher.parameters())


def test_encoder_learns_from_the_teacher_beside_its_tasks(data, weights, tmp_path):
    module = silent_module(recipe(data, tmp_path, teacher=str(weights), teacher_factor=10.0))
    statistics = module.teacher.teacher.stages[0][0].norm.running_mean.clone()
    weight = module.teacher.adapters[0].weight.detach().clone()
    losses = take_steps(module, 12)
    assert losses[-1] < losses[0]
    assert not torch.equal(module.teacher.adapters[0].weight, weight)
    assert torch.equal(module.teacher.teacher.stages[0][0].norm.running_mean, statistics)
    gradient = module.network.encoder.stages[3].blocks[0].ffn.contract.weight.grad.clone()
    alone = silent_module(recipe(data, tmp_path))
    take_steps(alone, 12)
    assert not torch.allclose(gradient, alone.network.encoder.stages[3].blocks[0].ffn.contract.weight.grad)


def test_what_is_watched_is_not_watched_any_more_afterwards():
    encoder = nn.Identity()
    with watched(encoder) as maps:
        encoder([torch.ones(1)])
    encoder([torch.zeros(1)])
    assert [float(features) for features in maps] == [1.0]


def test_checkpoint_holds_the_taught_network_alone(data, weights, tmp_path):
    taught = train(recipe(data, tmp_path / 'taught', teacher=str(weights), log_every=1))
    alone = train(recipe(data, tmp_path / 'alone'))
    assert load_file(taught).keys() == load_file(alone).keys()
    log = (tmp_path / 'taught' / 'log' / 'metrics.csv').read_text().splitlines()[0]
    assert 'component_features' in log
