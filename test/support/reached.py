"""What a decoder reaches for: addresses of a server on this machine, and files that are opened."""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

_C = ctypes.CDLL(None, use_errno=True)
_IN_OPEN, _NONBLOCK = 0x20, 0o4000  # of Linux' <sys/inotify.h>


@contextmanager
def server(content: bytes = b'') -> Iterator[tuple[str, list[str]]]:
    """Serve one content at every path; give the address, and the list that takes every request."""
    requests: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            requests.append(self.path)
            self.send_response(200)
            self.send_header('Content-Length', str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    listener = ThreadingHTTPServer(('127.0.0.1', 0), Handler)
    Thread(target=listener.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f'http://127.0.0.1:{listener.server_port}', requests
    finally:
        listener.shutdown()
        listener.server_close()


class OpenedFiles:
    """Counts how often a file is opened, by this process or any other, from now on."""

    def __init__(self, path: Path) -> None:
        self._descriptor = _C.inotify_init1(_NONBLOCK)
        assert self._descriptor >= 0
        assert _C.inotify_add_watch(self._descriptor, os.fsencode(path), _IN_OPEN) >= 0

    def count(self) -> int:
        """Return how often it was opened since the last call."""
        try:
            events = os.read(self._descriptor, 65536)
        except BlockingIOError:
            return 0
        number = position = 0
        while position < len(events):
            number, position = number + 1, position + 16 + struct.unpack_from('IIII', events, position)[3]
        return number

    def close(self) -> None:
        """Count no more."""
        os.close(self._descriptor)
