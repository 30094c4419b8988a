"""Predict on one input: open it, see its pictures, write, and say how it went."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TextIO

from mt3dnet_ros.commands.options.network import checkpoint_of
from mt3dnet_ros.commands.options.scale import describe_scales, read_pair, scale_settings, with_second_eye
from mt3dnet_ros.commands.predicting.sources import Source
from mt3dnet_ros.distribution.workers import Report
from mt3dnet_ros.errors import InputError, MT3DNetError
from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.media.calibration_file import read_camera
from mt3dnet_ros.media.pictures import Pictures, open_pictures
from mt3dnet_ros.media.recordings.files import is_recording
from mt3dnet_ros.perception.perceiver import Perceiver
from mt3dnet_ros.perception.prediction.files import PredictionFiles
from mt3dnet_ros.perception.prediction.predict import RunSummary, perceive, predict
from mt3dnet_ros.perception.scene import ALL_OUTPUTS

if TYPE_CHECKING:
    from mt3dnet_ros.ros.recorded.output import PredictionRecording

_MOST_NAMED = 20


class Say(Protocol):
    """Takes what a user is told, as ``print`` does."""

    def __call__(self, text: str, /, *, file: TextIO | None = None) -> object:
        """Take a line."""


def predict_input(
    arguments: argparse.Namespace,
    source: Source,
    load: Callable[[], Perceiver],
    say: Say,
    report: Report,
    announce: Callable[[int | None], None] | None = None,
) -> int:
    """Predict, say what was written and what could not be; return 1 where a picture could not be predicted on.

    :param load: returns what sees, without memories; called when the input is open
    :param report: is told of pictures that are done
    :param announce: is told of their number beforehand; None where it is not known
    """
    with ExitStack() as opened:
        pictures, uncalibrated = _open_pictures(arguments, source.path, say, opened)
        cameras = read_pair(arguments, pictures) or _read_camera(arguments, source.path, uncalibrated, say)
        perceiver = load()
        about = _describe(arguments, perceiver, cameras is not None or not uncalibrated)
        sink: PredictionFiles | PredictionRecording
        if arguments.record:
            sink = opened.enter_context(_open_record(source.output, perceiver, pictures, arguments.overwrite, say))
        else:
            sink = opened.enter_context(_open_files(arguments, source.output, perceiver, pictures, about))
        if announce:
            announce(_length(pictures, arguments.limit))
        see = partial(perceive, perceiver, cameras, _wanted(arguments))
        outcome = predict(pictures, see, sink, arguments.limit, report)
    if sink.written:
        say(f'predictions of {sink.written} pictures: {source.name}')
        say(f'depth: {about["depth"]}')
    _describe_outcome(outcome, sink.written, pictures, source.path, say)
    return 1 if outcome.problems or pictures.losses else 0


def count_pictures(arguments: argparse.Namespace, path: Path) -> int | None:
    """Return how many pictures of an input will be predicted on; None where it does not tell, or cannot be opened."""
    try:
        with ExitStack() as opened:
            pictures, _ = _open_pictures(arguments, path, lambda *_, **__: None, opened)
            return _length(pictures, arguments.limit)
    except (MT3DNetError, OSError):  # which is said when it is its turn
        return None


def _length(pictures: Pictures, limit: int | None) -> int | None:
    return min(pictures.count, limit or pictures.count) or None


def _describe_outcome(outcome: RunSummary, written: int, pictures: Pictures, path: Path, say: Say) -> None:
    if written:
        for line in describe_scales(outcome.scales):
            say(line)
    if unpaired := getattr(pictures, 'unpaired', 0):
        say(f'no right picture belongs to {unpaired} left ones', file=sys.stderr)
    if outcome.nothing:
        say(f'nothing here, in {outcome.nothing} of them: blank, or no view that the network knows')
    _report(outcome.problems, written, say)
    if losses := pictures.losses:
        say(f"'{path}' is damaged: {losses}", file=sys.stderr)


def _open_pictures(arguments: argparse.Namespace, path: Path, say: Say, opened: ExitStack) -> tuple[Pictures, str]:
    """Return the pictures, and why they have no camera of their own; empty where they have one."""
    if not is_recording(path):
        return with_second_eye(arguments, open_pictures(path)), 'add --calibration camera.yaml'
    from mt3dnet_ros.media.recordings.reader import RecordingReader  # needs an extra
    from mt3dnet_ros.ros.recorded.pictures import RecordedPictures

    recording = opened.enter_context(RecordingReader(path))
    pictures = RecordedPictures(recording, arguments.topic, arguments.camera_info, arguments.rectified)
    say(f'images of {pictures.topic}, camera of {pictures.camera_info or "no topic"}')
    return pictures, pictures.uncalibrated


def _open_files(
    arguments: argparse.Namespace, folder: Path, perceiver: Perceiver, pictures: Pictures, about: dict[str, Any]
) -> PredictionFiles:
    rate = pictures.rate if pictures.is_sequence else None
    return PredictionFiles(folder, perceiver.taxonomy, rate, about, _wanted(arguments))


def _open_record(
    path: Path, perceiver: Perceiver, pictures: Pictures, overwrite: bool, say: Say
) -> PredictionRecording:
    try:
        from mt3dnet_ros.ros.recorded.output import PredictionRecording
    except ModuleNotFoundError as error:
        needed = f'--record needs ROS 2 and the messages of mt3dnet_ros ({error})'
        raise InputError(f'{needed}; source a workspace with them') from error
    from mt3dnet_ros.ros.recorded.pictures import RecordedPictures

    assert isinstance(pictures, RecordedPictures)  # _check_options refuses others
    record = PredictionRecording(path, pictures.recording, perceiver, overwrite)
    pictures.on_message = record.copy
    for topic, reason in record.left_out.items():
        say(f"'{topic}' is not copied: {reason}", file=sys.stderr)
    return record


def _wanted(arguments: argparse.Namespace) -> frozenset[str]:
    """Return the names of the outputs that are written."""
    if arguments.record:
        return ALL_OUTPUTS
    outputs: frozenset[str] = arguments.outputs
    return outputs | {'cloud'} if arguments.clouds else outputs


def _read_camera(arguments: argparse.Namespace, path: Path, uncalibrated: str, say: Say) -> Camera | None:
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
    if uncalibrated and is_recording(path):
        say(f'without a calibration: {uncalibrated}, or add --calibration camera.yaml', file=sys.stderr)
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
        'type_threshold': arguments.type_threshold,
        'view_threshold': arguments.view_threshold,
        'track_memory': arguments.track_memory,
        **scale_settings(arguments),
    }


def _report(problems: Sequence[str], written: int, say: Say) -> None:
    if not problems:
        return
    say(f'{len(problems)} of {len(problems) + written} pictures could not be predicted on:', file=sys.stderr)
    for problem in problems[:_MOST_NAMED]:
        say(f'  {problem}', file=sys.stderr)
    if (more := len(problems) - _MOST_NAMED) > 0:
        say(f'  and {more} more', file=sys.stderr)
