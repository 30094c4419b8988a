"""A film of a surface that grows: what the camera sees, the same without instruments, and the surface from aside."""

from __future__ import annotations

import cv2
import numpy as np

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.media.video_writer import VideoWriter
from mt3dnet_ros.reconstruction.surface import TissueSurface

_BACKGROUND = 24  # grey where there is no surface
_SWING = np.radians(25.0)  # to either side
_PERIOD = 8.0  # seconds of a swing there and back
_USUAL_DISTANCE = 0.1  # metres, where nothing is in view yet


class SurfaceFilm:
    """Draws the film.

    :param video: of :meth:`size`
    :param camera: without distortion, of the size of each of the three pictures
    """

    def __init__(self, video: VideoWriter, camera: Camera) -> None:
        self._video, self._camera = video, camera

    @staticmethod
    def size(camera: Camera) -> tuple[int, int]:
        """Return the height and width of the film in pixels."""
        return camera.height, 3 * camera.width

    def add(self, rgb: np.ndarray, surface: TissueSurface, pose: np.ndarray, time: float) -> None:
        """Add a moment.

        :param rgb: (h, w, 3) uint8, what the camera sees
        :param pose: of the camera, (4, 4) from its optical frame to the surface's
        :param time: seconds
        """
        same = surface.look(self._camera, pose)
        beside = surface.look(self._camera, pose @ _swing(same.depth, time))
        panels = [
            rgb,
            *(np.where(look.depth[..., None] > 0.0, look.rgb, np.uint8(_BACKGROUND)) for look in (same, beside)),
        ]
        self._video.write(np.hstack(panels), round(1e9 * time))


def _swing(depth: np.ndarray, time: float) -> np.ndarray:
    """Return the motion, (4, 4), of a camera around what is in its middle."""
    distance = float(np.median(depth[depth > 0.0])) if (depth > 0.0).any() else _USUAL_DISTANCE
    angle = _SWING * np.sin(2.0 * np.pi * time / _PERIOD)
    motion = np.eye(4)
    motion[:3, :3] = cv2.Rodrigues(np.array([0.0, angle, 0.0]))[0]
    middle = np.array([0.0, 0.0, distance])
    motion[:3, 3] = middle - motion[:3, :3] @ middle
    return motion
