"""The whole network: shapes, gradients, determinism, export."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import nn

from mt3dnet_ros.models.config import MT3DNetConfig
from mt3dnet_ros.models.decoders import AllMLPDecoder, TopDownDecoder, build_decoder
from mt3dnet_ros.models.heads import DepthHead
from mt3dnet_ros.models.mt3dnet import MT3DNet
from mt3dnet_ros.models.tasks import Prediction

CONFIG = MT3DNetConfig(classes=('background', 'forceps', 'needle driver', 'scissors'))


@pytest.fixture(scope='module')
def network():
    torch.manual_seed(0)
    return MT3DNet(CONFIG).eval()


@pytest.mark.parametrize('decoder', ['top_down', 'all_mlp'])
@pytest.mark.parametrize(('height', 'width'), [(64, 96), (32, 32)])
def test_prediction_has_the_documented_shapes(decoder, height, width):
    network = MT3DNet(replace(CONFIG, decoder=decoder)).eval()
    prediction = network(torch.randn(2, 3, height, width))
    fine, coarse = (height // 4, width // 4), (height // 8, width // 8)
    assert prediction.types.shape == (2, 4, *fine)
    assert prediction.parts.shape == (2, 4, *fine)
    assert prediction.depth.shape == (2, 1, *fine)
    assert prediction.heat.shape == (2, 3, *coarse)
    assert prediction.boxes.shape == (2, 4, *coarse)


def test_depth_stays_in_range_and_distances_stay_positive(network):
    with torch.no_grad():
        prediction = network(100 * torch.randn(1, 3, 64, 64))
    assert CONFIG.depth_range[0] <= prediction.depth.min() <= prediction.depth.max() <= CONFIG.depth_range[1]
    assert prediction.boxes.min() > 0 and prediction.boxes.isfinite().all()


def test_untrained_heat_starts_rare(network):
    with torch.no_grad():
        heat = network(torch.randn(1, 3, 64, 64)).heat.sigmoid()
    assert heat.mean() < 0.05


@pytest.mark.parametrize('decoder', ['top_down', 'all_mlp'])
def test_gradient_reaches_every_parameter(decoder):
    torch.manual_seed(0)
    network = MT3DNet(replace(CONFIG, decoder=decoder, drop_path=0.0)).train()
    prediction = network(torch.randn(2, 3, 64, 64))
    sum(output.square().mean() for output in prediction.outputs().values()).backward()
    silent = [name for name, value in network.named_parameters() if value.grad is None or not value.grad.any()]
    assert silent == []


def test_evaluation_repeats_itself(network):
    images = torch.randn(2, 3, 64, 64)
    with torch.no_grad():
        torch.testing.assert_close(network(images), network(images), rtol=0, atol=0)


@pytest.mark.parametrize(('height', 'width'), [(63, 64), (64, 80)])
def test_input_that_is_no_multiple_of_32_is_refused(network, height, width):
    with pytest.raises(ValueError, match=f'{width} x {height} pixels; both must be multiples of 32'):
        network(torch.randn(1, 3, height, width))


def test_light_network_has_about_three_and_a_half_million_parameters():
    network = MT3DNet(replace(CONFIG, classes=tuple('abcdefghi')))
    assert sum(value.numel() for value in network.parameters()) == pytest.approx(3.45e6, rel=0.02)


def test_exported_graph_computes_the_same(network):
    images = torch.randn(1, 3, 64, 96)
    with torch.no_grad():
        exported = torch.export.export(network, (images,)).module()
        torch.testing.assert_close(Prediction(*exported(images)), network(images))


@pytest.mark.parametrize('decoder', [TopDownDecoder, AllMLPDecoder])
def test_decoder_joins_every_level(decoder):
    torch.manual_seed(0)
    maps = [torch.randn(2, 4 + level, 32 >> level, 32 >> level, requires_grad=True) for level in range(4)]
    decoded = decoder([4, 5, 6, 7], 16).eval()(maps)
    assert decoded.fine.shape == (2, 16, 32, 32) and decoded.coarse.shape == (2, 16, 16, 16)
    decoded.fine.square().sum().backward()
    assert all(level.grad.any() for level in maps)


def test_unknown_decoder_is_refused_by_name():
    with pytest.raises(ValueError, match="decoder 'unet' is not known"):
        build_decoder('unet', [4], 8)


@pytest.mark.parametrize('limits', [(0.0, 1.0), (0.5, 0.1), (-1.0, 1.0)])
def test_depth_range_that_does_not_rise_from_above_zero_is_refused(limits):
    with pytest.raises(ValueError, match='depth range'):
        DepthHead(8, limits)


def test_half_open_sigmoid_is_the_geometric_middle_of_the_range():
    head = DepthHead(8, (0.01, 0.25)).eval()
    nn.init.zeros_(head.position.weight)
    nn.init.zeros_(head.position.bias)
    assert head(torch.randn(1, 8, 2, 2)).unique().item() == pytest.approx(0.05, rel=1e-5)


def test_scene_scale_starts_without_a_say_and_then_moves_all_depths_alike():
    torch.manual_seed(0)
    plain = MT3DNet(CONFIG).eval()
    scaled = MT3DNet(replace(CONFIG, scene_scale=True)).eval()
    missing = scaled.load_state_dict(plain.state_dict(), strict=False).missing_keys
    assert {name.split('.')[0] for name in missing} == {'scene_scale'}
    images = torch.randn(2, 3, 64, 96)
    before = plain(images).depth
    assert torch.equal(scaled(images).depth, before)
    torch.nn.init.constant_(scaled.scene_scale.scale.bias, 0.5)
    assert (scaled(images).depth > before).all()
