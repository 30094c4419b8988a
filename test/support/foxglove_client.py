"""A client of Foxglove's WebSocket protocol (foxglove.sdk.v1), as its app is one."""

from __future__ import annotations

import contextlib
import json
import struct
import time
from collections.abc import Iterator
from typing import Any

import pytest

_MESSAGE_DATA = 1  # code of a binary message
_HEAD = struct.Struct('<BIQ')  # code, subscription, time


class FoxgloveClient:
    """A connection; ``channels`` has what the server offers by topic."""

    def __init__(self, socket: Any) -> None:
        self._socket = socket
        self._topics: dict[int, str] = {}
        self.channels: dict[str, dict[str, Any]] = {}
        self.received: dict[str, list[bytes]] = {}

    def subscribe(self, *topics: str) -> None:
        """Ask for topics."""
        asked = []
        for topic in topics:
            number = self.channels[topic]['id']
            self._topics[number] = topic
            asked.append({'id': number, 'channelId': number})
        self._socket.send(json.dumps({'op': 'subscribe', 'subscriptions': asked}))

    def read(self, timeout: float = 0.1) -> None:
        """Take what comes within a while."""
        deadline = time.monotonic() + timeout
        while (left := deadline - time.monotonic()) > 0:
            self._socket.settimeout(left)
            try:
                self._take(self._socket.recv())
            except self._timeout():
                return

    @staticmethod
    def _timeout() -> type[Exception]:
        import websocket

        return websocket.WebSocketTimeoutException

    def _take(self, message: str | bytes) -> None:
        if isinstance(message, str):
            content = json.loads(message)
            if content['op'] == 'advertise':
                self.channels |= {channel['topic']: channel for channel in content['channels']}
            return
        code, number, _ = _HEAD.unpack_from(message)
        if code == _MESSAGE_DATA:
            self.received.setdefault(self._topics[number], []).append(message[_HEAD.size :])


@contextlib.contextmanager
def connected(port: int) -> Iterator[FoxgloveClient]:
    """Connect, and read what is offered; skip the test where the package websocket-client is missing."""
    websocket = pytest.importorskip('websocket', reason='needs the package websocket-client')
    socket = websocket.create_connection(f'ws://127.0.0.1:{port}', subprotocols=['foxglove.sdk.v1'], timeout=10)
    client = FoxgloveClient(socket)
    client.read(0.5)
    yield client
    socket.close()
