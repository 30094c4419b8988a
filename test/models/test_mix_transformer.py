"""The encoder against the Apache-2.0 implementation in transformers, and against the paper's table."""

from __future__ import annotations

import pytest
import torch

from mt3dnet_ros.models.drop_path import DropPath, rising_rates
from mt3dnet_ros.models.mix_transformer import VARIANTS, MixTransformer, attend

OUR_NAMES = (
    ('patch_embeddings.layer_norm', 'embed.norm'),
    ('patch_embeddings', 'embed'),
    ('attention.sequence_reduction.layer_norm', 'attention.reduce_norm'),
    ('attention.sequence_reduction.sequence_reduction', 'attention.reduce'),
    ('layernorm_before', 'attention_norm'),
    ('layernorm_after', 'ffn_norm'),
    ('layer_norm', 'norm'),
    ('q_proj', 'query'),
    ('k_proj', 'key_value'),
    ('o_proj', 'out'),
    ('mlp.dwconv.dwconv', 'ffn.depthwise'),
    ('mlp.fc1', 'ffn.expand'),
    ('mlp.fc2', 'ffn.contract'),
)


def segformer(name):
    transformers = pytest.importorskip('transformers')
    shape = VARIANTS[name]
    config = transformers.SegformerConfig(
        hidden_sizes=list(shape.channels),
        depths=list(shape.depths),
        num_attention_heads=list(shape.heads),
        sr_ratios=list(shape.reductions),
        mlp_ratios=[shape.expansion] * 4,
    )
    torch.manual_seed(0)
    return transformers.SegformerModel(config).eval()


def our_key(key):
    for theirs, ours in OUR_NAMES:
        key = key.replace(theirs, ours)
    return key


def convert(oracle):
    """Return the oracle's weights under our names, keys and values joined into one layer."""
    state = oracle.state_dict()
    weights = {our_key(key): value for key, value in state.items() if 'v_proj' not in key}
    for key, value in state.items():
        if 'k_proj' in key:
            weights[our_key(key)] = torch.cat([value, state[key.replace('k_proj', 'v_proj')]])
    return weights


@pytest.mark.parametrize(('name', 'size'), [('b0', (64, 96)), ('b0', (96, 64)), ('b1', (64, 64)), ('b2', (64, 64))])
def test_same_weights_give_the_same_maps_as_transformers(name, size):
    oracle = segformer(name)
    ours = MixTransformer(VARIANTS[name]).eval()
    ours.load_state_dict(convert(oracle))
    images = torch.randn(2, 3, *size)
    with torch.no_grad():
        expected = oracle(images, output_hidden_states=True).hidden_states
        found = ours(images)
    assert len(found) == len(expected)
    for ours_map, oracle_map in zip(found, expected, strict=True):
        torch.testing.assert_close(ours_map, oracle_map, atol=1e-4, rtol=1e-4)


# Encoder parameters in millions, SegFormer paper, table 6.
@pytest.mark.parametrize(
    ('name', 'millions'), [('b0', 3.4), ('b1', 13.1), ('b2', 24.2), ('b3', 44.0), ('b4', 60.8), ('b5', 81.4)]
)
def test_variant_has_the_papers_parameter_count(name, millions):
    with torch.device('meta'):
        encoder = MixTransformer(VARIANTS[name])
    count = sum(value.numel() for value in encoder.parameters()) / 1e6
    assert count == pytest.approx(millions, rel=0.03)


@pytest.mark.parametrize('name', VARIANTS)
def test_stages_have_the_tables_widths_and_strides(name):
    with torch.device('meta'):
        maps = MixTransformer(VARIANTS[name])(torch.empty(1, 3, 64, 96))
    strides = (4, 8, 16, 32)
    expected = [
        (1, width, 64 // stride, 96 // stride) for width, stride in zip(VARIANTS[name].channels, strides, strict=True)
    ]
    assert [tuple(stage.shape) for stage in maps] == expected


def test_training_attention_equals_the_fused_one():
    query, key, value = torch.randn(2, 3, 40, 16), torch.randn(2, 3, 10, 16), torch.randn(2, 3, 10, 16)
    torch.testing.assert_close(attend(query, key, value, True), attend(query, key, value, False))


def test_drop_path_keeps_the_expectation():
    torch.manual_seed(0)
    dropped = DropPath(0.3).train()(torch.ones(20000, 2, 3))
    assert dropped.mean().item() == pytest.approx(1.0, abs=0.02)


def test_drop_path_drops_whole_samples():
    torch.manual_seed(0)
    dropped = DropPath(0.5).train()(torch.ones(64, 5, 7)).flatten(1)
    assert all(row.unique().tolist() in ([0.0], [2.0]) for row in dropped)
    assert 0 < (dropped[:, 0] == 0).sum() < 64


def test_drop_path_does_nothing_in_evaluation():
    branch = torch.randn(8, 4)
    assert DropPath(0.9).eval()(branch) is branch


@pytest.mark.parametrize('rate', [-0.1, 1.0])
def test_impossible_drop_rate_is_refused(rate):
    with pytest.raises(ValueError, match='drop path rate'):
        DropPath(rate)


def test_drop_path_rises_linearly_through_the_encoder():
    encoder = MixTransformer(VARIANTS['b0'], drop_path=0.14)
    rates = [block.drop_path.rate for stage in encoder.stages for block in stage.blocks]
    assert rates == pytest.approx([0.02 * index for index in range(8)])
    assert rates == pytest.approx(rising_rates(8, 0.14))
