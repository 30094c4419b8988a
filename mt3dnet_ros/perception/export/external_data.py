"""Whether an ONNX file has weights in other files, which whoever runs it would open."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

# Of protobuf's wire format, and the messages of onnx.proto that a tensor can lie in, by the number of their field.
_VARINT, _FIXED64, _LENGTH_DELIMITED, _FIXED32 = 0, 1, 2, 5
_CONTENT: dict[str, dict[int, str]] = {
    'model': {7: 'graph', 20: 'training', 25: 'function'},
    'training': {1: 'graph', 2: 'graph'},
    'function': {7: 'node'},
    'graph': {1: 'node', 5: 'tensor', 15: 'sparse tensor'},
    'node': {5: 'attribute'},
    'attribute': {5: 'tensor', 6: 'graph', 10: 'tensor', 11: 'graph', 22: 'sparse tensor', 23: 'sparse tensor'},
    'sparse tensor': {1: 'tensor', 2: 'tensor'},
}
_EXTERNAL_DATA, _DATA_LOCATION = 13, 14  # of a tensor
_LEAST = 16  # bytes of a tensor that names a file: its key is `location`
_DEEPEST = 64  # messages in messages

Field = tuple[int, int, int]  # number, and where its content begins and ends


def has_external_data(path: Path) -> bool:
    """Return whether a file names others.

    :raises OSError: it cannot be read
    :raises ValueError: it is damaged
    """
    content = path.read_bytes()
    return _has_external(content, 'model', 0, len(content), 0)


def _has_external(content: bytes, kind: str, begin: int, end: int, depth: int) -> bool:
    if depth > _DEEPEST:
        raise ValueError(f'more than {_DEEPEST} messages within each other')
    if kind == 'tensor':
        return any(number in (_EXTERNAL_DATA, _DATA_LOCATION) for number, *_ in _fields(content, begin, end))
    inner = _CONTENT[kind]
    return any(
        _has_external(content, inner[number], first, last, depth + 1)
        for number, first, last in _fields(content, begin, end)
        if number in inner and last - first >= _LEAST
    )


def _fields(content: bytes, place: int, end: int) -> Iterator[Field]:
    while place < end:
        key, place = _varint(content, place)
        number, wire = divmod(key, 8)
        if wire == _VARINT:
            first, last = place, _varint(content, place)[1]
        elif wire == _LENGTH_DELIMITED:
            length, first = _varint(content, place)
            last = first + length
        elif wire in (_FIXED32, _FIXED64):
            first, last = place, place + (4 if wire == _FIXED32 else 8)
        else:
            raise ValueError(f'wire type {wire} at byte {place}')
        if last > end:
            raise ValueError(f'it ends within the field at byte {place}')
        yield number, first, last
        place = last


def _varint(content: bytes, place: int) -> tuple[int, int]:
    """Return a number of seven bits per byte, the least significant first, and where it ends."""
    if place < len(content) and content[place] < 0x80:  # as nearly all are
        return content[place], place + 1
    value = 0
    for shift in range(0, 64, 7):
        if place >= len(content):
            raise ValueError('it ends within a number')
        byte = content[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, place
    raise ValueError('a number of more than 64 bits')
