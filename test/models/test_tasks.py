"""The table of tasks says of a network what is so."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from mt3dnet_ros.models.config import MT3DNetConfig
from mt3dnet_ros.models.mt3dnet import MT3DNet
from mt3dnet_ros.models.task_modules import TASK_MODULES, Features
from mt3dnet_ros.models.tasks import OUTPUTS, TASKS, Prediction, outputs_of, tasks_of

PLAIN = MT3DNetConfig(classes=('background', 'forceps', 'needle driver'), decoder_channels=16)
SALIENT = replace(PLAIN, saliency=True)
KNOWING = replace(PLAIN, view=True)
SIZE = (64, 96)
LITE = replace(SALIENT, encoder='efficientnet_lite0')
each_config = pytest.mark.parametrize(
    'config',
    [PLAIN, SALIENT, KNOWING, LITE],
    ids=['plain', 'with saliency', 'with view', 'with saliency, by convolutions'],
)


def predict(config: MT3DNetConfig) -> Prediction:
    with torch.no_grad():
        return MT3DNet(config).eval()(torch.randn(2, 3, *SIZE))


@each_config
def test_outputs_have_the_shapes_of_the_table_and_its_order(config):
    shapes = {name: tuple(tensor.shape[1:]) for name, tensor in predict(config).outputs().items()}
    assert list(shapes.items()) == [(name, output.shape(config, SIZE)) for name, output in outputs_of(config).items()]


def test_every_field_but_the_state_is_an_output():
    assert (*OUTPUTS, 'state') == Prediction._fields


@each_config
def test_each_task_gives_its_own_outputs(config):
    network = MT3DNet(config).eval()
    features = random_features(network)
    for task in tasks_of(config):
        given = TASK_MODULES[task].run(network, features).keys() - {'state'}
        assert given == {name for name, output in OUTPUTS.items() if output.task is task}, task.name


def random_features(network):
    fine = torch.randn(1, 16, SIZE[0] // 4, SIZE[1] // 4)
    maps = [
        torch.randn(1, width, SIZE[0] >> 2 + k, SIZE[1] >> 2 + k) for k, width in enumerate(network.encoder.channels)
    ]
    return Features(maps, fine, torch.randn(1, 16, SIZE[0] // 8, SIZE[1] // 8), 1, None)


def test_a_network_has_no_module_of_a_task_that_its_configuration_lacks():
    names = {name for task in TASKS.values() if task.flag for name in TASK_MODULES[task].build}
    assert names == {'saliency', 'view'}
    assert [name for name in names if getattr(MT3DNet(PLAIN), name) is not None] == []
    assert predict(PLAIN).saliency is None and predict(PLAIN).view is None


@each_config
def test_named_tensors_make_the_same_prediction(config):
    prediction = predict(config)
    again = Prediction.from_named_tensors(prediction.named_tensors())
    assert all(one is other for one, other in zip(again.outputs().values(), prediction.outputs().values(), strict=True))
    assert again.state == prediction.state


def test_tensors_of_the_state_are_named_after_the_outputs():
    assert list(predict(SALIENT).named_tensors())[-4:] == ['saliency', 'next_previous', 'next_hidden', 'next_cell']
