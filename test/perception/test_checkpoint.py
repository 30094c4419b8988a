"""Checkpoints come back as they were written, and unusable files say why."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import pytest
import torch
from safetensors.torch import load_file, save_file
from support.lite_weights import random_encoder

from mt3dnet_ros.models.config import MT3DNetConfig
from mt3dnet_ros.models.mt3dnet import MT3DNet
from mt3dnet_ros.models.st_mtl.config import STMTLConfig
from mt3dnet_ros.models.st_mtl.st_mtl import STMTL
from mt3dnet_ros.perception.checkpoint import load_checkpoint, load_network, load_st_mtl, save_checkpoint
from mt3dnet_ros.perception.checkpoint_header import CheckpointError, read_metadata

CONFIG = MT3DNetConfig(classes=('background', 'forceps', 'scissors'), decoder_channels=16, input_size=(64, 96))


@pytest.fixture(scope='module')
def network():
    torch.manual_seed(0)
    return MT3DNet(CONFIG).eval()


@pytest.fixture
def path(network, tmp_path):
    save_checkpoint(tmp_path / 'network.safetensors', network, CONFIG, {'scores': '{}'})
    return tmp_path / 'network.safetensors'


def rewrite(path, weights=None, **metadata):
    """Write the file again with some of its header or weights changed."""
    header = {key: value for key, value in (read_metadata(path) | metadata).items() if value is not None}
    save_file(load_file(path) if weights is None else weights, path, header)


def test_network_comes_back_in_evaluation_mode_with_its_configuration(network, path):
    loaded = load_checkpoint(path)
    assert loaded.config == CONFIG and not loaded.training
    images = torch.randn(1, 3, 64, 96)
    with torch.no_grad():
        for found, written in zip(loaded(images), network(images), strict=True):
            torch.testing.assert_close(found, written, atol=0.02, rtol=0.02)


def test_network_with_statistics_of_batches_comes_back_with_them(tmp_path):
    config = replace(CONFIG, encoder='efficientnet_lite0')
    network = MT3DNet(config)
    network.encoder = random_encoder()
    save_checkpoint(tmp_path / 'lite.safetensors', network.eval(), config)
    loaded, images = load_checkpoint(tmp_path / 'lite.safetensors'), torch.randn(1, 3, 64, 96)
    with torch.no_grad():
        for found, written in zip(loaded.encoder(images), network.encoder(images), strict=True):
            assert (found - written).abs().mean() < 0.02 * written.std()


def test_weights_are_half_on_disk_and_single_in_memory(path):
    assert load_file(path)['types.weight'].dtype == torch.float16
    assert load_checkpoint(path).types.weight.dtype == torch.float32


def test_metadata_keeps_extra_entries(path):
    assert read_metadata(path).keys() == {'format', 'version', 'config', 'scores'}


def test_nothing_but_the_checkpoint_is_left_behind(path):
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_missing_file_is_named(tmp_path):
    with pytest.raises(CheckpointError, match=r"nowhere\.safetensors' does not exist"):
        load_checkpoint(tmp_path / 'nowhere.safetensors')


@pytest.mark.parametrize('length', [0, 5, 3000, -100])
def test_truncated_file_is_called_damaged(path, length):
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(CheckpointError, match='is damaged or not a safetensors file'):
        load_checkpoint(path)


def test_pickled_file_is_not_loaded(tmp_path, network):
    torch.save(network.state_dict(), tmp_path / 'network.pth')
    with pytest.raises(CheckpointError, match='not a safetensors file'):
        load_checkpoint(tmp_path / 'network.pth')


@pytest.mark.parametrize(
    ('metadata', 'complaint'),
    [
        ({'format': 'pt'}, "is of format 'pt', not 'mt3dnet'"),
        ({'version': '99'}, "has version '99'; this package reads version 1"),
        ({'config': None}, 'has no readable configuration'),
        ({'config': '{'}, 'has no readable configuration'),
        ({'config': '[]'}, 'has no readable configuration'),
        ({'config': json.dumps(asdict(CONFIG) | {'architecture': 'unet'})}, "is of architecture 'unet'"),
        ({'config': json.dumps(asdict(CONFIG) | {'temporal': True})}, r"unknown configuration keys \['temporal'\]"),
        ({'config': json.dumps(asdict(CONFIG) | {'encoder': 'b7'})}, "encoder 'b7' is not known"),
        ({'config': '[' * 10_000}, 'has no readable configuration'),
        ({'config': json.dumps(asdict(CONFIG) | {'input_size': [10**6, 10**6]})}, 'input_size .* is not from 32 to'),
        ({'config': json.dumps(asdict(CONFIG) | {'input_size': 'large'})}, "key 'input_size' cannot be 'large'"),
        ({'config': json.dumps(asdict(CONFIG) | {'decoder_channels': 10**9})}, '1000000000 channels; 1 to 4096'),
        ({'config': json.dumps(asdict(CONFIG) | {'decoder_channels': 4096})}, "weight '.*' has shape"),
        ({'config': json.dumps(asdict(CONFIG) | {'mean': [0.1, float('nan'), 0.1]})}, "key 'mean' cannot be"),
        ({'config': json.dumps(asdict(CONFIG) | {'depth_range': [0.5, 0.1]})}, 'is no range of depths'),
        ({'config': json.dumps(asdict(CONFIG) | {'saliency': 'yes'})}, "key 'saliency' cannot be 'yes'"),
        (
            {'config': json.dumps(asdict(replace(CONFIG, classes=('background', 'x'))))},
            "weight 'types.weight' has shape",
        ),
        ({'config': json.dumps(asdict(replace(CONFIG, decoder='all_mlp')))}, 'weights missing'),
    ],
)
def test_unfit_header_is_explained(path, metadata, complaint):
    rewrite(path, **metadata)
    with pytest.raises(CheckpointError, match=complaint):
        load_checkpoint(path)


def test_lost_weight_is_named(path):
    weights = load_file(path)
    del weights['depth.position.bias']
    rewrite(path, weights)
    with pytest.raises(CheckpointError, match=r"1 weights missing \['depth\.position\.bias'\]"):
        load_checkpoint(path)


def test_checkpoint_of_st_mtl_comes_back_where_it_can_be_used(tmp_path):
    config = STMTLConfig(('background', 'forceps'), temporal_hidden=8, temporal_cell='separable', input_size=(64, 96))
    save_checkpoint(tmp_path / 'st_mtl.safetensors', STMTL(config), config)
    loaded = load_network(tmp_path / 'st_mtl.safetensors')
    assert isinstance(loaded, STMTL) and loaded.config == config and not loaded.training
    with pytest.raises(CheckpointError, match=r"'st_mtl'; here only 'mt3dnet' runs\. `mt3dnet evaluate` judges it"):
        load_checkpoint(tmp_path / 'st_mtl.safetensors')


def test_mt3dnet_is_no_checkpoint_of_st_mtl(path):
    with pytest.raises(CheckpointError, match=r"of architecture 'mt3dnet'; give one of ST-MTL"):
        load_st_mtl(path)
