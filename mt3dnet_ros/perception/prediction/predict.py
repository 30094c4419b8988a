"""Run a network on pictures and write what it sees."""

from __future__ import annotations

import sys
from collections.abc import Callable, Set
from itertools import islice
from typing import Protocol

from tqdm import tqdm

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.media.calibration_file import CameraCalibrationError, fit_camera
from mt3dnet_ros.media.frame_source import SourceError
from mt3dnet_ros.media.pictures import Picture, Pictures
from mt3dnet_ros.perception.frame import Frame
from mt3dnet_ros.perception.perceiver import Perceiver, PerceptionError
from mt3dnet_ros.perception.scene import Scene


class PredictionSink(Protocol):
    """Takes what was seen in pictures."""

    @property
    def written(self) -> int:
        """Number of pictures whose predictions have been written."""

    def write(self, picture: Picture, scene: Scene) -> None:
        """Write what was seen in a picture."""


def perceive(perceiver: Perceiver, camera: Camera | None, outputs: Set[str], picture: Picture) -> Scene:
    """Return what is seen in a picture.

    :param camera: of the pictures, which may be of other sizes of the same aspect; None takes that of the picture
    :param outputs: names of what is computed beside the labels; the cloud takes a camera
    :raises SourceError, CameraCalibrationError, PerceptionError: the picture cannot be read, or not be worked on
    """
    rgb = picture.read()
    height, width = rgb.shape[:2]
    if camera is not None:
        camera = fit_camera(camera, width, height)
    elif picture.find_camera:
        camera = picture.find_camera(width, height)
    return perceiver(Frame(rgb, picture.stamp), camera, outputs | {'labels'})


def predict(
    pictures: Pictures, see: Callable[[Picture], Scene], files: PredictionSink, limit: int | None = None
) -> list[str]:
    """Predict on pictures one by one; return what is wrong with those that could not be predicted on.

    :param see: says what is seen in a picture
    :param limit: work on so many pictures at most
    :raises CameraCalibrationError: the calibration does not even fit the first picture that can be read
    """
    total = min(pictures.count or sys.maxsize, limit or sys.maxsize)
    known = None if total == sys.maxsize else total
    bar = tqdm(islice(pictures, limit), 'predicting', known, unit='picture', disable=None)
    outcomes = [_predict_one(picture, see, files) for picture in bar]
    return [problem for problem in outcomes if problem]


def _predict_one(picture: Picture, see: Callable[[Picture], Scene], files: PredictionSink) -> str:
    """Write what is seen in a picture, or return what is wrong with it."""
    try:
        scene = see(picture)
    except CameraCalibrationError as error:
        if not files.written:
            raise  # it belongs to another camera, rather than the picture to another size
        return f'{picture.file_name}: {error}'
    except SourceError as error:
        return str(error)
    except PerceptionError as error:
        return f'{picture.file_name}: {error}'
    files.write(picture, scene)
    return ''
