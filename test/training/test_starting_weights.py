"""What a network starts from, and how far it goes back to it."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from support.drawing import CONFIG

from mt3dnet_ros.models.mt3dnet import MT3DNet
from mt3dnet_ros.training.starting_weights import between, fitting_weights

SMALL = replace(CONFIG, decoder_channels=16)


@pytest.mark.parametrize('share', [0.0, 0.2, 1.0])
def test_a_network_goes_a_share_of_the_way_back(share: float) -> None:
    network, initial = MT3DNet(replace(SMALL, view=True)), MT3DNet(SMALL)
    before, start = network.state_dict(), initial.state_dict()
    for name, value in between(network, initial, share).state_dict().items():
        expected = before[name]
        if name in start and value.is_floating_point():
            expected = torch.lerp(expected, start[name], share)
        torch.testing.assert_close(value, expected)


def test_the_network_itself_stays_as_it_is() -> None:
    network = MT3DNet(SMALL)
    weight = network.types.weight.clone()
    between(network, MT3DNet(SMALL), 0.5)
    assert torch.equal(network.types.weight, weight)


def test_heads_of_other_classes_mean_something_else() -> None:
    renamed = replace(SMALL, classes=tuple(reversed(SMALL.classes)))
    names = fitting_weights(MT3DNet(SMALL), MT3DNet(renamed)).keys()
    assert 'parts.weight' in names and 'types.weight' not in names
