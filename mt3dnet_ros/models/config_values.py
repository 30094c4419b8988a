"""Whether the configuration that a file carries is one that a network can have, before anything is made by it."""

from __future__ import annotations

import math
import types
import typing
from dataclasses import fields
from typing import Any

from mt3dnet_ros.errors import InputError
from mt3dnet_ros.models.config import MT3DNetConfig
from mt3dnet_ros.models.st_mtl.config import STMTLConfig

_MOST_CLASSES = 256  # which label images can hold
_SIDES = 32, 4096  # least and largest of the input, in pixels
_MOST_CHANNELS = 4096


class ConfigValueError(InputError):
    """A value of a configuration that no network can have."""


def check_config(config: MT3DNetConfig | STMTLConfig) -> None:
    """Check the types of all values, and the size of what is made by them.

    :raises ConfigValueError: a value cannot be
    """
    hints = typing.get_type_hints(type(config))
    for member in fields(config):
        value = getattr(config, member.name)
        if not _fits(value, hints[member.name]):
            raise ConfigValueError(f"configuration key '{member.name}' cannot be {value!r}")
    if not 1 <= len(config.classes) <= _MOST_CLASSES:
        raise ConfigValueError(f'{len(config.classes)} classes; 1 to {_MOST_CLASSES} are possible')
    if not all(_SIDES[0] <= side <= _SIDES[1] for side in config.input_size):
        raise ConfigValueError(f'input_size {list(config.input_size)} is not from {_SIDES[0]} to {_SIDES[1]} pixels')
    channels = config.decoder_channels if isinstance(config, MT3DNetConfig) else config.temporal_hidden
    if not 1 <= channels <= _MOST_CHANNELS:
        raise ConfigValueError(f'{channels} channels; 1 to {_MOST_CHANNELS} are possible')
    if min(config.std) <= 0.0:
        raise ConfigValueError(f'std {list(config.std)} must be positive')
    if isinstance(config, MT3DNetConfig):
        _check_depth(config)


def _check_depth(config: MT3DNetConfig) -> None:
    least, most = config.depth_range
    if not (0.0 < least < most and config.canonical_focal > 0.0):
        raise ConfigValueError(
            f'depth_range {[least, most]} at canonical_focal {config.canonical_focal} is no range of depths'
        )


def _fits(value: Any, hint: Any) -> bool:
    if isinstance(hint, types.UnionType) or typing.get_origin(hint) is typing.Union:
        return any(_fits(value, member) for member in typing.get_args(hint))
    if members := typing.get_args(hint):
        if not isinstance(value, tuple):
            return False
        if members[-1] is ...:
            return all(_fits(item, members[0]) for item in value)
        return len(value) == len(members) and all(map(_fits, value, members))
    if hint is float:
        return isinstance(value, int | float) and not isinstance(value, bool) and _is_finite(value)
    return isinstance(value, hint) and (hint is bool or not isinstance(value, bool))


def _is_finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # of a whole number that no float holds
        return False
