"""Run a network on pictures and write what it sees: ``mt3dnet predict INPUT --output DIR``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from tqdm import tqdm

from mt3dnet_ros.commands.arguments import positive, user_path
from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.media.calibration_file import (
    CalibrationError,
    camera_from_calibration,
    fit_camera,
    read_calibration_file,
)
from mt3dnet_ros.media.frame_source import SourceError
from mt3dnet_ros.media.pictures import Picture, Pictures, open_pictures
from mt3dnet_ros.perception.back_ends.back_end import BackEndError
from mt3dnet_ros.perception.back_ends.registry import BACK_ENDS
from mt3dnet_ros.perception.device import DeviceError
from mt3dnet_ros.perception.frame import Frame
from mt3dnet_ros.perception.loading import SHIPPED_CHECKPOINT, load_perceiver
from mt3dnet_ros.perception.perceiver import Perceiver, PerceptionError
from mt3dnet_ros.perception.prediction.files import PredictionFiles
from mt3dnet_ros.perception.scene import ALL_OUTPUTS, Scene
from mt3dnet_ros.perception.settings import Settings

OUTPUTS = ALL_OUTPUTS - {'confidence', 'cloud', 'gaze'}
_MOST_NAMED = 20


class PredictError(ValueError):
    """What was asked for cannot be done; the message says why."""


def perceive(perceiver: Perceiver, camera: Camera | None, clouds: bool, picture: Picture) -> Scene:
    """Return what is seen in a picture.

    :param camera: of the pictures, which may be of other sizes of the same aspect
    :param clouds: compute the cloud too, which takes a camera
    :raises SourceError, CalibrationError, PerceptionError: the picture cannot be read, or not be worked on
    """
    rgb = picture.read()
    fitted = camera and fit_camera(camera, rgb.shape[1], rgb.shape[0])
    return perceiver(Frame(rgb, picture.stamp), fitted, OUTPUTS | {'cloud'} if clouds else OUTPUTS)


def predict(
    pictures: Pictures, see: Callable[[Picture], Scene], files: PredictionFiles, limit: int | None = None
) -> list[str]:
    """Predict on pictures one by one; return what is wrong with those that could not be predicted on.

    :param see: says what is seen in a picture
    :param limit: work on so many pictures at most
    :raises CalibrationError: the calibration does not even fit the first picture that can be read
    """
    total = min(pictures.count or sys.maxsize, limit or sys.maxsize)
    known = None if total == sys.maxsize else total
    bar = tqdm(islice(pictures, limit), 'predicting', known, unit='picture', disable=None)
    outcomes = [_predict_one(picture, see, files) for picture in bar]
    if known and len(outcomes) < known:
        print(f'the input announces {known} pictures; {len(outcomes)} could be read', file=sys.stderr)
    return [problem for problem in outcomes if problem]


def _predict_one(picture: Picture, see: Callable[[Picture], Scene], files: PredictionFiles) -> str:
    """Write what is seen in a picture, or return what is wrong with it."""
    try:
        scene = see(picture)
    except CalibrationError as error:
        if not files.written:
            raise  # it belongs to another camera, rather than the picture to another size
        return f'{picture.file_name}: {error}'
    except (SourceError, PerceptionError) as error:
        return f'{picture.file_name}: {error}'
    files.write(picture, scene)
    return ''


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``mt3dnet predict``."""
    parser.add_argument('input', type=user_path, metavar='INPUT', help='an image, a folder of images, or a video')
    parser.add_argument('--output', type=user_path, required=True, metavar='DIR', help='folder for the predictions')
    parser.add_argument(
        '--overwrite',
        action='store_true',
        help='write into a folder that is not empty: files of the same name are replaced, others stay',
    )
    parser.add_argument(
        '--calibration',
        type=user_path,
        metavar='FILE',
        help='camera.yaml as ROS camera_calibration writes it; without it depth is that of the canonical focal length',
    )
    parser.add_argument('--rectified', action='store_true', help='the pictures are rectified: use P of the calibration')
    parser.add_argument('--clouds', action='store_true', help='write point clouds too (PLY); needs --calibration')
    parser.add_argument('--checkpoint', type=user_path, metavar='FILE', help='default: the one of the package')
    parser.add_argument('--device', default='auto', help='auto, cpu, cuda or cuda:<index> (default: %(default)s)')
    parser.add_argument('--back-end', choices=BACK_ENDS, default='torch', help='default: %(default)s')
    parser.add_argument(
        '--score-threshold',
        type=float,
        default=Settings.score_threshold,
        metavar='SCORE',
        help='least score of a detection, 0 to 1 (default: %(default)s)',
    )
    parser.add_argument(
        '--overlay-saliency', action='store_true', help='draw saliency and scanpath too, where the network gives them'
    )
    parser.add_argument('--limit', type=positive, metavar='N', help='work on the first N pictures only')


