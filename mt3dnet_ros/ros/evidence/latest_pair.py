"""The stereo camera of the images that come."""

from __future__ import annotations

from typing import Any

from mt3dnet_ros.geometry.camera import Camera, CameraError
from mt3dnet_ros.geometry.stereo import StereoCamera
from mt3dnet_ros.media.calibration.stereo import StereoTransform, read_stereo_transform, stereo_transform
from mt3dnet_ros.media.calibration_file import CameraCalibrationError, read_pair_of_cameras
from mt3dnet_ros.ros.latest_camera import LatestCamera
from mt3dnet_ros.ros.messages.camera_info import info_from_calibration


class LatestPair:
    """Both cameras and how they stand to each other, by the newest CameraInfo of each, or by a file of the pair.

    :param left: camera of the frames
    :param right: camera of the second eye; takes what the file says of it, where it says that
    :param rectified: both images are rectified
    :param file: of the pair, with R and T; empty for R and P of both CameraInfo
    :raises CameraCalibrationError: the file cannot be used
    """

    def __init__(self, left: LatestCamera, right: LatestCamera, rectified: bool, file: str = '') -> None:
        self._left, self._right = left, right
        self._rectified = rectified
        self._of_file = read_stereo_transform(file) if file else None
        self._made_of: tuple[Any, ...] = ()
        self._pair: StereoCamera | None = None
        self._pair_problem = ''
        self.problem = ''
        if file:
            self._take_right_camera(file)

    def fit(self, left: Camera, width: int, height: int) -> StereoCamera | None:
        """Return the pair for images of both eyes; None, with the reason in ``problem``, where there is none.

        :param left: camera of the frame
        :param width: of the second eye's image, pixels (and ``height``)
        """
        right = self._right.fit(width, height)
        if right is None:
            self.problem = self._right.problem
            return None
        made_of = left, right, self._left.info, self._right.info
        if len(made_of) != len(self._made_of) or any(a is not b for a, b in zip(made_of, self._made_of, strict=True)):
            self._made_of = made_of
            self._pair, self._pair_problem = self._make(left, right)
        self.problem = self._pair_problem
        return self._pair

    def _make(self, left: Camera, right: Camera) -> tuple[StereoCamera | None, str]:
        try:
            transform = self._of_file or self._of_infos()
            transform = transform.rectified() if self._rectified else transform
            rotation, translation = map(float, transform.rotation.ravel()), map(float, transform.translation)
            x, y, z = translation
            return StereoCamera(left, right, tuple(rotation), (x, y, z)), ''
        except (CameraCalibrationError, CameraError) as error:
            return None, f'{error}; calibrate both eyes as a pair, or set stereo_calibration to a file with R and T'

    def _of_infos(self) -> StereoTransform:
        left, right = self._left.info, self._right.info
        if left is None or right is None:
            raise CameraCalibrationError('no CameraInfo has come of one of the eyes')
        return stereo_transform(*(list(map(float, matrix)) for matrix in (left.r, right.r, right.p)))

    def _take_right_camera(self, file: str) -> None:
        """Take the right camera from the file, where that has both cameras; else its CameraInfo has to come."""
        try:
            _, calibration = read_pair_of_cameras(file)
        except CameraCalibrationError:
            return
        self._right.update(info_from_calibration(calibration))
