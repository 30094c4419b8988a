"""A program that reads a Rerun server as a browser does, by gRPC-web, and draws nothing."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator

_REQUEST = (
    b'POST /rerun.sdk_comms.v1alpha1.MessageProxyService/ReadMessages HTTP/1.1\r\nHost: localhost\r\n'
    b'Content-Type: application/grpc-web+proto\r\nX-Grpc-Web: 1\r\nContent-Length: 5\r\n\r\n\0\0\0\0\0'
)


class RerunClient:
    """A connection that has asked for all messages."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self.bytes = 0

    def read(self, timeout: float = 0.1) -> int:
        """Take what has come, waiting at most so many seconds for the first of it; return how many bytes in all."""
        self._connection.settimeout(timeout)
        with contextlib.suppress(TimeoutError, BlockingIOError):
            while received := len(self._connection.recv(1 << 20)):
                self.bytes += received
                self._connection.settimeout(0.01)
        return self.bytes


@contextlib.contextmanager
def watching(port: int) -> Iterator[RerunClient]:
    """Connect to the data of a Rerun server; who does not read takes nothing, as a browser that hangs."""
    with socket.create_connection(('127.0.0.1', port)) as connection:
        connection.sendall(_REQUEST)
        yield RerunClient(connection)
