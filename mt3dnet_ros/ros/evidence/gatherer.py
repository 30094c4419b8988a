"""All that is known beside the frames of a stream."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from rclpy.node import Node

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.media.calibration.stereo import read_stereo_transform
from mt3dnet_ros.perception.frame import Frame
from mt3dnet_ros.perception.scale.evidence import NO_EVIDENCE, Evidence
from mt3dnet_ros.ros.diagnostics import Finding
from mt3dnet_ros.ros.evidence.second_eye_stream import SecondEyeStream
from mt3dnet_ros.ros.evidence.tips import Tips
from mt3dnet_ros.ros.frames.hand_eye import read_hand_eye
from mt3dnet_ros.ros.latest_camera import LatestCamera

if TYPE_CHECKING:
    from mt3dnet_ros.ros.parameters.perception import PerceptionParameters


def check_files(parameters: PerceptionParameters) -> None:
    """Read the files that the parameters name.

    :raises CameraCalibrationError, HandEyeError: one cannot be used
    """
    if parameters.second_eye != 'off' and parameters.stereo_calibration:
        read_stereo_transform(parameters.stereo_calibration)
    if parameters.hand_eye and parameters.tip_topics:
        read_hand_eye(parameters.hand_eye, parameters.hand_eye_frame)


class EvidenceGatherer:
    """Subscribes to what the parameters name, for as long as it is not closed: the second eye, and the tools' tips.

    :param camera: of the frames
    :param reject: called with the reason for every message that cannot be used
    :raises CameraCalibrationError, HandEyeError: a file cannot be used
    """

    def __init__(
        self, node: Node, parameters: PerceptionParameters, camera: LatestCamera, reject: Callable[[str], None]
    ) -> None:
        used = parameters.second_eye != 'off'
        self._second_eye = SecondEyeStream(node, parameters, camera, reject) if used else None
        self._tips = Tips(node, parameters)

    def apply(self, parameters: PerceptionParameters) -> None:
        """Work with other parameters from the next frame on."""
        self._tips.apply(parameters)
        if self._second_eye is not None:
            self._second_eye.apply(parameters)

    def begin(self, frame: Frame, right_half: np.ndarray | None) -> None:
        """Begin to work on a frame; what belongs to it may still come until it is gathered.

        :param right_half: the second eye's picture, where both are in one image, (H, W, 3) uint8
        """
        if self._second_eye is not None:
            self._second_eye.begin(frame, right_half)

    def gather(self, frame: Frame, camera: Camera | None) -> Evidence:
        """Return what is known beside the frame in work.

        :param camera: of the frame; without one, nothing tells the scale
        """
        if camera is None:
            return NO_EVIDENCE
        right = self._second_eye.view(frame, camera) if self._second_eye is not None else None
        return Evidence(right, self._tips.at(frame))

    def forget(self) -> None:
        """Forget the frames before: a new stream begins."""
        if self._second_eye is not None:
            self._second_eye.forget()

    def follow_publishers(self) -> None:
        """Ask for what the publishers of now offer; to be called regularly."""
        if self._second_eye is not None:
            self._second_eye.follow_publishers()

    def findings(self) -> list[Finding]:
        """Return what is wrong with it."""
        return [*(self._second_eye.findings() if self._second_eye else []), *self._tips.findings()]

    def values(self) -> dict[str, str]:
        """Return what diagnostics show of it."""
        return {**(self._second_eye.values() if self._second_eye else {}), **self._tips.values()}

    def close(self) -> None:
        """Unsubscribe."""
        self._tips.close()
        if self._second_eye is not None:
            self._second_eye.close()
