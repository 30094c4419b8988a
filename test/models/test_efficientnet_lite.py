"""EfficientNet-Lite0: the published table, one convolution for two layers, and the published margins."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from mt3dnet_ros.models.efficientnet_lite import EfficientNetLite0, FoldedConv, InvertedResidual


@pytest.fixture(scope='module')
def encoder():
    torch.manual_seed(0)
    return EfficientNetLite0()


def test_maps_have_the_published_widths_at_four_strides(encoder):
    maps = encoder.eval()(torch.randn(2, 3, 64, 96))
    shapes = [(2, 24, 16, 24), (2, 40, 8, 12), (2, 112, 4, 6), (2, 320, 2, 3)]
    assert [tuple(features.shape) for features in maps] == shapes


# 4.65 million less the classifier (1280 x 1000 + 1000), and the convolution before it (320 x 1280) with its norm.
def test_encoder_has_the_published_parameter_count(encoder):
    published = 4.652e6 - 1280 * 1000 - 1000 - 320 * 1280 - 2 * 1280
    assert sum(value.numel() for value in encoder.parameters()) == pytest.approx(published, rel=1e-3)


def test_drop_path_rises_over_the_sixteen_blocks():
    blocks = [module for module in EfficientNetLite0(0.3).modules() if isinstance(module, InvertedResidual)]
    rates = [(index, block.drop_path.rate) for index, block in enumerate(blocks) if block.drop_path is not None]
    assert len(blocks) == 16
    assert [index for index, _ in rates] == [2, 4, 6, 7, 9, 10, 12, 13, 14]
    assert all(rate == pytest.approx(0.02 * index) for index, rate in rates)


def with_statistics(layer):
    torch.manual_seed(1)
    for norm in (module for module in layer.modules() if isinstance(module, nn.BatchNorm2d)):
        norm.running_mean.normal_()
        norm.running_var.uniform_(0.5, 2.0)
        nn.init.normal_(norm.weight)
        nn.init.normal_(norm.bias)
    return layer


@pytest.mark.parametrize(('kernel', 'stride', 'groups'), [(1, 1, 1), (3, 1, 4), (3, 2, 4), (5, 2, 4)])
def test_one_convolution_does_the_work_of_both_where_statistics_are_fixed(kernel, stride, groups):
    layer = with_statistics(FoldedConv(4, 8, kernel, stride, groups)).eval()
    images = torch.randn(2, 4, 8, 12, requires_grad=True)
    left, right, top, bottom = layer.margin or (0, 0, 0, 0)
    padded = nn.functional.pad(images, (left, right, top, bottom))
    torch.testing.assert_close(layer(images), layer.norm(layer.conv(padded)), atol=1e-5, rtol=1e-5)
    layer(images).square().sum().backward()
    assert all(weight.grad.any() for weight in (layer.conv.weight, layer.norm.weight, layer.norm.bias))
    assert not layer.norm.num_batches_tracked


@pytest.mark.parametrize(('kernel', 'first'), [(3, 0), (5, -1)])
def test_strided_windows_begin_where_those_of_tensorflow_do(kernel, first):
    layer = FoldedConv(1, 1, kernel, 2).eval()
    nn.init.zeros_(layer.conv.weight)
    layer.conv.weight.data[..., 0, 0] = 1.0
    columns = torch.arange(1.0, 9.0).expand(1, 1, 8, 8)
    row = layer(columns)[0, 0, 1] / layer(columns)[0, 0, 1, 1] * (first + 3)
    assert row.tolist() == pytest.approx([max(0, first + 1), first + 3, first + 5, first + 7])
