"""The images of a recording as pictures to predict on, each with its stamp and its camera."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import islice, pairwise
from statistics import median_low
from typing import Any

import numpy as np

from mt3dnet_ros.errors import InputError
from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.media.frame_source import DEFAULT_RATE, FrameLosses, SourceError
from mt3dnet_ros.media.pictures import Picture
from mt3dnet_ros.media.recordings.message import StoredMessage, UnreadableRecordingError
from mt3dnet_ros.media.recordings.reader import RecordingReader
from mt3dnet_ros.ros.messages.camera_info import CameraInfoError, camera_from_info
from mt3dnet_ros.ros.messages.encodings import ImageError
from mt3dnet_ros.ros.messages.headers import StampError, stamp_to_ns
from mt3dnet_ros.ros.messages.images import ImageDecoder
from mt3dnet_ros.ros.recorded.streams import CAMERA_INFO, choose_camera_info, choose_images, first_message

_LOOKED_AT = 50  # images from whose stamps the rate is taken
_RATES = (1.0, 1000.0)  # of a film of the images, per second


@dataclass(frozen=True)
class RecordedPicture(Picture):
    """A picture with what its message says besides.

    :param frame_id: of the camera
    :param received: nanoseconds of the recorder's clock
    """

    frame_id: str = ''
    received: int = 0


@dataclass
class RecordingLosses(FrameLosses):
    """What could not be had of a recording, some of it perhaps of other topics, or of unknown extent."""

    def __bool__(self) -> bool:
        return bool(self.missing or self.damaged or self.reasons)

    def __str__(self) -> str:
        return super().__str__() if self.missing or self.damaged else '; '.join(self.reasons)


class RecordedPictures:
    """The images of one topic of a recording, named by their six-digit number, from 000000.

    The camera of an image is that of the newest CameraInfo before it, or of the first one.

    :param topic: of the images; empty where there is only one
    :param camera_info: topic of the CameraInfo; empty finds it
    :param rectified: the images are rectified
    :param on_message: called with every message of the recording, before the picture is given that it may hold; None
        leaves the other topics unread
    :raises InputError: no topic can be chosen
    """

    is_sequence = True

    def __init__(
        self,
        recording: RecordingReader,
        topic: str = '',
        camera_info: str = '',
        rectified: bool = False,
        on_message: Callable[[StoredMessage], None] | None = None,
    ) -> None:
        self.recording = recording
        self.on_message = on_message
        self.topic = choose_images(recording, topic)
        self._rectified = rectified
        self._first_image = first_message(recording, self.topic)
        frame_id = self._first_image.header.frame_id if self._first_image else ''
        self.camera_info = camera_info or choose_camera_info(recording, self.topic, frame_id)
        if camera_info and camera_info not in (infos := recording.names_of(CAMERA_INFO)):
            listed = ', '.join(infos) or 'none'
            raise InputError(f"'{recording.path}' has no CameraInfo on the topic '{camera_info}' (it has: {listed})")
        self._first_info = first_message(recording, self.camera_info) if self.camera_info else None
        self.count = recording.counts[self.topic]
        self.rate = self._find_rate()
        self.losses: FrameLosses = RecordingLosses()

    @cached_property
    def uncalibrated(self) -> str:
        """Why no picture has a camera; empty where they have one."""
        info, image = self._first_info, self._first_image
        if info is None:
            others = ', '.join(self.recording.names_of(CAMERA_INFO)) or 'none'
            return f"no CameraInfo belongs to '{self.topic}' (topics of CameraInfo: {others}); name it by --camera-info"
        try:
            height, width = (info.height, info.width) if image is None else ImageDecoder()(image).shape[:2]
            camera_from_info(info, width, height, self._rectified)
        except CameraInfoError as error:
            return f"'{self.camera_info}': {error}"
        except ImageError:  # told where the image is decoded again
            return ''
        return ''

    def __iter__(self) -> Iterator[RecordedPicture]:
        self.losses = losses = RecordingLosses()
        given = 0
        try:
            for picture in self._pictures():
                given += 1
                yield picture
            losses.missing = max(0, self.count - given)
        finally:
            for problem in self.recording.problems:
                losses.add_reason(problem)

    def _pictures(self) -> Iterator[RecordedPicture]:
        decoder, info, number = ImageDecoder(), None if self.uncalibrated else self._first_info, 0
        wanted = None if self.on_message else {self.topic, self.camera_info} - {''}
        for stored in self.recording.messages(wanted):
            if self.on_message:
                self.on_message(stored)
            if stored.topic.name == self.topic:
                yield self._picture(stored, number, decoder, info)
                number += 1
            elif info is not None and stored.topic.name == self.camera_info:
                info = self._read_info(stored) or info

    def _picture(self, stored: StoredMessage, number: int, decoder: ImageDecoder, info: Any) -> RecordedPicture:
        stem, name = f'{number:06d}', self.recording.path.name
        try:
            message = self.recording.decode(stored)
            stamp = stamp_to_ns(message.header.stamp)
        except (UnreadableRecordingError, StampError) as error:
            return RecordedPicture(stem, name, partial(_refuse, stem, error), received=stored.received)
        read = partial(_decode, decoder, stem, message)
        find = partial(self._find_camera, stem, info) if info is not None else None
        frame_id = message.header.frame_id
        return RecordedPicture(stem, name, read, stamp, find_camera=find, frame_id=frame_id, received=stored.received)

    def _find_camera(self, stem: str, info: Any, width: int, height: int) -> Camera:
        try:
            return camera_from_info(info, width, height, self._rectified)
        except CameraInfoError as error:
            raise SourceError(f"{stem}: '{self.camera_info}': {error}") from error

    def _read_info(self, stored: StoredMessage) -> Any:
        try:
            return self.recording.decode(stored)
        except UnreadableRecordingError as error:
            self.losses.add_reason(str(error))
            return None

    def _find_rate(self) -> float:
        """Return images per second, by the first stamps, or by the times of reception where these do not advance."""
        first = list(islice(self.recording.messages([self.topic]), _LOOKED_AT))
        for times in (map(self._stamp, first), [stored.received for stored in first]):
            steps = [later - earlier for earlier, later in pairwise(filter(None, times)) if later > earlier]
            if steps:
                return min(max(1e9 / median_low(steps), _RATES[0]), _RATES[1])
        return DEFAULT_RATE

    def _stamp(self, stored: StoredMessage) -> int:
        try:
            return stamp_to_ns(self.recording.decode(stored).header.stamp)
        except (UnreadableRecordingError, StampError):
            return 0


def _decode(decoder: ImageDecoder, stem: str, message: Any) -> np.ndarray:
    try:
        return decoder(message)
    except ImageError as error:
        raise SourceError(f'{stem}: {error}') from error


def _refuse(stem: str, error: Exception) -> np.ndarray:
    raise SourceError(f'{stem}: {error}') from error