def run(arguments: argparse.Namespace) -> int:
    """Predict, say what was written and what could not be; return 1 where a picture could not be predicted on."""
    try:
        return _run(arguments)
    except (OSError, DeviceError, BackEndError) as error:
        raise PredictError(str(error)) from error


def _run(arguments: argparse.Namespace) -> int:
    pictures = open_pictures(arguments.input)
    _check_output(arguments.input, arguments.output, arguments.overwrite)
    camera = _read_camera(arguments)
    settings = Settings(score_threshold=arguments.score_threshold, overlay_saliency=arguments.overlay_saliency)
    perceiver = load_perceiver(arguments.checkpoint or '', arguments.device, arguments.back_end, settings=settings)
    rate = pictures.rate if pictures.is_sequence else None
    about = _describe(arguments, perceiver)
    see = partial(perceive, perceiver, camera, arguments.clouds)
    with PredictionFiles(arguments.output, perceiver.taxonomy, rate, about) as files:
        problems = predict(pictures, see, files, arguments.limit)
    if files.written:
        print(f'predictions of {files.written} pictures: {arguments.output}')
        print(f'depth: {about["depth"]}')
    return _report(problems, files.written)


def _check_output(source: Path, output: Path, overwrite: bool) -> None:
    if source.resolve().is_relative_to(output.resolve()):
        raise PredictError(f"output '{output}' holds the input '{source}'; name another folder")
    if output.exists() and not output.is_dir():
        raise PredictError(f"output '{output}' is not a folder; name another")
    if output.is_dir() and any(output.iterdir()) and not overwrite:
        raise PredictError(f"output '{output}' is not empty; name another folder, or add --overwrite")


def _read_camera(arguments: argparse.Namespace) -> Camera | None:
    if arguments.calibration:
        return camera_from_calibration(read_calibration_file(arguments.calibration), arguments.rectified)
    for option in ('clouds', 'rectified'):
        if getattr(arguments, option):
            raise PredictError(f'--{option} needs the camera of the pictures; add --calibration camera.yaml')
    return None


def _describe(arguments: argparse.Namespace, perceiver: Perceiver) -> dict[str, Any]:
    """Return what a reader of the files has to know besides."""
    depth, config = 'metres along the optical axis, NaN where unknown', perceiver.config
    if not arguments.calibration:
        height, width = config.input_size
        depth += (
            f'; without a calibration it is that of a focal length of {config.canonical_focal:g} pixels at the '
            f"network's input of {width} x {height}, so its scale is not this camera's"
        )
    return {
        'checkpoint': (arguments.checkpoint or Path(SHIPPED_CHECKPOINT[-1])).name,
        'taxonomy': perceiver.taxonomy.name,
        'parts': dict(enumerate(config.parts)),
        'depth': depth,
        'calibrated': arguments.calibration is not None,
        'score_threshold': arguments.score_threshold,
    }


def _report(problems: Sequence[str], written: int) -> int:
    if not problems:
        return 0
    print(f'{len(problems)} of {len(problems) + written} pictures could not be predicted on:', file=sys.stderr)
    for problem in problems[:_MOST_NAMED]:
        print(f'  {problem}', file=sys.stderr)
    if (more := len(problems) - _MOST_NAMED) > 0:
        print(f'  and {more} more', file=sys.stderr)
    return 1
