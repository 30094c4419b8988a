"""ImageNet weights of the original SegFormer authors, read from a local file into our encoder."""

from __future__ import annotations

import pickle
import re
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from mt3dnet_ros.errors import MT3DNetError

from .mix_transformer import MixTransformer
from .weights import describe_misfit

_LAYERS = {
    'norm1': 'attention_norm',
    'norm2': 'ffn_norm',
    'attn.q': 'attention.query',
    'attn.kv': 'attention.key_value',
    'attn.proj': 'attention.out',
    'attn.sr': 'attention.reduce',
    'attn.norm': 'attention.reduce_norm',
    'mlp.fc1': 'ffn.expand',
    'mlp.dwconv.dwconv': 'ffn.depthwise',
    'mlp.fc2': 'ffn.contract',
}
_EMBED = re.compile(r'patch_embed([1-4])\.(proj|norm)\.(weight|bias)')
_BLOCK = re.compile(r'block([1-4])\.(\d+)\.(.+)\.(weight|bias)')
_NORM = re.compile(r'norm([1-4])\.(weight|bias)')
_IGNORED = ('head.', 'decode_head.', 'auxiliary_head.')


class PretrainedError(MT3DNetError, ValueError):
    """A file of pre-trained weights cannot be used."""


def load_pretrained(encoder: MixTransformer, path: str | Path) -> None:
    """Fill the encoder with the original authors' weights (``mit_b0.pth`` to ``mit_b5.pth``, or a full SegFormer).

    :raises PretrainedError: the file cannot be read, or is not of this variant
    """
    mapped = map_keys(read_weights(Path(path)))
    if misfit := describe_misfit(encoder.state_dict(), mapped, 'the encoder'):
        raise PretrainedError(
            f"'{path}' is not of this encoder variant: {misfit}; choose the variant that the file was trained as"
        )
    encoder.load_state_dict(mapped)


def read_weights(path: Path) -> dict[str, Tensor]:
    """Return the tensors of a ``.pth`` file, unwrapped from ``state_dict`` where needed.

    :raises PretrainedError: the file is missing, unreadable or holds anything but tensors
    """
    if not path.is_file():
        raise PretrainedError(f"pre-trained weights '{path}' do not exist; give the path of a downloaded .pth file")
    try:
        content = torch.load(path, map_location='cpu', weights_only=True)
    except (RuntimeError, pickle.UnpicklingError, EOFError, ValueError) as error:
        raise PretrainedError(f"pre-trained weights '{path}' cannot be read: {error}") from error
    content = content.get('state_dict', content) if isinstance(content, Mapping) else None
    if not isinstance(content, Mapping) or not all(isinstance(value, Tensor) for value in content.values()):
        raise PretrainedError(f"'{path}' holds no state dict of tensors")
    return dict(content)


def map_keys(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return the encoder's weights under our names; heads are left out.

    :raises PretrainedError: a key is not of a Mix Transformer
    """
    mapped = {}
    for key, value in weights.items():
        name = key.removeprefix('module.').removeprefix('backbone.')
        if not name.startswith(_IGNORED):
            mapped[_our_name(name)] = value
    return mapped


def _our_name(name: str) -> str:
    if match := _EMBED.fullmatch(name):
        return f'stages.{int(match[1]) - 1}.embed.{match[2]}.{match[3]}'
    if match := _NORM.fullmatch(name):
        return f'stages.{int(match[1]) - 1}.norm.{match[2]}'
    match = _BLOCK.fullmatch(name)
    if match and match[3] in _LAYERS:
        return f'stages.{int(match[1]) - 1}.blocks.{match[2]}.{_LAYERS[match[3]]}.{match[4]}'
    raise PretrainedError(f"weight '{name}' is not part of a Mix Transformer; is this a SegFormer (MiT) file?")
