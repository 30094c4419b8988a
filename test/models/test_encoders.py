"""Every encoder of the table fits the network."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from mt3dnet_ros.models.config import MT3DNetConfig
from mt3dnet_ros.models.encoders import ENCODERS, STAGES, encoder_kind
from mt3dnet_ros.models.mt3dnet import MT3DNet


@pytest.mark.parametrize('name', ENCODERS)
def test_maps_have_the_channels_and_strides_that_decoders_and_tasks_build_on(name):
    with torch.device('meta'):
        encoder = encoder_kind(name).build(0.1).eval()
        maps = encoder(torch.empty(1, 3, 64, 96))
    assert len(encoder.stages) == STAGES
    strides = (4, 8, 16, 32)
    expected = [(1, width, 64 // s, 96 // s) for width, s in zip(encoder.channels, strides, strict=True)]
    assert [tuple(features.shape) for features in maps] == expected


def test_unknown_encoder_is_refused_by_name():
    with pytest.raises(ValueError, match=r"encoder 'b9' is not known \(known: b0, b1, .*, efficientnet_lite0\)"):
        MT3DNet(MT3DNetConfig(('background', 'forceps'), encoder='b9'))


@pytest.mark.parametrize('name', ['b0', 'efficientnet_lite0'])
def test_gradient_reaches_every_parameter_of_a_network_with_all_tasks(name):
    torch.manual_seed(0)
    config = MT3DNetConfig(('background', 'forceps'), encoder=name, decoder_channels=16, drop_path=0.0, saliency=True)
    network = MT3DNet(config).train()
    nn.init.constant_(network.saliency.temporal.cell.out.weight, 0.1)
    prediction = network(torch.randn(2, 3, 64, 64))
    sum(output.square().mean() for output in prediction.outputs().values()).backward()
    silent = [name for name, value in network.encoder.named_parameters() if value.grad is None or not value.grad.any()]
    assert silent == []
