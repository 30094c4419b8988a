"""Run a network on pictures and write what it sees: ``mt3dnet predict INPUT ... --output DIR``."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from tqdm import tqdm

from mt3dnet_ros.commands.arguments import positive, user_path
from mt3dnet_ros.commands.options.network import add_network_arguments, add_threads_argument
from mt3dnet_ros.commands.options.ray import add_ray_arguments, needs_of_network, open_workers, told
from mt3dnet_ros.commands.options.scale import add_scale_arguments
from mt3dnet_ros.commands.predicting.one_input import count_pictures, predict_input
from mt3dnet_ros.commands.predicting.predictor import Predictor, load_for
from mt3dnet_ros.commands.predicting.sources import Source, check_sources, find_sources
from mt3dnet_ros.distribution.workers import ThisProcess
from mt3dnet_ros.perception.prediction.files import WRITTEN
from mt3dnet_ros.perception.settings import Settings

_MOST_COUNTED = 1000  # inputs that are opened beforehand, for the length of the bar


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        'inputs',
        nargs='+',
        type=user_path,
        metavar='INPUT',
        help='an image, a folder of images, a video, or a recording (.mcap, the folder of a bag, .db3, .bag); of '
        'several, each gets a place of its own in the output',
    )
    place = parser.add_mutually_exclusive_group(required=True)
    place.add_argument('--output', type=user_path, metavar='DIR', help='folder for the predictions')
    place.add_argument(
        '--record',
        type=user_path,
        metavar='OUT',
        help='of a recording: write another one, with all of its messages and beside them what a node perception would '
        'publish; a bag folder, or an MCAP file if it ends in .mcap; needs ROS 2',
    )
    parser.add_argument('--topic', default='', help='of a recording: topic of the images, where it has several')
    parser.add_argument(
        '--camera-info',
        default='',
        metavar='TOPIC',
        help='of a recording: topic of CameraInfo, where none is found',
    )
    parser.add_argument(
        '--overwrite',
        action='store_true',
        help='write into a folder that is not empty: files of the same name are replaced, others stay',
    )
    parser.add_argument(
        '--resume',
        action='store_true',
        help='go on with several inputs: those whose output is there, from an interrupted run, are left out',
    )
    parser.add_argument(
        '--calibration',
        type=user_path,
        metavar='FILE',
        help='of ROS, OpenCV, Kalibr or others, FILE#CAMERA of several cameras; without it depth is that of the '
        'canonical focal length',
    )
    parser.add_argument('--rectified', action='store_true', help='the pictures are rectified: use P of the calibration')
    parser.add_argument(
        '--outputs',
        type=_outputs,
        default=WRITTEN - {'cloud'},
        metavar='NAMES',
        help=f'what to write, with commas, of {", ".join(sorted(WRITTEN))} (default: all but cloud)',
    )
    parser.add_argument('--clouds', action='store_true', help='write the cloud too (PLY); needs --calibration')
    add_scale_arguments(parser)
    add_network_arguments(parser)
    add_threads_argument(parser)
    add_ray_arguments(parser, 'videos')
    parser.add_argument(
        '--score-threshold',
        type=float,
        default=Settings.score_threshold,
        metavar='SCORE',
        help='least score of a detection, 0 to 1 (default: %(default)s)',
    )
    parser.add_argument(
        '--type-threshold',
        type=float,
        default=Settings.type_threshold,
        metavar='PROBABILITY',
        help='least probability of its type by which an instrument is called; below it is other (default: %(default)s)',
    )
    parser.add_argument(
        '--view-threshold',
        type=float,
        default=Settings.view_threshold,
        metavar='PROBABILITY',
        help='least probability of a view that the network knows, below which nothing is here (default: %(default)s)',
    )
    parser.add_argument(
        '--track-memory',
        type=float,
        default=Settings.track_memory,
        metavar='SECONDS',
        help='for how long an instrument that is out of view keeps its id in a film; 0 follows none '
        '(default: %(default)s)',
    )
    parser.add_argument(
        '--overlay-saliency', action='store_true', help='draw saliency and scanpath too, where the network gives them'
    )
    parser.add_argument('--limit', type=positive, metavar='N', help='work on the first N pictures only')


def run(arguments: argparse.Namespace) -> int:
    """Predict, say what was written and what could not be; return 1 where a picture could not be predicted on."""
    sources = find_sources(arguments)
    check_sources(arguments, sources)
    if not sources:
        print(f'nothing is left to do: {arguments.output or arguments.record}')
        return 0
    if len(arguments.inputs) > 1 or arguments.ray:
        return _predict_side_by_side(arguments, sources)
    with _bar(None) as bar:

        def announce(count: int | None) -> None:
            bar.total = count

        load = partial(load_for, arguments)
        return predict_input(arguments, sources[0], load, print, bar.update, announce)


def _predict_side_by_side(arguments: argparse.Namespace, sources: Sequence[Source]) -> int:
    """Predict on each input by itself, here or on a cluster; what comes of one appears when it is whole."""
    status, needs = 0, needs_of_network(arguments)
    with _scratch(arguments) as scratch:
        paths = [scratch, arguments.inputs[0], arguments.checkpoint]
        with open_workers(arguments, needs, paths, ThisProcess()) as workers, _bar(_total(arguments, sources)) as bar:
            open_predictor = partial(Predictor, told(arguments, needs, workers), scratch)
            for outcome in workers.run(open_predictor, sources, bar.update):
                status |= outcome.status
                for text, is_problem in outcome.said:
                    bar.write(text, sys.stderr if is_problem else sys.stdout)
    return status


def _bar(total: int | None) -> tqdm:
    return tqdm(desc='predicting', total=total, unit='picture', disable=None)


def _total(arguments: argparse.Namespace, sources: Sequence[Source]) -> int | None:
    """Return the number of pictures; None where an input does not tell it."""
    if len(sources) > _MOST_COUNTED:
        return None
    counts = [count_pictures(arguments, source.path) for source in sources]
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None


@contextmanager
def _scratch(arguments: argparse.Namespace) -> Iterator[Path]:
    """Give a folder beside the results, in which they are made, and remove it."""
    folder = arguments.output or arguments.record.parent
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix='.partial-', dir=folder, ignore_cleanup_errors=True) as scratch:
        yield Path(scratch)


def _outputs(text: str) -> frozenset[str]:
    """Return the names of outputs that are given with commas.

    :raises argparse.ArgumentTypeError: a name is not known
    """
    names = frozenset(name.strip() for name in text.split(',')) - {''}
    if unknown := sorted(names - WRITTEN):
        raise argparse.ArgumentTypeError(f"'{unknown[0]}' is none of {', '.join(sorted(WRITTEN))}")
    if not names:
        raise argparse.ArgumentTypeError(f'name at least one of {", ".join(sorted(WRITTEN))}')
    return names
