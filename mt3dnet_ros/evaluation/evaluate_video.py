"""Judge a network on a video without labels: ``mt3dnet evaluate-video VIDEO --output DIR``."""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Iterator
from itertools import islice
from typing import Any

import numpy as np
from tqdm import tqdm

from mt3dnet_ros import __version__
from mt3dnet_ros.commands.arguments import positive, user_path
from mt3dnet_ros.evaluation.report import Section, write_report
from mt3dnet_ros.evaluation.scorers.consistency import judge_consistency
from mt3dnet_ros.evaluation.scorers.flicker import judge_flicker
from mt3dnet_ros.media.pictures import Pictures, open_pictures
from mt3dnet_ros.perception.back_ends.back_end import BackEndError
from mt3dnet_ros.perception.back_ends.registry import BACK_ENDS
from mt3dnet_ros.perception.device import DeviceError
from mt3dnet_ros.perception.loading import SHIPPED_CHECKPOINT, load_perceiver
from mt3dnet_ros.perception.perceiver import Perceiver
from mt3dnet_ros.perception.settings import Settings
from mt3dnet_ros.resources import package_file


class VideoError(ValueError):
    """A video cannot be judged; the message says why."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.description = (
        'Say, without labels, how much masks flicker over a video, and whether they stay when its pictures are '
        'mirrored, zoomed and brightened. Example: mt3dnet evaluate-video clip.mp4 --output ~/report'
    )
    parser.add_argument('input', type=user_path, metavar='VIDEO', help='a video, or a folder with its frames')
    parser.add_argument('--output', type=user_path, required=True, metavar='DIR', help='folder of the report')
    parser.add_argument('--limit', type=positive, metavar='N', help='look at the first N frames alone')
    parser.add_argument(
        '--views-every', type=positive, default=20, metavar='N', help='change every Nth frame (default: %(default)s)'
    )
    add_network_arguments(parser)


def add_network_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare which network runs, and how."""
    parser.add_argument('--checkpoint', type=user_path, metavar='FILE', help='network (default: the one that ships)')
    parser.add_argument('--device', default='auto', help='auto, cpu, cuda or cuda:<index> (default: auto)')
    parser.add_argument('--back-end', default='torch', choices=BACK_ENDS, help='what runs the network (default: torch)')
    parser.add_argument(
        '--smoothing',
        type=float,
        default=Settings.mask_time_constant,
        metavar='SECONDS',
        help='time over which masks are smoothed where the picture rests; 0 does not smooth (default: %(default)s)',
    )


def run(arguments: argparse.Namespace) -> int:
    """Judge and write the report."""
    try:
        perceiver = open_perceiver(arguments)
        pictures = open_pictures(arguments.input)
        sections = judge_video(perceiver, pictures, arguments.limit, arguments.views_every)
    except (OSError, DeviceError, BackEndError) as error:
        raise VideoError(str(error)) from error
    arguments.output.mkdir(parents=True, exist_ok=True)
    setting = {'video': str(arguments.input)} | describe(arguments, perceiver)
    paths = write_report(arguments.output, setting, sections, {})
    for section in sections:
        print_section(section)
    print('wrote', *paths)
    return 0


def open_perceiver(arguments: argparse.Namespace) -> Perceiver:
    """Return the network that ``add_network_arguments`` asks for."""
    settings = Settings(mask_time_constant=arguments.smoothing)
    return load_perceiver(arguments.checkpoint or '', arguments.device, arguments.back_end, settings=settings)


def judge_video(perceiver: Perceiver, pictures: Pictures, limit: int | None, views_every: int) -> list[Section]:
    """Return the sections ``flicker`` and ``consistency`` of a video.

    :param limit: frames to look at, from the first; None for all
    :param views_every: each frame with a number that this divides, from 0, is seen in other views too
    :raises VideoError: the input is a single picture
    :raises SourceError: a picture cannot be decoded
    """
    if not pictures.is_sequence:
        raise VideoError('flicker needs a video or a folder of its frames, not a single picture')
    count = min(pictures.count or sys.maxsize, limit or sys.maxsize)
    bar = tqdm(_images(pictures, limit), 'video', None if count == sys.maxsize else count, unit='frame', disable=None)
    flicker = judge_flicker(perceiver, bar, pictures.rate)
    return [flicker, judge_consistency(perceiver, _images(pictures, limit, views_every))]


def describe(arguments: argparse.Namespace, perceiver: Perceiver) -> dict[str, Any]:
    """Return what a reader of a report has to know of the network."""
    checkpoint = arguments.checkpoint or package_file(*SHIPPED_CHECKPOINT)
    return {
        'checkpoint': checkpoint.name,
        'sha256': hashlib.sha256(checkpoint.read_bytes()).hexdigest(),
        'device': str(perceiver.device),
        'back end': arguments.back_end,
        'smoothing': f'{arguments.smoothing:g} s',
        'mt3dnet_ros': __version__,
    }


def print_section(section: Section) -> None:
    """Print a section's metrics, or why there are none."""
    if section.skipped:
        print(f'{section.name}: not evaluated, {section.skipped}')
    for name, metric in section.metrics.items():
        print(f'{section.name} {name}: {metric.value:.4f} (n = {metric.n} {metric.of})')


def _images(pictures: Pictures, limit: int | None, step: int = 1) -> Iterator[np.ndarray]:
    return (picture.read() for picture in islice(pictures, 0, limit, step))
