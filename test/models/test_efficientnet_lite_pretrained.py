"""Weights under the published names find their places, and images of another normalisation their features."""

from __future__ import annotations

import pytest
import torch
from support.lite_weights import published, random_encoder

from mt3dnet_ros.models.efficientnet_lite import EfficientNetLite0
from mt3dnet_ros.models.efficientnet_lite_pretrained import load_efficientnet_lite
from mt3dnet_ros.models.pretrained import PretrainedError

AS_PUBLISHED = (0.5, 0.5, 0.5)


@pytest.fixture(scope='module')
def source():
    return random_encoder()


@pytest.fixture
def file(source, tmp_path):
    torch.save(published(source), tmp_path / 'lite0.pth')
    return tmp_path / 'lite0.pth'


def test_published_names_fill_the_encoder(source, file):
    assert len(published(source)) == len(source.state_dict()) + 3
    assert '_blocks.15._bn2.running_var' in published(source) and '_blocks.0._expand_conv.weight' not in published(
        source
    )
    target = EfficientNetLite0()
    load_efficientnet_lite(target, file, AS_PUBLISHED, AS_PUBLISHED)
    assert all(torch.equal(value, source.state_dict()[key]) for key, value in target.state_dict().items())


def test_images_of_another_mean_and_spread_give_the_same_features(source, file):
    mean, std = (0.4, 0.5, 0.6), (0.2, 0.25, 0.3)
    target = EfficientNetLite0()
    load_efficientnet_lite(target, file, mean, std)
    images = torch.rand(1, 3, 64, 96)
    theirs, ours = ((images - torch.tensor(m)[:, None, None]) / torch.tensor(s)[:, None, None]
                    for m, s in ((AS_PUBLISHED, AS_PUBLISHED), (mean, std)))  # fmt: skip
    with torch.no_grad():
        expected, found = source(theirs)[0], target.eval()(ours)[0]
    # The margin at the right and bottom is zero in either; only cells beside it differ.
    torch.testing.assert_close(found[..., :-4, :-4], expected[..., :-4, :-4], atol=1e-4, rtol=1e-4)


def test_file_without_a_weight_is_refused(source, tmp_path):
    weights = published(source)
    weights.pop('_blocks.3._bn1.weight')
    torch.save(weights, tmp_path / 'lite0.pth')
    with pytest.raises(PretrainedError, match='not of an EfficientNet-Lite0: 1 weights missing'):
        load_efficientnet_lite(EfficientNetLite0(), tmp_path / 'lite0.pth', AS_PUBLISHED, AS_PUBLISHED)


@pytest.mark.parametrize('name', ['block1.0.norm1.weight', '_blocks.16._bn1.weight', '_blocks.2._se_reduce.weight'])
def test_other_networks_file_is_refused(name, tmp_path):
    torch.save({name: torch.zeros(1)}, tmp_path / 'other.pth')
    with pytest.raises(PretrainedError, match='is not part of an EfficientNet-Lite0'):
        load_efficientnet_lite(EfficientNetLite0(), tmp_path / 'other.pth', AS_PUBLISHED, AS_PUBLISHED)
