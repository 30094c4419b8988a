"""Publishing without a copy too many, and without keeping other threads of the interpreter waiting."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
from rclpy.impl.implementation_singleton import rclpy_implementation
from rclpy.publisher import Publisher

from mt3dnet_ros.ros.messages.bulk import BulkMessage, SerializationBuffer


class _SerializedMessage(ctypes.Structure):
    """``rcl_serialized_message_t``: bytes, and an allocator that publishing does not use."""

    _fields_ = (
        ('buffer', ctypes.c_void_p),
        ('length', ctypes.c_size_t),
        ('capacity', ctypes.c_size_t),
        ('allocator', ctypes.c_void_p * 5),
    )


class Sender:
    """Publishes messages of one thread.

    Bulk messages are serialised here: rclpy would copy their data twice more, and hold the interpreter's lock while the
    middleware copies and sends them. They go to the same function of ``rcl`` that rclpy hands bytes to.
    """

    def __init__(self) -> None:
        self._buffer = SerializationBuffer()

    def publish(self, publisher: Publisher[Any], message: Any) -> None:
        """Publish a message, bulk or not; that of a lifecycle publisher only while it is active.

        :raises RCLError: the middleware refused it
        """
        if not isinstance(message, BulkMessage):
            publisher.publish(message)
        elif getattr(publisher, 'is_activated', True):
            self._publish(publisher, self._buffer.fill(message))

    def _publish(self, publisher: Publisher[Any], data: np.ndarray) -> None:
        publish = _rcl_publish()
        if publish is None:
            publisher.publish(data.tobytes())
        else:
            with publisher.handle:  # which must not be destroyed meanwhile
                publish(publisher.handle.pointer, data)


@lru_cache
def _rcl_publish() -> Callable[[int, np.ndarray], None] | None:
    """Return what publishes by the address of an ``rcl_publisher_t``; None where rclpy's libraries are not found."""
    try:
        rcl, rcutils = (ctypes.CDLL(name, os.RTLD_NOLOAD | os.RTLD_NOW) for name in ('librcl.so', 'librcutils.so'))
        function, forget_error = rcl.rcl_publish_serialized_message, rcutils.rcutils_reset_error
    except (OSError, AttributeError):
        return None
    function.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)
    function.restype = ctypes.c_int

    def publish(address: int, data: np.ndarray) -> None:
        message = _SerializedMessage(data.ctypes.data, data.size, data.size)
        if status := function(address, ctypes.byref(message), None):
            forget_error()  # which rcl would complain about at the next one
            raise rclpy_implementation.RCLError(f'Failed to publish: rcl status {status}')

    return publish
