"""The table of encoders: what builds each, and what reads its published weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from mt3dnet_ros.errors import InputError

from .config import MT3DNetConfig
from .efficientnet_lite import EfficientNetLite0
from .efficientnet_lite_pretrained import load_efficientnet_lite
from .mix_transformer import VARIANTS, MixTransformer
from .pretrained import load_pretrained

Encoder = MixTransformer | EfficientNetLite0
STAGES = 4  # of every encoder, with maps at the strides 4, 8, 16 and 32


@dataclass(frozen=True)
class EncoderKind:
    """One way from images to maps; ``stages`` are its modules.

    :param build: from the drop path's rate
    :param load: fills it with ImageNet weights from a file, for images normalised as a configuration says
    """

    build: Callable[[float], Encoder]
    load: Callable[[Any, str | Path, MT3DNetConfig], None]


def _mix_transformer(name: str, drop_path: float) -> MixTransformer:
    return MixTransformer(VARIANTS[name], drop_path)


ENCODERS: Mapping[str, EncoderKind] = {
    **{
        name: EncoderKind(partial(_mix_transformer, name), lambda encoder, path, config: load_pretrained(encoder, path))
        for name in VARIANTS
    },
    'efficientnet_lite0': EncoderKind(
        EfficientNetLite0,
        lambda encoder, path, config: load_efficientnet_lite(encoder, path, config.mean, config.std),
    ),
}


def encoder_kind(name: str) -> EncoderKind:
    """Return an entry of the table.

    :raises ValueError: the name is not in the table
    """
    if name not in ENCODERS:
        raise InputError(f"encoder '{name}' is not known (known: {', '.join(ENCODERS)})")
    return ENCODERS[name]
