"""What ``mt3dnet predict`` is told of the scale of depth: diameters, a factor, the second eye."""

from __future__ import annotations

import argparse
import statistics
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from mt3dnet_ros.commands.arguments import user_path
from mt3dnet_ros.datasets.stereo_calibration import read_stereo_calibration
from mt3dnet_ros.errors import InputError
from mt3dnet_ros.geometry.stereo import StereoCamera
from mt3dnet_ros.media.paired_pictures import PairedPictures, SideBySidePictures
from mt3dnet_ros.media.pictures import Pictures, open_pictures
from mt3dnet_ros.perception.scale.depth_scale import DepthScale
from mt3dnet_ros.perception.settings import SECOND_EYE_USES, Settings

_MOST_REASONS = 5


def add_scale_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the scale may rest on."""
    group = parser.add_argument_group('scale of the depth', 'What it may rest on; docs/robot/metric.md explains it.')
    group.add_argument(
        '--shaft-diameter',
        action='append',
        default=[],
        metavar='[CLASS=]MM',
        help="diameter of the shafts, or of one class's, such as 8.6 or 'large needle driver=8.4+-0.1'; may be "
        'repeated (default: those of the label file)',
    )
    group.add_argument('--fixed-scale', type=float, default=0.0, metavar='FACTOR', help='measured for this camera')
    group.add_argument('--right', type=user_path, metavar='INPUT', help="the right eye's video, folder or image")
    group.add_argument('--side-by-side', action='store_true', help='the pictures have the left view in their left half')
    group.add_argument(
        '--right-calibration',
        type=user_path,
        metavar='FILE',
        help='of the right camera, where --calibration is that of the left one; its P holds the pair',
    )
    group.add_argument(
        '--stereo-calibration', type=user_path, metavar='FILE', help='of both cameras, in place of --calibration'
    )
    group.add_argument(
        '--second-eye',
        choices=SECOND_EYE_USES,
        default=Settings.second_eye,
        help='what it is used for: the scale alone (sparse), or the shape as well (dense) (default: %(default)s)',
    )


def scale_settings(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the settings that the arguments ask for."""
    diameters = tuple(text if '=' in text else f'all={text}' for text in arguments.shaft_diameter)
    return {
        'shaft_diameters': diameters,
        'fixed_scale': arguments.fixed_scale,
        'second_eye': arguments.second_eye,
    }


def check_scale_options(arguments: argparse.Namespace, is_recording: bool) -> None:
    """Refuse what does not fit together.

    :raises InputError: says what to do
    """
    has_eye = arguments.right is not None or arguments.side_by_side
    calibrated = arguments.stereo_calibration or (arguments.calibration and arguments.right_calibration)
    if arguments.right is not None and arguments.side_by_side:
        raise InputError('--right and --side-by-side are two ways to give the second eye; give one')
    if arguments.stereo_calibration and (arguments.calibration or arguments.right_calibration):
        raise InputError('--stereo-calibration holds both cameras; leave out --calibration and --right-calibration')
    if arguments.right_calibration and not arguments.calibration:
        raise InputError('--right-calibration is of the right camera; add --calibration, of the left one')
    if has_eye and is_recording:
        raise InputError('--right and --side-by-side are for pictures and videos, not for a recording')
    if has_eye and not calibrated:
        needed = '--stereo-calibration, or --calibration and --right-calibration'
        raise InputError(f'the second eye tells no scale without the calibration of the pair; add {needed}')
    if calibrated and not has_eye:
        raise InputError('the calibration of a pair needs its second eye; add --right or --side-by-side')


def with_second_eye(arguments: argparse.Namespace, pictures: Pictures) -> Pictures:
    """Return the pictures with what the second eye saw, where it is given."""
    if arguments.side_by_side:
        return SideBySidePictures(pictures)
    if arguments.right is None:
        return pictures
    return PairedPictures(pictures, open_pictures(arguments.right), Settings.eye_tolerance)


def read_pair(arguments: argparse.Namespace, pictures: Pictures) -> StereoCamera | None:
    """Return both cameras, in the geometry of the first picture; None without a second eye.

    :raises DatasetError: the calibration is none of a pair, or of pictures of another aspect
    """
    if arguments.right is None and not arguments.side_by_side:
        return None
    height, width = next(iter(pictures)).read().shape[:2]
    path, right = arguments.stereo_calibration or arguments.calibration, arguments.right_calibration
    return read_stereo_calibration(path, (width, height), right, arguments.rectified)


def describe_scales(scales: Sequence[DepthScale]) -> Iterator[str]:
    """Yield what the scale of pictures rests on, in lines for people."""
    if not scales:
        return
    known = [scale for scale in scales if not scale.is_guess]
    if known:
        factor, deviation = (statistics.median(values) for values in zip(*map(_numbers, known), strict=True))
        counts = Counter(name for scale in known for name in {source.name for source in scale.sources})
        names = ', '.join(f'{name} in {count}' for name, count in counts.most_common())
        yield f'scale: {names} of {len(scales)} pictures; x{factor:.3f} in the median, known to {deviation:.1%}'
    if len(known) < len(scales):
        yield f'scale: the guess of the network in {len(scales) - len(known)} of {len(scales)} pictures'
    yield from (f'  {text}' for text in _reasons(scales))


def _numbers(scale: DepthScale) -> tuple[float, float]:
    return scale.factor, scale.deviation


def _reasons(scales: Sequence[DepthScale]) -> Iterator[str]:
    conflicts = Counter(text for scale in scales for text in scale.conflicts)
    rejections = Counter(f'{no.source}: {no.reason}' for scale in scales for no in scale.rejections)
    for text, count in [*conflicts.most_common(_MOST_REASONS), *rejections.most_common(_MOST_REASONS)]:
        yield f'{text} ({count} times)'
