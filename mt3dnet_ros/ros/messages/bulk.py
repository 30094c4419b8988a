"""Messages of many bytes, which are written once, to where they are needed."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Generic, TypeVar

import numpy as np
from rclpy.serialization import deserialize_message, serialize_message

M = TypeVar('M')

_LENGTH = 4  # bytes before the data that say how many they are
_ENCAPSULATION = 4  # bytes before the message that say its byte order
_ALIGNMENT = 64  # of the data in memory


@dataclass(frozen=True, eq=False)
class BulkMessage(Generic[M]):
    """A message whose field ``data``, which is of the type ``uint8[]``, waits to be written.

    :param head: the message without data; what it has after them are fields of one byte
    :param size: bytes of the data
    :param write: fills (size,) uint8 with the data
    """

    head: M
    size: int
    write: Callable[[np.ndarray], None]

    def whole(self) -> M:
        """Return the message as rclpy has it."""
        data = array('B', bytes(1)) * self.size
        self.write(np.frombuffer(data, np.uint8))
        message: Any = self.head
        message.data = data  # an array is taken as it is; all else would be converted byte by byte
        return self.head


class SerializationBuffer:
    """Memory in which one message after another is serialised."""

    def __init__(self) -> None:
        self._memory = np.empty(0, np.uint8)

    def fill(self, message: BulkMessage[Any]) -> np.ndarray:
        """Return the whole message in CDR, (N,) uint8; the next call overwrites it."""
        kind: type = type(message.head)
        if not _can_be_spliced(kind):  # the middleware has another serialisation than those that are known
            return np.frombuffer(serialize_message(message.whole()), np.uint8)
        return self._splice(message, _bytes_after_data(kind))

    def _splice(self, message: BulkMessage[Any], bytes_after: int) -> np.ndarray:
        head = serialize_message(message.head)
        # Some middleware pads what follows the data; their length is aligned, counted from the encapsulation.
        at = (len(head) - bytes_after - _LENGTH) // _LENGTH * _LENGTH
        length = message.size.to_bytes(_LENGTH, 'little' if head[1] & 1 else 'big')
        parts = head[:at] + length, head[at + _LENGTH :]
        begin = -len(parts[0]) % _ALIGNMENT
        data = begin + len(parts[0])
        end = data + message.size
        memory = self._of_size(end + len(parts[1]))
        memory[begin:data] = np.frombuffer(parts[0], np.uint8)
        message.write(memory[data:end])
        memory[end : end + len(parts[1])] = np.frombuffer(parts[1], np.uint8)
        return memory[begin : end + len(parts[1])]

    def _of_size(self, size: int) -> np.ndarray:
        if len(self._memory) < size:
            self._memory = np.empty(size, np.uint8)
        return self._memory


def serialized(message: Any) -> bytes:
    """Return any message, bulk or not, in CDR."""
    if isinstance(message, BulkMessage):
        return SerializationBuffer().fill(message).tobytes()
    return serialize_message(message)


def _bytes_after_data(kind: type) -> int:
    fields = list(kind.get_fields_and_field_types())  # type: ignore[attr-defined]
    return len(fields) - 1 - fields.index('data')


@lru_cache
def _can_be_spliced(kind: type) -> bool:
    """Return whether head and data, serialised apart, are the whole message to the middleware."""
    probe = np.arange(1, 9, dtype=np.uint8)
    message = BulkMessage(kind(), probe.size, lambda out: np.copyto(out, probe))
    spliced = SerializationBuffer()._splice(message, _bytes_after_data(kind)).tobytes()
    try:
        # Not byte by byte: what lies between fields for the sake of alignment is left to chance.
        whole = message.whole()
        return len(spliced) == len(serialize_message(whole)) and deserialize_message(spliced, kind) == whole
    except RuntimeError:  # of which rclpy's are
        return False
