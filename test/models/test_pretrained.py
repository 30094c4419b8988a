"""Weights under the original authors' names find their places."""

from __future__ import annotations

import pickle

import pytest
import torch

from mt3dnet_ros.models.mix_transformer import VARIANTS, MixTransformer
from mt3dnet_ros.models.pretrained import PretrainedError, load_pretrained

THEIR_NAMES = {
    'attention_norm': 'norm1',
    'ffn_norm': 'norm2',
    'attention.query': 'attn.q',
    'attention.key_value': 'attn.kv',
    'attention.out': 'attn.proj',
    'attention.reduce_norm': 'attn.norm',
    'attention.reduce': 'attn.sr',
    'ffn.expand': 'mlp.fc1',
    'ffn.depthwise': 'mlp.dwconv.dwconv',
    'ffn.contract': 'mlp.fc2',
}


def their_name(key):
    _, stage, part, *rest = key.split('.')
    number = int(stage) + 1
    if part == 'embed':
        return f'patch_embed{number}.{".".join(rest)}'
    if part == 'norm':
        return f'norm{number}.{rest[0]}'
    return f'block{number}.{rest[0]}.{THEIR_NAMES[".".join(rest[1:-1])]}.{rest[-1]}'


@pytest.fixture(scope='module')
def source():
    torch.manual_seed(3)
    return MixTransformer(VARIANTS['b0'])


def published(source, prefix=''):
    return {prefix + their_name(key): value for key, value in source.state_dict().items()}


@pytest.mark.parametrize('form', ['plain', 'classifier', 'segmentor', 'wrapped'])
def test_every_published_form_fills_the_encoder(source, form, tmp_path):
    content = {
        'plain': lambda: published(source),
        'classifier': lambda: published(source) | {'head.weight': torch.zeros(3, 4)},
        'segmentor': lambda: published(source, 'backbone.') | {'decode_head.linear_c1.proj.weight': torch.zeros(2)},
        'wrapped': lambda: {'state_dict': published(source, 'module.')},
    }[form]()
    torch.save(content, tmp_path / 'mit_b0.pth')
    target = MixTransformer(VARIANTS['b0'])
    load_pretrained(target, tmp_path / 'mit_b0.pth')
    assert all(torch.equal(value, source.state_dict()[key]) for key, value in target.state_dict().items())


def test_other_variants_file_is_refused(source, tmp_path):
    torch.save(published(source), tmp_path / 'mit_b0.pth')
    with pytest.raises(PretrainedError, match=r'has shape .* the encoder needs'):
        load_pretrained(MixTransformer(VARIANTS['b1']), tmp_path / 'mit_b0.pth')
    with pytest.raises(PretrainedError, match='weights missing'):
        load_pretrained(MixTransformer(VARIANTS['b2']), tmp_path / 'mit_b0.pth')


def test_other_networks_file_is_refused(tmp_path):
    torch.save({'layer1.0.conv1.weight': torch.zeros(1)}, tmp_path / 'resnet.pth')
    with pytest.raises(PretrainedError, match=r"'layer1\.0\.conv1\.weight' is not part of a Mix Transformer"):
        load_pretrained(MixTransformer(VARIANTS['b0']), tmp_path / 'resnet.pth')


def test_missing_file_is_named(tmp_path):
    with pytest.raises(PretrainedError, match=r"nowhere\.pth' do not exist"):
        load_pretrained(MixTransformer(VARIANTS['b0']), tmp_path / 'nowhere.pth')


class Surprise:
    """An object that only unsafe unpickling would rebuild."""


@pytest.mark.parametrize('content', [b'', b'not a checkpoint', pickle.dumps(Surprise())])
def test_unreadable_or_unsafe_file_is_refused(content, tmp_path):
    (tmp_path / 'bad.pth').write_bytes(content)
    with pytest.raises(PretrainedError, match=r'bad\.pth'):
        load_pretrained(MixTransformer(VARIANTS['b0']), tmp_path / 'bad.pth')
