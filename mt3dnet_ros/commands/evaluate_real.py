"""Judge a network on folders of real frames and the videos beside them: ``mt3dnet evaluate-real --data DIR``."""

from __future__ import annotations

import argparse

from mt3dnet_ros.commands.arguments import user_path
from mt3dnet_ros.commands.evaluate_video import add_perceiver_arguments, describe_perceiver, open_perceiver
from mt3dnet_ros.errors import InputError
from mt3dnet_ros.evaluation.evaluate_real import judge_blank_pictures, judge_folder
from mt3dnet_ros.evaluation.report import Section, write_report
from mt3dnet_ros.perception.perceiver import Perceiver

BLANK_PICTURES = 'blank_pictures'
"""What the report on pictures of nothing is called."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.description = (
        'Judge masks of instruments and of their parts on every folder of real frames: those that are labelled, what '
        'is called an instrument where there is none, whether masks stay the same when frames are mirrored, turned, '
        'zoomed or lit otherwise, and how much they flicker over a video in the same folder. Then judge pictures of '
        'nothing: blank ones, noise, bars, text. Example: '
        'mt3dnet evaluate-real --data ../shared/data/real_val --output ~/report'
    )
    parser.add_argument(
        '--data',
        required=True,
        type=user_path,
        metavar='DIR',
        help='its sub-folders have images/, and may have parts_masks/ and a video; see docs/train/evaluation.md',
    )
    parser.add_argument('--output', required=True, type=user_path, metavar='DIR', help='folder of the reports')
    add_perceiver_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Judge each folder and write a report on it, and one on pictures of nothing."""
    folders = sorted(images.parent for images in arguments.data.glob('*/images'))
    if not folders:
        raise InputError(f"no sub-folder of '{arguments.data}' has images/; docs/train/evaluation.md shows the layout")
    perceiver = open_perceiver(arguments)
    for folder in folders:
        _report(arguments, perceiver, folder.name, judge_folder(perceiver, folder))
    _report(arguments, perceiver, BLANK_PICTURES, [judge_blank_pictures(perceiver)])
    print('wrote', arguments.output)
    return 0


def _report(arguments: argparse.Namespace, perceiver: Perceiver, name: str, sections: list[Section]) -> None:
    output = arguments.output / name
    output.mkdir(parents=True, exist_ok=True)
    folder = name if name == BLANK_PICTURES else str(arguments.data / name)
    write_report(output, {'folder': folder} | describe_perceiver(arguments, perceiver), sections, {})
    _print_folder(name, sections)


def _print_folder(name: str, sections: list[Section]) -> None:
    for section in sections:
        values = [f'{metric} {found.value:.4f}' for metric, found in section.metrics.items()]
        for part, found in section.tables.get('classes', {}).items():
            values += [f'{part} {metric} {value.value:.4f}' for metric, value in found.items() if part != 'background']
        print(f'{name}: {section.name}: {section.skipped or ", ".join(values)}')
