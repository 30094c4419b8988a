"""A new recording: the messages of an old one, and beside them what a node ``perception`` would publish."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Any

from mt3dnet_ros.errors import InputError
from mt3dnet_ros.media.pictures import Picture
from mt3dnet_ros.media.recordings.decoder import uncompressed
from mt3dnet_ros.media.recordings.message import RecordingTopic, StoredMessage
from mt3dnet_ros.media.recordings.reader import RecordingReader
from mt3dnet_ros.perception.perceiver import Perceiver
from mt3dnet_ros.perception.scene import Scene
from mt3dnet_ros.ros.message_types import MessageTypeError, message_definition
from mt3dnet_ros.ros.messages.bulk import serialized
from mt3dnet_ros.ros.messages.headers import clean_frame_id, make_header
from mt3dnet_ros.ros.messages.labels import fill_label_info
from mt3dnet_ros.ros.recorded.pictures import RecordedPicture
from mt3dnet_ros.ros.recording.file import RecordedMessage, RecordingFile
from mt3dnet_ros.ros.recording.offered_qos import profiles_text
from mt3dnet_ros.ros.topics.output import Output, StampedScene
from mt3dnet_ros.ros.topics.perception import LABEL_INFO, OUTPUTS
from mt3dnet_ros.ros.topics.topic import Topic

NODE = '/perception'


class PredictionRecording:
    """The new recording; a context manager, which completes it at its end.

    New messages have the stamp and the frame of their image, and are received when that was. Old topics of the same
    names are left out.

    :param path: of an MCAP file where it ends in ``.mcap``, else of a bag's folder
    :param source: the old recording
    :param overwrite: replace an existing recording
    :raises InputError: it would replace the old one, or that is of ROS 1
    :raises RecordingError: it exists or cannot be made
    """

    def __init__(self, path: Path, source: RecordingReader, perceiver: Perceiver, overwrite: bool = False) -> None:
        _check(path, source)
        self._perceiver = perceiver
        self._outputs = [output for output in OUTPUTS if _is_written(output, perceiver)]
        self._names: dict[Topic[Any], str] = {topic: topic.below(NODE) for topic in (*self._outputs, LABEL_INFO)}
        self._file = RecordingFile(path, overwrite=overwrite)
        self.left_out: dict[str, str] = {}  # topics of the old recording, and why
        for topic in source.topics.values():
            self._announce(topic)
        for written, name in self._names.items():
            qos = profiles_text([written.qos] if written.qos else [])
            self._file.copy_topic(name, written.message_name, message_definition(written.message_name), qos)
        self.written = 0

    @property
    def path(self) -> Path:
        """Where it lies."""
        return self._file.path

    def copy(self, stored: StoredMessage) -> None:
        """Write a message of the old recording."""
        if stored.topic.name not in self.left_out:
            data = uncompressed(stored.data)
            topic, received, published = stored.topic.name, stored.received, stored.published
            self._file.write(RecordedMessage(topic, data, received, published, stored.sequence))

    def write(self, picture: Picture, scene: Scene) -> None:
        """Write what a node would have published of a picture."""
        assert isinstance(picture, RecordedPicture)
        header = make_header(picture.stamp, clean_frame_id(picture.frame_id))
        if not self.written:
            labels = fill_label_info(self._perceiver.taxonomy, self._perceiver.settings.score_threshold, header)
            self._write(LABEL_INFO, labels, picture.received)
        stamped = StampedScene(scene, header, scene.camera, self._perceiver.taxonomy)
        for output in self._outputs:
            if (message := output.encode(stamped)) is not None:
                self._write(output, message, picture.received)
        self.written += 1

    def __enter__(self) -> PredictionRecording:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def _write(self, topic: Topic[Any], message: Any, received: int) -> None:
        self._file.write(RecordedMessage(self._names[topic], serialized(message), received, received))

    def _announce(self, topic: RecordingTopic) -> None:
        if topic.name in self._names.values():
            self.left_out[topic.name] = 'written anew'
            return
        try:
            plain = topic.definition_encoding == 'ros2msg'
            definition = topic.definition if plain else message_definition(topic.message_type)
        except MessageTypeError as error:
            self.left_out[topic.name] = str(error)
            return
        qos = topic.metadata.get('offered_qos_profiles', '')
        self._file.copy_topic(topic.name, topic.message_type, definition, qos)


def _is_written(output: Output[Any], perceiver: Perceiver) -> bool:
    return output.is_recorded and (perceiver.config.saliency or not output.needs_saliency)


def _check(path: Path, source: RecordingReader) -> None:
    old, new = source.path.resolve(), path.resolve()
    if old == new or old.is_relative_to(new) or (old.is_dir() and new.is_relative_to(old)):
        raise InputError(f"--record '{path}' would change the input '{source.path}'; name another place")
    if any(topic.encoding != 'cdr' for topic in source.topics.values()):
        raise InputError(
            f"'{source.path}' has messages that are not those of ROS 2, beside which none can be recorded; convert it "
            'with `rosbags-convert --src BAG --dst FOLDER`, or leave --record out'
        )
