"""What the simulated camera sees, as a video."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from mt3dnet_ros.demo.guidance.steps import Step
from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.geometry.rays import project
from mt3dnet_ros.media.video_writer import VideoWriter

_SIZE = 640  # of the video in pixels, along its width
_WHITE, _BLACK, _YELLOW = (255, 255, 255), (0, 0, 0), (255, 220, 0)


class Film(VideoWriter):
    """Takes pictures of the demo, with the centre, the target and the state of guidance drawn in.

    :param rate: pictures per second
    """

    def __init__(self, path: Path, rate: float, camera: Camera) -> None:
        self._camera = camera.resized(_SIZE, 2 * round(0.5 * _SIZE * camera.height / camera.width))
        super().__init__(path, rate, (self._camera.height, self._camera.width))

    def take(self, picture: np.ndarray, step: Step) -> None:
        """Append a picture (H, W, 3) uint8, red first."""
        size = self._camera.width, self._camera.height
        self.write(self._drawn(cv2.resize(picture, size, interpolation=cv2.INTER_CUBIC), step))

    def _drawn(self, picture: np.ndarray, step: Step) -> np.ndarray:
        height, width = picture.shape[:2]
        cv2.drawMarker(picture, (width // 2, height // 2), _WHITE, cv2.MARKER_CROSS, 24, 1, cv2.LINE_AA)
        column, row = project(self._camera, step.seen).round().astype(int).tolist()
        cv2.circle(picture, (column, row), 26, _YELLOW, 1, cv2.LINE_AA)
        cv2.circle(picture, (width // 2, height // 2), round(0.05 * width), _WHITE, 1, cv2.LINE_AA)
        for color, thickness in ((_BLACK, 3), (_WHITE, 1)):
            cv2.putText(
                picture,
                f'{step.time:5.2f} s  {step.state}',
                (12, height - 14),
                cv2.FONT_HERSHEY_SIMPLEX,
                0.6,
                color,
                thickness,
                cv2.LINE_AA,
            )
        return picture
