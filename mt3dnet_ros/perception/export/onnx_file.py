"""What an exported ONNX file says of itself, read without its network and without PyTorch or ONNX."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

from mt3dnet_ros.json_text import parse_json
from mt3dnet_ros.models.config import MT3DNetConfig
from mt3dnet_ros.perception.checkpoint_header import (
    FORMAT,
    VERSION,
    CheckpointError,
    check_format,
    config_of,
    require_mt3dnet,
)
from mt3dnet_ros.perception.export.external_data import has_external_data

SUFFIX = '.onnx'
INPUT = 'images'  # the name of the network's input
# Of protobuf's wire format, and numbers of fields of the messages ModelProto and StringStringEntryProto of ONNX.
_VARINT, _LENGTH_DELIMITED = 0, 2
_METADATA_PROPS, _KEY, _VALUE = 14, 1, 2


@dataclass(frozen=True)
class ExportedFile:
    """An exported network.

    :param config: of the checkpoint that it was made from
    :param input_size: height and width of the images that it takes, in pixels
    :param checkpoint: SHA-256 of that checkpoint
    """

    path: Path
    config: MT3DNetConfig
    input_size: tuple[int, int]
    checkpoint: str


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open('rb') as file:
        digest = hashlib.sha256()
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def metadata_of(config: MT3DNetConfig, input_size: tuple[int, int], checkpoint: Path) -> dict[str, str]:
    """Return what a file carries so that :func:`read_exported` can read it."""
    return {
        'format': FORMAT,
        'version': VERSION,
        'config': json.dumps(asdict(config)),
        'input_size': json.dumps(input_size),
        'checkpoint': sha256_of(checkpoint),
    }


def read_exported(path: Path) -> ExportedFile:
    """Return what an exported file says of itself.

    :raises CheckpointError: it is missing, damaged, or was not written by ``mt3dnet export``
    """
    name, advice = f"exported network '{path}'", 'use one written by `mt3dnet export --format onnx`'
    if not path.is_file():
        raise CheckpointError(f'{name} does not exist; give the path of a .onnx file')
    try:
        metadata, is_whole = _read_metadata(path), not has_external_data(path)
    except (OSError, ValueError) as error:
        raise CheckpointError(f'{name} is damaged or not an ONNX file ({error}); copy it again') from error
    if not is_whole:
        raise CheckpointError(f'{name} has weights in other files, which are not opened; {advice}')
    check_format(metadata, name, advice)
    config = require_mt3dnet(config_of(metadata, name), path)
    try:
        height, width = map(int, parse_json(metadata['input_size']))
        return ExportedFile(path, config, (height, width), metadata['checkpoint'])
    except (KeyError, ValueError, TypeError, OverflowError) as error:
        raise CheckpointError(f'{name} does not say what it takes ({error!r}); {advice}') from error


def _read_metadata(path: Path) -> Mapping[str, str]:
    """Return the model's ``metadata_props``.

    :raises ValueError: the file does not end where its last field does
    """
    size, found = path.stat().st_size, {}
    with path.open('rb') as file:
        for number, content in _fields(file, size):
            if number == _METADATA_PROPS:
                entry = {place: file.read(length) for place, length in _fields(file, file.tell() + content)}
                found[entry.get(_KEY, b'').decode()] = entry.get(_VALUE, b'').decode()
            else:
                file.seek(content, 1)
    return found


def _fields(file: BinaryIO, end: int) -> Iterator[tuple[int, int]]:
    """Yield number and length of the fields up to a position; whoever asks for the next has read or left out the last.

    Encoding: protobuf.dev/programming-guides/encoding. Of numbers, which this skips, the length is 0.
    """
    while (start := file.tell()) < end:
        number, kind = divmod(_varint(file), 8)
        length = _varint(file)
        if kind == _VARINT:
            length = 0
        elif kind != _LENGTH_DELIMITED:
            raise ValueError(f'wire type {kind} at byte {start}')
        if file.tell() + length > end:
            raise ValueError(f'it ends within the field at byte {start}')
        yield number, length


def _varint(file: BinaryIO) -> int:
    """Return a number of seven bits per byte, the least significant first."""
    value = 0
    for shift in range(0, 64, 7):
        (byte,) = file.read(1) or (-1,)
        if byte < 0:
            raise ValueError('it ends within a number')
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value
    raise ValueError('a number of more than 64 bits')
