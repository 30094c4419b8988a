"""Serialised messages to objects with the fields of their type, without ROS."""

from __future__ import annotations

from typing import Any

from mt3dnet_ros.errors import needs_extra
from mt3dnet_ros.media.recordings.bounds import decompressed
from mt3dnet_ros.media.recordings.message import RecordingTopic, StoredMessage, UnreadableRecordingError

with needs_extra('recordings'):
    from rosbags.typesys import Stores, TypesysError, get_types_from_idl, get_types_from_msg, get_typestore

_ZSTD = b'\x28\xb5\x2f\xfd'  # how a frame of Zstandard begins; CDR begins with a zero


class MessageDecoder:
    """Decodes messages by the definitions that the recording carries, or else by those of the newest ROS."""

    def __init__(self) -> None:
        self._stores: dict[RecordingTopic, Any] = {}

    def __call__(self, message: StoredMessage) -> Any:
        """Return a message; its fields are named as in its definition, arrays of numbers are NumPy arrays.

        :raises UnreadableRecordingError: its encoding or type is not known, or it is damaged
        """
        topic = message.topic
        if topic not in self._stores:
            self._stores[topic] = _make_store(topic)
        store = self._stores[topic]
        decode = store.deserialize_ros1 if topic.encoding == 'ros1' else store.deserialize_cdr
        try:
            return decode(uncompressed(message.data), topic.message_type)
        except Exception as error:  # SerdeError, and what else the bytes lead to
            raise UnreadableRecordingError(
                f"message of '{topic.name}' ({topic.message_type}) is damaged: {error}"
            ) from error


def uncompressed(data: bytes) -> bytes:
    """Return a serialised message without the compression by message that ``ros2 bag record`` offers."""
    if data[:4] != _ZSTD:
        return data
    return decompressed(data, 'zstd')


def _make_store(topic: RecordingTopic) -> Any:
    if topic.encoding not in ('cdr', 'ros1'):
        raise UnreadableRecordingError(
            f"topic '{topic.name}' is encoded as '{topic.encoding}'; messages of ROS 2 (cdr) and ROS 1 can be read"
        )
    standard = get_typestore(Stores.ROS1_NOETIC if topic.encoding == 'ros1' else Stores.LATEST)
    if not topic.definition:
        if topic.message_type in standard.types:
            return standard
        raise UnreadableRecordingError(
            f"recording has no definition of '{topic.message_type}', the type of '{topic.name}'; "
            'record it again where its package is sourced'
        )
    store = get_typestore(Stores.EMPTY)
    try:
        if topic.definition_encoding == 'ros2idl':
            for text in _idl_texts(topic.definition):
                store.register(get_types_from_idl(text))
        else:
            store.register(get_types_from_msg(topic.definition, topic.message_type))
    except (TypesysError, SyntaxError) as error:
        raise UnreadableRecordingError(
            f"definition of '{topic.message_type}', the type of '{topic.name}', cannot be read: {error}"
        ) from error
    return store


def _idl_texts(definition: str) -> list[str]:
    separator = '=' * 80 + '\n'
    if not definition.startswith(f'{separator}IDL: '):
        return [definition]
    return [part.partition('\n')[2] for part in definition.split(separator)[1:]]
