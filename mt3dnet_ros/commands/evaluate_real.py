"""Judge a network on folders of real frames and the videos beside them: ``mt3dnet evaluate-real --data DIR``."""

from __future__ import annotations

import argparse
import sys

from mt3dnet_ros.commands.arguments import user_path
from mt3dnet_ros.commands.evaluate_video import add_perceiver_arguments, describe_perceiver, open_perceiver
from mt3dnet_ros.errors import InputError
from mt3dnet_ros.evaluation.evaluate_real import judge_folder
from mt3dnet_ros.evaluation.report import Section, write_report


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.description = (
        'Judge masks of instruments and of their parts on every folder of labelled real frames, whether they stay the '
        'same when frames are mirrored, zoomed, brightened or darkened, and how much they flicker over a video in the '
        'same folder. Example: '
        'mt3dnet evaluate-real --data ../shared/data/real_val --output ~/report'
    )
    parser.add_argument(
        '--data',
        required=True,
        type=user_path,
        metavar='DIR',
        help='its sub-folders have images/ and parts_masks/, and may have a video; see docs/train/evaluation.md',
    )
    parser.add_argument('--output', required=True, type=user_path, metavar='DIR', help='folder of the reports')
    add_perceiver_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Judge each folder and write a report on it."""
    folders = [masks.parent for masks in sorted(arguments.data.glob('*/parts_masks'))]
    if not folders:
        raise InputError(
            f"no sub-folder of '{arguments.data}' has parts_masks/; docs/train/evaluation.md shows the layout"
        )
    if left_out := sorted(
        {images.parent.name for images in arguments.data.glob('*/images')} - {f.name for f in folders}
    ):
        print(f'no labels (parts_masks/), left out: {", ".join(left_out)}', file=sys.stderr)
    perceiver = open_perceiver(arguments)
    for folder in folders:
        sections = judge_folder(perceiver, folder)
        output = arguments.output / folder.name
        output.mkdir(parents=True, exist_ok=True)
        write_report(output, {'folder': str(folder)} | describe_perceiver(arguments, perceiver), sections, {})
        _print_folder(folder.name, sections)
    print('wrote', arguments.output)
    return 0


def _print_folder(name: str, sections: list[Section]) -> None:
    for section in sections:
        values = [f'{metric} {found.value:.4f}' for metric, found in section.metrics.items()]
        for part, found in section.tables.get('classes', {}).items():
            values += [f'{part} {metric} {value.value:.4f}' for metric, value in found.items() if part != 'background']
        print(f'{name}: {section.name}: {section.skipped or ", ".join(values)}')
