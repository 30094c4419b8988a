"""The recalibration units against their formulas, written out pixel by pixel where they are easy to get wrong."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from mt3dnet_ros.models.st_mtl.recalibration import (
    CompetitiveGate,
    PreActivation,
    SkipCompetitiveExcitation,
    SpatialChannelExcitation,
    build_recalibration,
)


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(0)


def gate_at(value):
    """Return a stand-in for a gate that always has one value."""
    return lambda *_: torch.tensor(float(value))


@pytest.mark.parametrize('name', ['sc_scse', 'scse', 'skip_scse'])
def test_recalibrated_map_keeps_its_shape_and_reaches_every_weight(name):
    unit = build_recalibration(name, 64)
    features = torch.randn(2, 64, 6, 5)
    recalibrated = unit(features)
    assert recalibrated.shape == features.shape
    recalibrated.square().sum().backward()
    assert all(value.grad.any() for value in unit.parameters())


@pytest.mark.parametrize(('channel', 'place'), [(0, 0), (1, 0), (0, 1), (1, 1)])
def test_skip_competitive_unit_adds_its_gated_residuals_to_the_map(channel, place):
    unit = SkipCompetitiveExcitation(48).eval()
    features = torch.randn(1, 48, 4, 4)
    expected = features + channel * unit.channel_residual(features) + place * unit.place_residual(features)
    unit.channel.forward = gate_at(channel)
    unit.place.forward = gate_at(place)
    torch.testing.assert_close(unit(features), expected)


def test_competing_statistics_stand_side_by_side_in_rows_of_a_sixteenth_of_the_channels():
    gate, seen = CompetitiveGate(64), []
    gate.read.register_forward_pre_hook(lambda module, inputs: seen.append(inputs[0]))
    residual = torch.arange(64.0)[None, :, None, None].expand(1, 64, 3, 3)
    gates = gate(residual, 100 + residual)
    assert gates.shape == (1, 64, 1, 1) and gates.min() > 0 and gates.max() < 1
    assert seen[0].shape == (1, 1, 32, 4)
    assert seen[0][0, 0, 0].tolist() == [0, 100, 1, 101]
    assert seen[0][0, 0, -1].tolist() == [62, 162, 63, 163]


def test_competitive_gate_is_the_mean_of_the_readings_excited_by_two_layers():
    gate = CompetitiveGate(48)
    residual, identity = torch.randn(2, 48, 3, 3), torch.randn(2, 48, 3, 3)
    image = torch.stack([residual.mean((2, 3)), identity.mean((2, 3))], -1).view(2, 1, 32, 3)
    reading = F.conv2d(image, gate.read.weight.mean(0, keepdim=True)).flatten(1)  # (B, 30)
    expected = (reading @ gate.excite[0].weight.T).relu() @ gate.excite[2].weight.T
    torch.testing.assert_close(gate(residual, identity)[:, :, 0, 0], expected.sigmoid())


def test_residual_is_normalised_and_rectified_before_each_of_two_convolutions():
    residual = PreActivation(48).eval()
    features = torch.randn(1, 48, 4, 4)
    expected = features
    for index in (2, 5):
        expected = F.conv2d((expected / (1 + 1e-5) ** 0.5).relu(), residual[index].weight, padding=1)
    torch.testing.assert_close(residual(features), expected)


def test_plain_unit_sums_both_gated_maps_and_the_skip_adds_the_map_itself():
    plain = SpatialChannelExcitation(32)
    skip = build_recalibration('skip_scse', 32)
    skip.load_state_dict(plain.state_dict())
    features = torch.randn(2, 32, 3, 3)
    reduce, expand, place = plain.channel[1], plain.channel[3], plain.place[0]
    by_channel = expand(reduce(features.mean((2, 3), keepdim=True)).relu()).sigmoid()
    by_place = place(features).sigmoid()
    torch.testing.assert_close(plain(features), features * by_channel + features * by_place)
    torch.testing.assert_close(skip(features), features + plain(features))


@pytest.mark.parametrize(
    ('name', 'channels', 'message'),
    [
        ('se', 64, "recalibration 'se' is not known"),
        ('scse', 40, '40 channels cannot be recalibrated; use a multiple of 16'),
        ('sc_scse', 32, 'use at least 48'),
    ],
)
def test_what_cannot_be_built_is_refused(name, channels, message):
    with pytest.raises(ValueError, match=message):
        build_recalibration(name, channels)
