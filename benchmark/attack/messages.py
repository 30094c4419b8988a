"""Messages of ROS with values that none should have, of whatever type they are."""

from __future__ import annotations

import math
import random
import re
from array import array
from collections.abc import Callable, Iterator, Sequence
from typing import Any

_BITS = re.compile(r'(u?)int(8|16|32|64)')
_SEQUENCE = re.compile(r'sequence<(.+?)(?:, \d+)?>')
_FIXED = re.compile(r'(.+)\[\d+\]')
_FLOATS = (math.nan, math.inf, -math.inf, 0.0, -0.0, 1e308, -1e308, 5e-324, 1e-30, 1e30, -1.0, 1.0, 2.0**31, 2.0**63)
_TEXTS = (
    '', 'a', '/', 'camera', '/camera', 'rgb8', 'RGB8', 'mono16', '8UC0', '8UC99999999', '32FC1', '64FC4', '16SC3',
    'bayer_rggb8', 'nv24', 'jpeg', 'rgb8; jpeg compressed bgr8', '; ;', '16UC1; compressedDepth', 'h264', '%s%n{}{0}',
    '\x1b[2J\x07', '\n\nall is well', '../../etc/passwd', '\u202e\U0001f52a', 'x' * 100_000, '\ufffd', 'plumb_bob',
    'rational_polynomial', 'equidistant', 'ecm_yaw', 'NaN',
)  # fmt: skip
_MOST_FLOAT32 = 3.4e38

Place = tuple[Any, str, str]  # message, name of the field, its type


def spoil(message: Any, chance: random.Random) -> Any:
    """Give one to four fields of a message values at random, and return it."""
    for _ in range(chance.choice((1, 1, 2, 4))):
        places = list(_places(message))
        if not places:
            return message
        owner, name, kind = chance.choice(places)
        setattr(owner, name, _value(kind, getattr(owner, name), chance))
    return message


def _places(message: Any) -> Iterator[Place]:
    """Yield every field that is no message itself, those of messages within included."""
    for name, kind in message.get_fields_and_field_types().items():
        value = getattr(message, name)
        if hasattr(value, 'get_fields_and_field_types'):
            yield from _places(value)
            continue
        yield message, name, kind
        if isinstance(value, list) and value and hasattr(value[0], 'get_fields_and_field_types'):
            yield from _places(value[0])


def _value(kind: str, now: Any, chance: random.Random) -> Any:
    if inner := _SEQUENCE.fullmatch(kind):
        return _sequence(inner[1], now, chance)
    if inner := _FIXED.fullmatch(kind):
        changed = now.copy() if hasattr(now, 'copy') else list(now)
        changed[chance.randrange(len(changed))] = _value(inner[1], changed[0], chance)
        return changed
    return _single(kind, now, chance)


def _single(kind: str, now: Any, chance: random.Random) -> Any:
    if found := _BITS.fullmatch(kind):
        return _whole_number(not found[1], int(found[2]), int(now), chance)
    if kind in ('float', 'double'):
        value = chance.choice((*_FLOATS, chance.gauss(0.0, 1.0), -float(now), float(now) * 1e6, chance.random()))
        return max(-_MOST_FLOAT32, min(_MOST_FLOAT32, value)) if kind == 'float' and math.isfinite(value) else value
    if kind == 'boolean':
        return not now
    if kind == 'string':
        return chance.choice((*_TEXTS, now[:-1], now + chance.choice(_TEXTS)))
    return now


def _whole_number(signed: bool, bits: int, now: int, chance: random.Random) -> int:
    least, most = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
    value = chance.choice((least, most, most - 1, most // 2, 0, 1, 2, now + 1, now - 1, 2 * now, chance.randrange(64)))
    return min(max(value, least), most)


def _sequence(kind: str, now: Any, chance: random.Random) -> Any:
    change = chance.choice(_CHANGES)
    return change(kind, now, chance)


def _shorter(_: str, now: Any, chance: random.Random) -> Any:
    return now[: chance.randrange(len(now) + 1)]


def _longer(_: str, now: Any, chance: random.Random) -> Any:
    return now + now[:1] * chance.choice((1, 3, 1_000, 100_000)) if len(now) < 10_000 else now + now[:7]


def _nothing(_: str, now: Any, __: random.Random) -> Any:
    return now[:0]


def _other(kind: str, now: Any, chance: random.Random) -> Any:
    if not len(now):
        return _made(kind, now, chance)
    changed = now[:]
    at = chance.randrange(len(changed))
    if not hasattr(changed[at], 'get_fields_and_field_types'):
        changed[at] = _single(kind, changed[at], chance)
    return changed


def _made(kind: str, now: Any, chance: random.Random) -> Any:
    """Return elements where there were none."""
    if isinstance(now, array):
        return array(now.typecode, [0] * chance.choice((1, 8, 10_000)))
    return [chance.choice(_TEXTS) for _ in range(chance.choice((1, 4, 1_000)))] if kind == 'string' else now


_CHANGES: Sequence[Callable[[str, Any, random.Random], Any]] = (_shorter, _longer, _nothing, _other, _other)
