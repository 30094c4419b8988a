"""Judge a network on a video without labels: ``mt3dnet evaluate-video VIDEO --output DIR``."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from mt3dnet_ros.commands.arguments import positive, user_path
from mt3dnet_ros.commands.options.network import add_network_arguments, checkpoint_of, describe_network
from mt3dnet_ros.evaluation.evaluate_video import judge_video
from mt3dnet_ros.evaluation.report import Section, write_report
from mt3dnet_ros.media.pictures import open_pictures
from mt3dnet_ros.perception.back_ends.relay import BackEndRelay
from mt3dnet_ros.perception.loading import load
from mt3dnet_ros.perception.perceiver import Perceiver
from mt3dnet_ros.perception.settings import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.description = (
        'Measure, without labels, how much masks flicker over a video, and whether they stay the same when its frames '
        'are mirrored, turned, zoomed or lit otherwise. Example: mt3dnet evaluate-video clip.mp4 --output ~/report'
    )
    parser.add_argument('input', type=user_path, metavar='VIDEO', help='a video, or a folder with its frames')
    parser.add_argument('--output', type=user_path, required=True, metavar='DIR', help='folder of the report')
    parser.add_argument('--limit', type=positive, metavar='N', help='look at the first N frames only')
    parser.add_argument(
        '--views-every',
        type=positive,
        default=20,
        metavar='N',
        help='compare every Nth frame with its changed copies (default: %(default)s)',
    )
    add_perceiver_arguments(parser)


def add_perceiver_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare which network runs, and how its masks are smoothed."""
    add_network_arguments(parser)
    parser.add_argument(
        '--smoothing',
        type=float,
        default=Settings.mask_time_constant,
        metavar='SECONDS',
        help='time over which masks are smoothed where the picture rests; 0: not at all (default: %(default)s)',
    )


def run(arguments: argparse.Namespace) -> int:
    """Judge and write the report."""
    perceiver = open_perceiver(arguments)
    pictures = open_pictures(arguments.input)
    sections = judge_video(perceiver, pictures, arguments.limit, arguments.views_every)
    arguments.output.mkdir(parents=True, exist_ok=True)
    setting = {'video': str(arguments.input)} | describe_perceiver(arguments, perceiver)
    paths = write_report(arguments.output, setting, sections, {})
    for section in sections:
        _print_section(section)
    print('wrote', *paths)
    if pictures.losses:
        print(f"'{arguments.input}' is damaged: {pictures.losses}", file=sys.stderr)
    return 1 if pictures.losses else 0


def open_perceiver(arguments: argparse.Namespace) -> Perceiver:
    """Return the perceiver that ``add_perceiver_arguments`` asks for."""
    settings = Settings(mask_time_constant=arguments.smoothing)
    return load(checkpoint_of(arguments), arguments.device, arguments.back_end, settings=settings)


def describe_perceiver(arguments: argparse.Namespace, perceiver: Perceiver) -> dict[str, Any]:
    """Return what a reader of a report has to know of the network."""
    back_end = perceiver.back_end
    name = back_end.name if isinstance(back_end, BackEndRelay) else arguments.back_end
    return describe_network(arguments, back_end.device, name) | {'smoothing': f'{arguments.smoothing:g} s'}


def _print_section(section: Section) -> None:
    if section.skipped:
        print(f'{section.name}: not evaluated, {section.skipped}')
    for name, metric in section.metrics.items():
        print(f'{section.name} {name}: {metric.value:.4f} (n = {metric.n} {metric.of})')
