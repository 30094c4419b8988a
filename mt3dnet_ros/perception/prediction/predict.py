"""Run a network on pictures and write what it sees."""

from __future__ import annotations

from collections.abc import Callable, Set
from dataclasses import replace
from itertools import islice
from typing import NamedTuple, Protocol

import numpy as np

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.geometry.stereo import StereoCamera
from mt3dnet_ros.media.calibration_file import CameraCalibrationError, fit_camera
from mt3dnet_ros.media.frame_source import SourceError
from mt3dnet_ros.media.pictures import Picture, Pictures
from mt3dnet_ros.perception.frame import Frame
from mt3dnet_ros.perception.perceiver import Perceiver, PerceptionError
from mt3dnet_ros.perception.scale.depth_scale import DepthScale
from mt3dnet_ros.perception.scale.evidence import NO_EVIDENCE, Evidence, RightEye
from mt3dnet_ros.perception.scene import Scene


class PredictionSink(Protocol):
    """Takes what was seen in pictures."""

    @property
    def written(self) -> int:
        """Number of pictures whose predictions have been written."""

    def write(self, picture: Picture, scene: Scene) -> None:
        """Write what was seen in a picture."""


class RunSummary(NamedTuple):
    """How a run over pictures went.

    :param problems: what is wrong with those that could not be predicted on
    :param nothing: number of those that are blank, or no view that the network knows
    :param scales: of the depth of the others, where they have a camera
    """

    problems: list[str]
    nothing: int
    scales: list[DepthScale]


def perceive(perceiver: Perceiver, cameras: Camera | StereoCamera | None, outputs: Set[str], picture: Picture) -> Scene:
    """Return what is seen in a picture.

    :param cameras: of the pictures, or of both eyes; pictures may be of other sizes of the same aspect. None takes that
        of the picture
    :param outputs: names of what is computed beside the labels; the cloud takes a camera
    :raises SourceError, CameraCalibrationError, PerceptionError: the picture cannot be read, or not be worked on
    """
    rgb = picture.read()
    height, width = rgb.shape[:2]
    camera, evidence = None, NO_EVIDENCE
    if isinstance(cameras, StereoCamera):
        camera = fit_camera(cameras.left, width, height)
        if picture.read_right:
            evidence = Evidence(_right_eye(cameras.resized(width, height), picture.read_right(), picture.stamp))
    elif cameras is not None:
        camera = fit_camera(cameras, width, height)
    elif picture.find_camera:
        camera = picture.find_camera(width, height)
    needed = {'labels', 'scale', 'detections'} if 'tracks' in outputs else {'labels', 'scale'}
    return perceiver(Frame(rgb, picture.stamp), camera, outputs | needed, evidence)


def _right_eye(pair: StereoCamera, rgb: np.ndarray, stamp: int) -> RightEye:
    height, width = rgb.shape[:2]
    if (width, height) != (pair.right.width, pair.right.height):
        raise PerceptionError(
            f'the right picture has {width} x {height} pixels, the left one {pair.left.width} x {pair.left.height}; '
            'both eyes must have one size'
        )
    return RightEye(rgb, stamp, pair)


def predict(
    pictures: Pictures,
    see: Callable[[Picture], Scene],
    files: PredictionSink,
    limit: int | None = None,
    report: Callable[[int], object] = int,
) -> RunSummary:
    """Predict on pictures one by one.

    :param see: says what is seen in a picture
    :param limit: work on so many pictures at most
    :param report: is told of each picture that is done
    :raises CameraCalibrationError: the calibration does not even fit the first picture that can be read
    """
    outcomes = []
    for picture in islice(pictures, limit):
        outcomes.append(_predict_one(picture, see, files))
        report(1)
    return RunSummary(
        [outcome.problem for outcome in outcomes if outcome.problem],
        sum(outcome.nothing for outcome in outcomes),
        [outcome.scale for outcome in outcomes if outcome.scale],
    )


class _Outcome(NamedTuple):
    """Of one picture: what is wrong with it, whether there is nothing here, and the scale of its depth."""

    problem: str = ''
    nothing: bool = False
    scale: DepthScale | None = None


def _predict_one(picture: Picture, see: Callable[[Picture], Scene], files: PredictionSink) -> _Outcome:
    """Write what is seen in a picture."""
    try:
        scene = see(picture)
    except CameraCalibrationError as error:
        if not files.written:
            raise  # it belongs to another camera, rather than the picture to another size
        return _Outcome(f'{picture.file_name}: {error}')
    except SourceError as error:
        return _Outcome(str(error))
    except PerceptionError as error:
        return _Outcome(f'{picture.file_name}: {error}')
    files.write(picture, scene)
    if scene.nothing or scene.camera is None or scene.scale is None:
        return _Outcome(nothing=bool(scene.nothing))
    return _Outcome(scale=replace(scene.scale, shape=None))
