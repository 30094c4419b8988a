"""``camera_calibration.txt`` of da Vinci endoscopes, as EndoVis 2017 and 2018 have it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mt3dnet_ros.media.calibration.values import Value

_NUMBER = re.compile(r'[-+]?\d*\.?\d+(?:[eE][-+]?\d+)?')
_NAMES = {'f': ('fx', 'fy'), 'c': ('cx', 'cy'), 'k': ('k1', 'k2', 'p1', 'p2', 'k3')}
_PAIR = {'extrinsic-omega': 'om', 'extrinsic-t': 'T'}


def is_intuitive(text: str) -> bool:
    """Return whether a text has the lines of such a file."""
    return bool(re.search(r'^[ \t]*Camera-0-F[ \t]*:', text, re.MULTILINE | re.IGNORECASE))


def numbered_lines(text: str) -> Iterator[tuple[str, list[float], int]]:
    """Yield key in lower case, numbers and line of lines such as ``Camera-0-F: 1084.2 1084.1 // focal length``."""
    for line, content in enumerate(text.splitlines(), start=1):
        key, colon, rest = content.split('//')[0].partition(':')
        if colon:
            yield key.strip().lower(), [float(word) for word in _NUMBER.findall(rest)], line


def parse_intuitive(text: str) -> Value:
    """Return the two cameras, left and right, and where the right one is: om and T in millimetres."""
    sides: dict[str, dict[str, Value]] = {'left': {}, 'right': {}}
    pair: dict[str, Value] = {}
    for key, numbers, line in numbered_lines(text):
        if match := re.fullmatch(r'camera-([01])-([fck])', key):
            found = {
                name: Value(repr(number), key, line) for name, number in zip(_NAMES[match[2]], numbers, strict=False)
            }
            sides[('left', 'right')[int(match[1])]] |= found
        elif key in _PAIR:
            pair[_PAIR[key]] = Value(' '.join(map(repr, numbers)), key, line)
        elif numbers and (name := next((name for name in ('width', 'height') if key.endswith(name)), '')):
            sides = {side: {**values, name: Value(repr(numbers[0]), key, line)} for side, values in sides.items()}
    return Value({side: Value(dict(values), side, 1) for side, values in sides.items()} | pair, '', 1)
