"""The camera of the images that come, from the newest CameraInfo."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Any

from sensor_msgs.msg import CameraInfo

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.geometry.displacement import displacement
from mt3dnet_ros.ros.messages.camera_info import CameraInfoError, fit_to_image, full_camera

TOLERANCE = 0.5  # pixels that a camera may move the picture while the one before it is kept
_NOTICED = 0.001  # pixels of focal length or principal point; less is rounding
_NOTICED_COEFFICIENT = 1e-6
_WINDOW = 5.0  # seconds
_CHANGES = 3  # in the window, that make a camera a changing one


class LatestCamera:
    """Keeps the newest CameraInfo and makes the camera of an image from it.

    A camera that hardly differs from the one before is not taken: rays and memory of the latter go on.

    :param rectified: the images are rectified
    :param on_error: called with the reason, once for every CameraInfo that cannot be used
    :param topic: of the CameraInfo, resolved
    :param clock: a steady clock in seconds
    :param name: of the topic as the node names it, which is what a user remaps
    """

    def __init__(
        self,
        rectified: bool,
        on_error: Callable[[str], None],
        topic: str = 'camera_info',
        clock: Callable[[], float] = time.monotonic,
        name: str = 'camera_info',
    ) -> None:
        self._rectified = rectified
        self._on_error = on_error
        self._topic = topic
        self._clock = clock
        self._numbers: tuple[Any, ...] = ()  # of the newest CameraInfo; replaced together with what follows from it
        self._full: Camera | CameraInfoError = CameraInfoError(
            f'no CameraInfo has arrived on {topic}; remap {name} to its topic, or run camera_info_source'
        )
        self._fitted: tuple[Camera | CameraInfoError, tuple[int, int]] | None = None  # what was fitted to which size
        self._camera: Camera | None = None  # of the last image
        self._changes: deque[tuple[float, Camera, Camera]] = deque()
        self.info: CameraInfo | None = None  # the newest that differs from the one before
        self.arrived = False
        self.problem = str(self._full)

    def update(self, info: CameraInfo) -> None:
        """Take a CameraInfo."""
        numbers = _numbers(info)
        if numbers != self._numbers:
            self._numbers, self._full = numbers, self._read(info)
            self.info = info
            self.arrived = True
            self.problem = str(self._full) if isinstance(self._full, CameraInfoError) else ''
        if isinstance(self._full, CameraInfoError):
            self._on_error(str(self._full))

    def fit(self, width: int, height: int) -> Camera | None:
        """Return the camera of an image of this size; None, with the reason in ``problem``, where there is none."""
        full, size = self._full, (width, height)
        if self._fitted != (full, size):
            self._fitted = full, size
            self._camera = self._fit(full, width, height)
        return self._camera

    @property
    def change(self) -> str:
        """How the camera changes, in words; empty where it stays."""
        while self._changes and self._changes[0][0] < self._clock() - _WINDOW:
            self._changes.popleft()
        if len(self._changes) < _CHANGES:
            return ''
        (_, first, _), (_, _, last) = self._changes[0], self._changes[-1]
        names = [name for name in ('fx', 'fy', 'cx', 'cy') if getattr(first, name) != getattr(last, name)]
        how = ', '.join(f'{name} {getattr(first, name):.2f} to {getattr(last, name):.2f}' for name in names)
        return (
            f'the camera on {self._topic} changed {len(self._changes)} times in {_WINDOW:.0f} s '
            f'({how or "and came back"} pixels): a zoom, or two publishers of one topic; rays are made anew whenever '
            f'the picture moves by more than {TOLERANCE:g} pixels'
        )

    def _read(self, info: CameraInfo) -> Camera | CameraInfoError:
        try:
            read = full_camera(info, self._rectified)
        except CameraInfoError as error:
            return error
        if isinstance(self._full, Camera) and _differ(self._full, read):
            self._changes.append((self._clock(), self._full, read))
        return read

    def _fit(self, full: Camera | CameraInfoError, width: int, height: int) -> Camera | None:
        if isinstance(full, CameraInfoError):
            return None
        try:
            camera = fit_to_image(full, width, height)
        except CameraInfoError as error:
            self.problem = str(error)
            self._on_error(self.problem)
            return None
        self.problem = ''
        kept = self._camera
        return kept if kept is not None and displacement(kept, camera) <= TOLERANCE else camera


def _numbers(info: CameraInfo) -> tuple[Any, ...]:
    """Return what tells one camera from another."""
    roi = info.roi
    window = roi.x_offset, roi.y_offset, roi.width, roi.height
    matrices = (values.tobytes() for values in (info.k, info.r, info.p))
    size = info.width, info.height, info.binning_x, info.binning_y
    return (*size, *window, info.distortion_model, bytes(info.d), *matrices)


def _differ(before: Camera, after: Camera) -> bool:
    """Return whether two cameras differ by more than rounding; ``displacement`` would cost more than is worth."""
    if (before.distortion_model, len(before.distortion)) != (after.distortion_model, len(after.distortion)):
        return True
    names = ('width', 'height', 'fx', 'fy', 'cx', 'cy')
    pixels = (abs(getattr(before, name) - getattr(after, name)) for name in names)
    coefficients = (abs(a - b) for a, b in zip(before.distortion, after.distortion, strict=True))
    return max(pixels) > _NOTICED or max(coefficients, default=0.0) > _NOTICED_COEFFICIENT
