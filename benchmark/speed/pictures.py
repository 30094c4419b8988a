"""The pictures that are shown, and the camera that is said to have taken them."""

from __future__ import annotations

import cv2
import numpy as np

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.media.open_source import open_source
from mt3dnet_ros.resources import package_file

_FOCAL = 0.8  # focal length by the width of a picture
_DISTORTION = (-0.2, 0.05, 0.0, 0.0)  # an endoscope's


def shipped_clip() -> str:
    """Return the path of the clip that ships with the package."""
    return str(package_file('config', 'demo', 'clip.mp4'))


def read_pictures(source: str, size: tuple[int, int], most: int) -> list[np.ndarray]:
    """Return the first pictures of a video or folder, rgb, at another size.

    :param size: width and height in pixels
    """
    pictures: list[np.ndarray] = []
    for picture in open_source(source):
        pictures.append(cv2.resize(picture.image, size, interpolation=cv2.INTER_AREA))
        if len(pictures) == most:
            break
    return pictures


def camera_of(size: tuple[int, int]) -> Camera:
    """Return the camera, with the distortion of an endoscope.

    :param size: width and height of its pictures in pixels
    """
    width, height = size
    focal = _FOCAL * width
    return Camera(width, height, focal, focal, width / 2, height / 2, 'plumb_bob', _DISTORTION)
