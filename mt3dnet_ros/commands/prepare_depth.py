"""Make depth maps for training: ``mt3dnet prepare-depth --teacher FOLDER --output DIR``."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from mt3dnet_ros.commands.arguments import dataset_name, describe_datasets, user_path
from mt3dnet_ros.datasets.depth.alignment import AlignmentRules
from mt3dnet_ros.datasets.depth.matching import Matching
from mt3dnet_ros.datasets.depth.prepare import DepthMaker, Outcome, Scaling, prepare
from mt3dnet_ros.datasets.depth.sources import FolderFrames, FolderPairs
from mt3dnet_ros.datasets.depth.summary import NAME
from mt3dnet_ros.datasets.depth.teacher import Teacher
from mt3dnet_ros.datasets.frames import FrameSet
from mt3dnet_ros.datasets.registry import open_frames
from mt3dnet_ros.errors import InputError
from mt3dnet_ros.perception.device import choose_device

_NO_TEACHER = 'none'
_SHOWN = 5  # rejected frames that are named on the terminal
_SCALING, _RULES = Scaling(), AlignmentRules()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    _add_frames(parser)
    parser.add_argument(
        '--output',
        type=Path,
        required=True,
        help='folder for the maps; a run that was stopped continues when it is started again with the same arguments',
    )
    parser.add_argument(
        '--teacher',
        required=True,
        help='local folder of a Depth Anything (V1, V2) or DPT model as '
        f'transformers saves it; `{_NO_TEACHER}` writes only the depth of the stereo pair',
    )
    parser.add_argument('--device', default='auto', help='where the teacher runs: auto, cpu, cuda or cuda:<index>')
    _add_scaling(parser)


def _add_frames(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group('frames: a data set, or folders of images')
    which = group.add_mutually_exclusive_group(required=True)
    which.add_argument(
        '--dataset', type=dataset_name, metavar='NAME', help=f'{describe_datasets()}; needs --data, and takes --split'
    )
    which.add_argument('--images', type=Path, help='folder of (left) images')
    group.add_argument('--data', type=Path, help="the data set's folder")
    group.add_argument('--split', default='train', help='part of the data set (default: train)')
    group.add_argument('--right', type=Path, help='folder of right images, named as the left ones; with --calibration')
    group.add_argument(
        '--calibration',
        type=user_path,
        nargs='+',
        metavar='FILE',
        help='of both cameras, or of the left and the right one: of OpenCV, Kalibr, ROS or Intuitive',
    )


def _add_scaling(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group('metres: from the stereo pair, unless --limits or --metric is given')
    which = group.add_mutually_exclusive_group()
    which.add_argument(
        '--limits',
        type=float,
        nargs=2,
        metavar=('NEAREST', 'FARTHEST'),
        help='depths in metres that the nearest and the farthest 2 %% of each frame get',
    )
    which.add_argument('--metric', action='store_true', help="take a metric teacher's metres as they are")
    group.add_argument(
        '--reach',
        type=float,
        nargs=2,
        metavar=('NEAREST', 'FARTHEST'),
        help='depths in metres between which the stereo pair is matched; outside of them depth is unknown '
        f'(default: {_SCALING.reach[0]} {_SCALING.reach[1]})',
    )
    group.add_argument(
        '--match-columns',
        type=int,
        default=_SCALING.matching.columns,
        help=f'width in pixels to which larger images are reduced for matching (default: {_SCALING.matching.columns})',
    )
    group.add_argument(
        '--tolerance',
        type=float,
        default=_RULES.tolerance,
        help='relative error of depth up to which a pixel of the teacher counts as agreeing with the stereo pair '
        f'(default: {_RULES.tolerance})',
    )
    group.add_argument(
        '--least-share',
        type=float,
        default=_RULES.least_share,
        help='reject frames in which stereo depth is known for a smaller share of the pixels '
        f'(default: {_RULES.least_share})',
    )
    group.add_argument(
        '--least-inliers',
        type=float,
        default=_RULES.least_inliers,
        help='reject frames in which a smaller share of the pixels with stereo depth agrees with the teacher '
        f'(default: {_RULES.least_inliers})',
    )


def run(arguments: argparse.Namespace) -> int:
    """Prepare, and print what became of the frames; 1 where no frame has depth."""
    frames, scaling = _frames(arguments), _scaling(arguments)
    teacher = _teacher(arguments)
    settings = {'teacher': Path(arguments.teacher).name}  # without its folder, which may move
    outcome = prepare(frames, arguments.output, DepthMaker(scaling, teacher), settings)
    print('\n'.join(_report(outcome)))
    print(f'summary: {arguments.output / NAME}')
    return 1 if len(outcome.rejected) == len(outcome.facts) else 0


def _frames(arguments: argparse.Namespace) -> FrameSet:
    if arguments.dataset:
        if arguments.data is None:
            raise InputError(f'--dataset {arguments.dataset} needs --data, the folder that it lies in')
        return open_frames(arguments.dataset, arguments.data, arguments.split)
    if (arguments.right is None) != (arguments.calibration is None):
        raise InputError('--right and --calibration belong together; give both or none')
    if arguments.right is None:
        return FolderFrames(arguments.images)
    if len(arguments.calibration) > 2:
        raise InputError(f'--calibration takes one file or two, not {len(arguments.calibration)}')
    return FolderPairs(arguments.images, arguments.right, *arguments.calibration)


def _teacher(arguments: argparse.Namespace) -> Teacher | None:
    if arguments.teacher == _NO_TEACHER:
        return None
    return Teacher(arguments.teacher, choose_device(arguments.device))


def _scaling(arguments: argparse.Namespace) -> Scaling:
    matching = Matching(columns=arguments.match_columns)
    rules = AlignmentRules(arguments.tolerance, arguments.least_share, arguments.least_inliers)
    if arguments.limits and arguments.reach:
        raise InputError('--limits already says how far away the scene is; leave out --reach')
    source = 'limits' if arguments.limits else 'teacher' if arguments.metric else 'stereo'
    return Scaling(source, tuple(arguments.limits or arguments.reach or _SCALING.reach), matching, rules)


def _report(outcome: Outcome) -> Iterator[str]:
    facts, rejected = outcome.facts.values(), outcome.rejected
    yield (
        f'{len(facts)} frames: {len(facts) - len(rejected)} with depth, {len(rejected)} rejected '
        f'({outcome.skipped} were done by an earlier run)'
    )
    for name, reason in list(rejected.items())[:_SHOWN]:
        yield f'  rejected {name}: {reason}'
    if residuals := [fact['residual'] for fact in facts if 'residual' in fact]:
        yield f'fit: median relative error of inverse depth {np.median(residuals):.1%} (median over frames)'
    if rows := [fact['row_offset']['rows'] for fact in facts if 'row_offset' in fact]:
        yield (
            f'the right image was {np.median(rows):.1f} rows too low (median of {len(rows)} frames, '
            f'{min(rows):.1f} to {max(rows):.1f}); corrected'
        )
