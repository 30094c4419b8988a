"""What a checkpoint is, and its model card: ``mt3dnet card [FILE] [--write CARD]``."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from pathlib import Path

from mt3dnet_ros.commands.arguments import user_path
from mt3dnet_ros.errors import needs_extra
from mt3dnet_ros.json_text import JsonError, parse_json
from mt3dnet_ros.perception.checkpoint_header import CheckpointError, read_metadata
from mt3dnet_ros.perception.loading import SHIPPED_CHECKPOINT
from mt3dnet_ros.resources import package_file

_CARD = 'model_card'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.description = (
        "Print a checkpoint's facts (configuration, recipe, scores, calibration) and the model card that its file "
        'carries, or put a card into the file. Example: mt3dnet card net.safetensors --write model_card.md'
    )
    parser.add_argument('checkpoint', nargs='?', type=user_path, metavar='FILE', help='default: the one that ships')
    parser.add_argument('--write', type=user_path, metavar='CARD', help='text file to put into the checkpoint')


def run(arguments: argparse.Namespace) -> int:
    """Print or write the card."""
    path = arguments.checkpoint or package_file(*SHIPPED_CHECKPOINT)
    if arguments.write:
        write_card(path, _read_text(arguments.write))
        print('wrote', path)
    else:
        print('\n'.join(describe(read_metadata(path))))
    return 0


def write_card(checkpoint: Path, card: str) -> None:
    """Put a model card into a checkpoint's file, in place of the one it has; weights stay as they are.

    :raises CheckpointError: the file is no checkpoint of this package
    """
    with needs_extra('torch'):
        from mt3dnet_ros.perception.checkpoint import load_network, save_checkpoint

    network = load_network(checkpoint)
    save_checkpoint(checkpoint, network, network.config, read_metadata(checkpoint) | {_CARD: card})


def describe(metadata: Mapping[str, str]) -> Iterator[str]:
    """Yield the lines that tell a checkpoint's facts, of the strings in its header; the card comes last."""
    for section in sorted(metadata.keys() - {_CARD}):
        try:
            content = parse_json(metadata[section])
        except JsonError:
            content = metadata[section]
        if isinstance(content, dict):
            yield f'{section}:'
            yield from (f'  {key}: {value}' for key, value in content.items())
        else:
            yield f'{section}: {content}'
    yield f'\n{metadata[_CARD]}' if _CARD in metadata else 'model card: none'


def _read_text(path: Path) -> str:
    try:
        text = path.read_text(encoding='utf-8')
    except (OSError, UnicodeDecodeError) as error:
        raise CheckpointError(f"model card '{path}' cannot be read: {error}") from error
    if not text.strip():
        raise CheckpointError(f"model card '{path}' is empty")
    return text
