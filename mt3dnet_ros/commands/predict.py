"""Run a network on pictures and write what it sees: ``mt3dnet predict INPUT --output DIR``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from mt3dnet_ros.commands.arguments import positive, user_path
from mt3dnet_ros.commands.network import add_network_arguments, checkpoint_of
from mt3dnet_ros.errors import InputError
from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.media.calibration_file import read_camera
from mt3dnet_ros.media.pictures import open_pictures
from mt3dnet_ros.perception.loading import load
from mt3dnet_ros.perception.perceiver import Perceiver
from mt3dnet_ros.perception.prediction.files import PredictionFiles
from mt3dnet_ros.perception.prediction.predict import perceive, predict
from mt3dnet_ros.perception.settings import Settings

_MOST_NAMED = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
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
        help='of ROS, OpenCV, Kalibr or others, FILE#CAMERA of several cameras; without it depth is that of the '
        'canonical focal length',
    )
    parser.add_argument('--rectified', action='store_true', help='the pictures are rectified: use P of the calibration')
    parser.add_argument('--clouds', action='store_true', help='write point clouds too (PLY); needs --calibration')
    add_network_arguments(parser)
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
    pictures = open_pictures(arguments.input)
    _check_output(arguments.input, arguments.output, arguments.overwrite)
    camera = _read_camera(arguments)
    settings = Settings(score_threshold=arguments.score_threshold, overlay_saliency=arguments.overlay_saliency)
    perceiver = load(arguments.checkpoint, arguments.device, arguments.back_end, settings=settings)
    rate = pictures.rate if pictures.is_sequence else None
    about = _describe(arguments, perceiver)
    see = partial(perceive, perceiver, camera, arguments.clouds)
    with PredictionFiles(arguments.output, perceiver.taxonomy, rate, about) as files:
        problems = predict(pictures, see, files, arguments.limit)
    if files.written:
        print(f'predictions of {files.written} pictures: {arguments.output}')
        print(f'depth: {about["depth"]}')
    _report(problems, files.written)
    if losses := pictures.losses:
        print(f"'{arguments.input}' is damaged: {losses}", file=sys.stderr)
    return 1 if problems or losses else 0


def _check_output(source: Path, output: Path, overwrite: bool) -> None:
    if source.resolve().is_relative_to(output.resolve()):
        raise InputError(f"output '{output}' holds the input '{source}'; name another folder")
    if output.exists() and not output.is_dir():
        raise InputError(f"output '{output}' is not a folder; name another")
    if output.is_dir() and any(output.iterdir()) and not overwrite:
        raise InputError(f"output '{output}' is not empty; name another folder, or add --overwrite")


def _read_camera(arguments: argparse.Namespace) -> Camera | None:
    if arguments.calibration:
        return read_camera(arguments.calibration, arguments.rectified)
    for option in ('clouds', 'rectified'):
        if getattr(arguments, option):
            raise InputError(f'--{option} needs the camera of the pictures; add --calibration camera.yaml')
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
        'checkpoint': checkpoint_of(arguments).name,
        'taxonomy': perceiver.taxonomy.name,
        'parts': dict(enumerate(config.parts)),
        'depth': depth,
        'calibrated': arguments.calibration is not None,
        'score_threshold': arguments.score_threshold,
    }


def _report(problems: Sequence[str], written: int) -> None:
    if not problems:
        return
    print(f'{len(problems)} of {len(problems) + written} pictures could not be predicted on:', file=sys.stderr)
    for problem in problems[:_MOST_NAMED]:
        print(f'  {problem}', file=sys.stderr)
    if (more := len(problems) - _MOST_NAMED) > 0:
        print(f'  and {more} more', file=sys.stderr)
