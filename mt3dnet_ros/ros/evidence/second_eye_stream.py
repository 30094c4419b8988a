"""The second eye of the frames: its topics, its calibration, and what is wrong with them."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from rclpy.node import Node

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.perception.frame import Frame
from mt3dnet_ros.perception.scale.evidence import RightEye
from mt3dnet_ros.ros.camera_info_subscription import CameraInfoSubscription
from mt3dnet_ros.ros.diagnostics import WARN, Finding
from mt3dnet_ros.ros.evidence.latest_pair import LatestPair
from mt3dnet_ros.ros.evidence.right_images import RightImages
from mt3dnet_ros.ros.image_subscription import ImageSubscription
from mt3dnet_ros.ros.latest_camera import LatestCamera
from mt3dnet_ros.ros.messages.encodings import ImageError
from mt3dnet_ros.ros.messages.headers import SECOND, stamp_to_ns
from mt3dnet_ros.ros.messages.images import ImageDecoder
from mt3dnet_ros.ros.monitoring.lasting import LastingProblems
from mt3dnet_ros.ros.topics.perception import RIGHT_CAMERA_INFO, RIGHT_IMAGES

if TYPE_CHECKING:
    from mt3dnet_ros.ros.parameters.perception import PerceptionParameters


class SecondEyeStream:
    """Gives the second eye's view of a frame, as often as it is due; images between are not decoded.

    :param left: camera of the frames
    :param reject: called with the reason for every message that cannot be used
    :param clock: a steady clock in seconds
    :raises CameraCalibrationError: the file of the pair cannot be used
    """

    def __init__(
        self,
        node: Node,
        parameters: PerceptionParameters,
        left: LatestCamera,
        reject: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        now, name = parameters, RIGHT_CAMERA_INFO.name
        self._reject = reject
        self._clock = clock
        self._camera = LatestCamera(now.rectified, reject, node.resolve_topic_name(name), name=name)
        self._pair = LatestPair(left, self._camera, now.rectified, now.stereo_calibration)
        self._decoder = ImageDecoder(now.image_bits, now.max_pixels, now.compressed_formats)
        self._arrivals = RightImages()
        self._problems = LastingProblems(clock)
        self._infos = CameraInfoSubscription(node, self._camera.update, RIGHT_CAMERA_INFO)
        self._images: ImageSubscription | None = None
        if not now.is_side_by_side:
            self._images = ImageSubscription(node, now.image_transport, now.image_qos, self._receive, RIGHT_IMAGES)
        self._last_image = clock()
        self._used = self._refused = 0
        self._half: np.ndarray | None = None
        self.apply(parameters)

    def apply(self, parameters: PerceptionParameters) -> None:
        """Work with other parameters from the next frame on."""
        self._parameters = parameters
        self._decoder.max_pixels, self._decoder.codecs = parameters.max_pixels, parameters.compressed_formats

    def begin(self, frame: Frame, half: np.ndarray | None) -> None:
        """Begin to work on a frame.

        :param half: what the second eye sees, where both eyes are in one image, (H, W, 3) uint8
        """
        self._half = half
        self._arrivals.begin(frame.stamp)

    def view(self, frame: Frame, camera: Camera) -> RightEye | None:
        """Return the second eye's view of the frame in work; None where it is not due, or there is none.

        :param camera: of the frame
        """
        if not self._is_due(frame.stamp):
            return None
        found = self._find(frame)
        if found is None:
            return None
        rgb, stamp = found
        pair = self._pair.fit(camera, rgb.shape[1], rgb.shape[0])
        self._problems.note('calibration of the second eye', '' if pair else self._pair.problem)
        if pair is None:
            return None
        self._used = frame.stamp
        return RightEye(rgb, stamp, pair)

    def follow_publishers(self) -> None:
        """Ask for what the publishers of now offer; to be called regularly."""
        self._infos.follow_publishers()
        if self._images is not None:
            self._images.follow_publishers()

    def findings(self) -> list[Finding]:
        """Return what is wrong with the second eye."""
        patience = self._parameters.no_image_warning
        subscriptions = (self._infos, self._images) if self._images else (self._infos,)
        wrong_types = [found for subscription in subscriptions for found in subscription.findings()]
        lasting = self._problems.after(patience)
        if silence := self._silence(patience):
            lasting = {'images of the second eye': silence}
        return [*wrong_types, *(Finding(kind, WARN, f'second eye: {text}') for kind, text in lasting.items())]

    def values(self) -> dict[str, str]:
        """Return what diagnostics show of the second eye."""
        counts = self._arrivals.counts()
        values = {'second eye calibration': self._pair.problem or self._camera.problem or 'usable'}
        if self._images is None:
            return values
        return values | {
            'right images received': str(counts.received),
            'right images used': str(counts.used - self._refused),
            'right images late': str(counts.late),
            'right images refused': str(self._refused),
            'frames without right image': str(counts.unpaired),
        }

    def forget(self) -> None:
        """Forget when it was used last."""
        self._used = 0

    def close(self) -> None:
        """Unsubscribe."""
        self._infos.close()
        if self._images is not None:
            self._images.close()

    def _receive(self, message: object) -> None:
        self._last_image = self._clock()
        self._arrivals.put(message)

    def _is_due(self, stamp: int) -> bool:
        if not self._used or not stamp or stamp < self._used:
            return True
        return (stamp - self._used) / SECOND >= self._parameters.second_eye_period

    def _find(self, frame: Frame) -> tuple[np.ndarray, int] | None:
        """Return the second eye's picture at the time of a frame, and its stamp."""
        if self._images is None:
            return None if self._half is None else (self._half, frame.stamp)
        message = self._arrivals.take(self._parameters.eye_tolerance)
        self._problems.note('pairs of both eyes', '' if message is not None else self._unpaired(frame))
        if message is None:
            return None
        try:
            return self._decoder(message), stamp_to_ns(message.header.stamp)
        except ImageError as error:
            self._refused += 1
            self._reject(f'second eye: {error}')
            return None

    def _unpaired(self, frame: Frame) -> str:
        """Return why the frame in work has no image of the second eye."""
        gap, allowed = self._arrivals.counts().gap, self._parameters.eye_tolerance
        if not frame.stamp or gap is None:
            return 'images have no stamp, so that it is not known which of both eyes belong together; stamp them'
        return (
            f'no image of the time of the first eye: the nearest is {1e3 * gap:.0f} ms away, more than eye_tolerance '
            f'{1e3 * allowed:.0f} ms; trigger both cameras together, or stamp their images by one clock'
        )

    def _silence(self, patience: float) -> str:
        silence = self._clock() - self._last_image
        if self._images is None or silence <= patience:
            return ''
        return f'no image for {silence:.0f} s on {self._images.describe()}; remap right/image, or set second_eye to off'
