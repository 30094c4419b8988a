"""Run a network on pictures and write what it sees: ``mt3dnet predict INPUT --output DIR``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

from mt3dnet_ros.commands.arguments import positive, user_path
from mt3dnet_ros.commands.network import add_network_arguments, checkpoint_of
from mt3dnet_ros.errors import InputError
from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.media.calibration_file import read_camera
from mt3dnet_ros.media.pictures import Pictures, open_pictures
from mt3dnet_ros.media.recordings.files import is_recording
from mt3dnet_ros.perception.loading import load
from mt3dnet_ros.perception.perceiver import Perceiver
from mt3dnet_ros.perception.prediction.files import WRITTEN, PredictionFiles
from mt3dnet_ros.perception.prediction.predict import PredictionSink, perceive, predict
from mt3dnet_ros.perception.scene import ALL_OUTPUTS
from mt3dnet_ros.perception.settings import Settings

_MOST_NAMED = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        'input',
        type=user_path,
        metavar='INPUT',
        help='an image, a folder of images, a video, or a recording (.mcap, the folder of a bag, .db3, .bag)',
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
    _check_options(arguments)
    with ExitStack() as opened:
        pictures, uncalibrated = _open_pictures(arguments, opened)
        camera = _read_camera(arguments, uncalibrated)
        settings = Settings(score_threshold=arguments.score_threshold, overlay_saliency=arguments.overlay_saliency)
        perceiver = load(arguments.checkpoint, arguments.device, arguments.back_end, settings=settings)
        about = _describe(arguments, perceiver, camera is not None or not uncalibrated)
        sink = _open_sink(arguments, perceiver, pictures, about, opened)
        see = partial(perceive, perceiver, camera, _wanted(arguments))
        problems = predict(pictures, see, sink, arguments.limit)
    if sink.written:
        print(f'predictions of {sink.written} pictures: {arguments.output or arguments.record}')
        print(f'depth: {about["depth"]}')
    _report(problems, sink.written)
    if losses := pictures.losses:
        print(f"'{arguments.input}' is damaged: {losses}", file=sys.stderr)
    return 1 if problems or losses else 0


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


def _check_options(arguments: argparse.Namespace) -> None:
    if not is_recording(arguments.input):
        for option in ('record', 'topic', 'camera_info'):
            if getattr(arguments, option):
                raise InputError(f"--{option.replace('_', '-')} is for recordings, which '{arguments.input}' is not")
    if arguments.output:
        _check_output(arguments.input, arguments.output, arguments.overwrite)


def _open_pictures(arguments: argparse.Namespace, opened: ExitStack) -> tuple[Pictures, str]:
    """Return the pictures, and why they have no camera of their own; empty where they have one."""
    if not is_recording(arguments.input):
        return open_pictures(arguments.input), 'add --calibration camera.yaml'
    from mt3dnet_ros.media.recordings.reader import RecordingReader  # needs an extra
    from mt3dnet_ros.ros.recorded.pictures import RecordedPictures

    recording = opened.enter_context(RecordingReader(arguments.input))
    pictures = RecordedPictures(recording, arguments.topic, arguments.camera_info, arguments.rectified)
    print(f'images of {pictures.topic}, camera of {pictures.camera_info or "no topic"}')
    return pictures, pictures.uncalibrated


def _open_sink(
    arguments: argparse.Namespace, perceiver: Perceiver, pictures: Pictures, about: dict[str, Any], opened: ExitStack
) -> PredictionSink:
    if arguments.record:
        return _open_record(arguments, perceiver, pictures, opened)
    rate = pictures.rate if pictures.is_sequence else None
    return opened.enter_context(PredictionFiles(arguments.output, perceiver.taxonomy, rate, about, _wanted(arguments)))


def _open_record(
    arguments: argparse.Namespace, perceiver: Perceiver, pictures: Pictures, opened: ExitStack
) -> PredictionSink:
    try:
        from mt3dnet_ros.ros.recorded.output import PredictionRecording
    except ModuleNotFoundError as error:
        needed = f'--record needs ROS 2 and the messages of mt3dnet_ros ({error})'
        raise InputError(f'{needed}; source a workspace with them') from error
    from mt3dnet_ros.ros.recorded.pictures import RecordedPictures

    assert isinstance(pictures, RecordedPictures)  # _check_options refuses others
    record = PredictionRecording(arguments.record, pictures.recording, perceiver, arguments.overwrite)
    pictures.on_message = record.copy
    for topic, reason in record.left_out.items():
        print(f"'{topic}' is not copied: {reason}", file=sys.stderr)
    return opened.enter_context(record)


def _wanted(arguments: argparse.Namespace) -> frozenset[str]:
    """Return the names of the outputs that are written."""
    if arguments.record:
        return ALL_OUTPUTS
    outputs: frozenset[str] = arguments.outputs
    return outputs | {'cloud'} if arguments.clouds else outputs


def _check_output(source: Path, output: Path, overwrite: bool) -> None:
    if source.resolve().is_relative_to(output.resolve()):
        raise InputError(f"output '{output}' holds the input '{source}'; name another folder")
    if output.exists() and not output.is_dir():
        raise InputError(f"output '{output}' is not a folder; name another")
    if output.is_dir() and any(output.iterdir()) and not overwrite:
        raise InputError(f"output '{output}' is not empty; name another folder, or add --overwrite")


def _read_camera(arguments: argparse.Namespace, uncalibrated: str) -> Camera | None:
    if arguments.calibration:
        return read_camera(arguments.calibration, arguments.rectified)
    without = {
        '--clouds': arguments.clouds,
        '--outputs cloud': 'cloud' in arguments.outputs,
        '--rectified': arguments.rectified,
    }
    for option, given in without.items():
        if given and uncalibrated:
            raise InputError(f'{option} needs the camera of the pictures; {uncalibrated}')
    if uncalibrated and is_recording(arguments.input):
        print(f'without a calibration: {uncalibrated}, or add --calibration camera.yaml', file=sys.stderr)
    return None


def _describe(arguments: argparse.Namespace, perceiver: Perceiver, calibrated: bool) -> dict[str, Any]:
    """Return what a reader of the files has to know besides."""
    depth, config = 'metres along the optical axis, NaN where unknown', perceiver.config
    if not calibrated:
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
        'calibrated': calibrated,
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
