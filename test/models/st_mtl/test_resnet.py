"""ST-MTL's encoder against the Apache-2.0 implementation in transformers, and torchvision's names for its weights."""

from __future__ import annotations

import pytest
import torch

from mt3dnet_ros.models.pretrained import PretrainedError
from mt3dnet_ros.models.st_mtl.resnet import ResNet18
from mt3dnet_ros.models.st_mtl.resnet_pretrained import load_resnet18

ORACLE_NAMES = (
    ('embedder.embedder.convolution', 'conv1'),
    ('embedder.embedder.normalization', 'bn1'),
    ('shortcut.convolution', 'downsample.0'),
    ('shortcut.normalization', 'downsample.1'),
    ('layer.0.convolution', 'conv1'),
    ('layer.0.normalization', 'bn1'),
    ('layer.1.convolution', 'conv2'),
    ('layer.1.normalization', 'bn2'),
    *((f'encoder.stages.{stage}.layers.', f'layer{stage + 1}.') for stage in range(4)),
)
OUR_NAMES = (
    ('stem.conv', 'conv1'),
    ('stem.norm', 'bn1'),
    ('shortcut.conv', 'downsample.0'),
    ('shortcut.norm', 'downsample.1'),
    ('first.conv', 'conv1'),
    ('first.norm', 'bn1'),
    ('second.conv', 'conv2'),
    ('second.norm', 'bn2'),
    *((f'stages.{stage}.', f'layer{stage + 1}.') for stage in range(4)),
)


def in_torchvisions_names(state, names):
    weights = {}
    for key, value in state.items():
        for ours, theirs in names:
            key = key.replace(ours, theirs)
        weights[key] = value
    return weights


@pytest.fixture(scope='module')
def encoder():
    torch.manual_seed(0)
    return ResNet18().eval()


@pytest.fixture
def published(encoder):
    classifier = {'fc.weight': torch.zeros(1000, 512), 'fc.bias': torch.zeros(1000)}
    return in_torchvisions_names(encoder.state_dict(), OUR_NAMES) | classifier


def test_weights_of_an_independent_resnet_give_its_features(tmp_path):
    transformers = pytest.importorskip('transformers')
    torch.manual_seed(1)
    config = transformers.ResNetConfig(hidden_sizes=[64, 128, 256, 512], depths=[2] * 4, layer_type='basic')
    oracle = transformers.ResNetModel(config).eval()
    for module in oracle.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.1)
            module.running_var.uniform_(0.5, 1.5)
    torch.save(in_torchvisions_names(oracle.state_dict(), ORACLE_NAMES), tmp_path / 'resnet18.pth')
    encoder = ResNet18().eval()
    load_resnet18(encoder, tmp_path / 'resnet18.pth')
    images = torch.randn(2, 3, 64, 96)
    with torch.no_grad():
        expected = oracle(images, output_hidden_states=True).hidden_states
        for ours, theirs in zip(encoder(images), expected, strict=True):
            torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-4)


def test_maps_have_the_published_channels_and_strides(encoder):
    with torch.no_grad():
        maps = encoder(torch.randn(1, 3, 64, 96))
    assert [tuple(features.shape[1:]) for features in maps] == [
        (64, 16, 24),
        (64, 16, 24),
        (128, 8, 12),
        (256, 4, 6),
        (512, 2, 3),
    ]


def test_encoder_has_the_published_size(encoder):
    assert sum(value.numel() for value in encoder.parameters()) == pytest.approx(11.18e6, abs=0.01e6)


@pytest.mark.parametrize('with_counters', [True, False])
def test_torchvisions_file_fills_the_encoder_and_its_classifier_is_left_out(
    encoder, published, with_counters, tmp_path
):
    weights = {key: value for key, value in published.items() if with_counters or 'num_batches' not in key}
    torch.save(weights, tmp_path / 'resnet18.pth')
    target = ResNet18()
    load_resnet18(target, tmp_path / 'resnet18.pth')
    assert all(torch.equal(value, encoder.state_dict()[key]) for key, value in target.state_dict().items())


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        ({'layer1.0.conv3.weight': torch.zeros(1)}, "weight 'layer1.0.conv3.weight' is not part of a ResNet-18"),
        ({'layer3.2.conv1.weight': torch.zeros(1)}, '1 too many'),
        ({'conv1.weight': torch.zeros(64, 1, 7, 7)}, "'stem.conv.weight' has shape"),
    ],
)
def test_another_networks_file_is_refused(published, change, message, tmp_path):
    torch.save(published | change, tmp_path / 'other.pth')
    with pytest.raises(PretrainedError, match=message):
        load_resnet18(ResNet18(), tmp_path / 'other.pth')


def test_missing_file_is_refused(tmp_path):
    with pytest.raises(PretrainedError, match='do not exist'):
        load_resnet18(ResNet18(), tmp_path / 'none.pth')
