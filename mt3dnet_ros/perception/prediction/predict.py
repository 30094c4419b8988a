"""Run a network on pictures and write what it sees."""

from __future__ import annotations

import sys
from collections.abc import Callable
from itertools import islice

from tqdm import tqdm

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.media.calibration_file import CameraCalibrationError, fit_camera
from mt3dnet_ros.media.frame_source import SourceError
from mt3dnet_ros.media.pictures import Picture, Pictures
from mt3dnet_ros.perception.frame import Frame
from mt3dnet_ros.perception.perceiver import Perceiver, PerceptionError
from mt3dnet_ros.perception.prediction.files import PredictionFiles
from mt3dnet_ros.perception.scene import ALL_OUTPUTS, Scene

OUTPUTS = ALL_OUTPUTS - {'confidence', 'cloud', 'gaze'}


def perceive(perceiver: Perceiver, camera: Camera | None, clouds: bool, picture: Picture) -> Scene:
    """Return what is seen in a picture.

    :param camera: of the pictures, which may be of other sizes of the same aspect
    :param clouds: compute the cloud too, which takes a camera
    :raises SourceError, CameraCalibrationError, PerceptionError: the picture cannot be read, or not be worked on
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
    :raises CameraCalibrationError: the calibration does not even fit the first picture that can be read
    """
    total = min(pictures.count or sys.maxsize, limit or sys.maxsize)
    known = None if total == sys.maxsize else total
    bar = tqdm(islice(pictures, limit), 'predicting', known, unit='picture', disable=None)
    outcomes = [_predict_one(picture, see, files) for picture in bar]
    return [problem for problem in outcomes if problem]


def _predict_one(picture: Picture, see: Callable[[Picture], Scene], files: PredictionFiles) -> str:
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
