"""Rerun's web viewer as a page of this machine.

The SDK's own web server listens on every address of the machine and has no parameter for it, and the page that it
serves reports its use to its makers. So the page's files are taken from the SDK and served here, on one address, under
a policy with which the browser connects to this server alone.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar
from urllib.parse import quote, urlsplit

from mt3dnet_ros.errors import MT3DNetError, needs_extra
from mt3dnet_ros.viewer.ports import LOOPBACK, choose_port
from mt3dnet_ros.viewer.settings import ServerSettings

_FILES = {
    '/': 'text/html; charset=utf-8',
    '/re_viewer.js': 'text/javascript',
    '/re_viewer_bg.wasm': 'application/wasm',
    '/favicon.ico': 'image/x-icon',
    '/sw.js': 'text/javascript',
}
_START_TIMEOUT = 20.0  # s


class WebPageError(MT3DNetError, RuntimeError):
    """A page that cannot be had from the SDK."""


class WebPage:
    """Serves the page until it is closed; whoever opens it sees one Rerun server at once.

    :param host: address to listen on
    :param port: of the page; the next free one where it is the default and in use
    :param data_port: of the Rerun server on the same machine
    :raises PortError: nothing can be served there
    :raises WebPageError: the SDK does not give the page
    """

    def __init__(self, host: str, port: int, data_port: int) -> None:
        self.port = choose_port(host, port, ServerSettings.port)
        self.host = host
        handler = type('PageRequest', (_Request,), {'files': read_page(), 'data_port': data_port})
        self._server = _Server((host, self.port), handler)
        self._thread = threading.Thread(target=self._server.serve_forever, name='web-page', daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Where a browser of this machine finds it."""
        return f'http://{LOOPBACK if self.host == "0.0.0.0" else self.host}:{self.port}'

    def close(self) -> None:
        """End the server."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Print nothing: a browser that goes while it is being sent to is no fault."""


class _Request(BaseHTTPRequestHandler):
    files: ClassVar[dict[str, bytes]] = {}
    data_port: ClassVar[int] = 0
    protocol_version = 'HTTP/1.1'

    def do_GET(self) -> None:
        path, query = urlsplit(self.path)[2:4]
        if path == '/' and 'url=' not in query:
            self._redirect()
        elif path in self.files:
            self._send(self.files[path], _FILES[path])
        else:
            self.send_error(404)

    def _redirect(self) -> None:
        """Name the Rerun server by the name under which the browser knows this machine: a tunnel changes it."""
        host = urlsplit(f'//{self.headers.get("Host", LOOPBACK)}').hostname or LOOPBACK
        data = quote(f'rerun+http://{f"[{host}]" if ":" in host else host}:{self.data_port}/proxy', safe='')
        self.send_response(302)
        self.send_header('Location', f'/?url={data}&hide_welcome_screen&persist=0&theme=dark')
        self.send_header('Content-Length', '0')
        self.end_headers()

    def _send(self, content: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header('Content-Type', kind)
        self.send_header('Content-Length', str(len(content)))
        self.send_header('Cache-Control', 'no-cache')
        self.send_header('Content-Security-Policy', self._policy())
        self.end_headers()
        self.wfile.write(content)

    def _policy(self) -> str:
        return (
            "default-src 'self' 'unsafe-inline' data: blob:; script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'; "
            f"connect-src 'self' data: blob: http://*:{self.data_port}"
        )

    def log_message(self, *_: object) -> None:
        """Print nothing."""


def read_page() -> dict[str, bytes]:
    """Return the files of the SDK's web viewer by their paths.

    :raises MissingExtraError: the SDK is not installed
    :raises WebPageError: its program does not give them
    """
    port = choose_port(LOOPBACK, 19090, 19090)
    with _sdk_server(port) as process:
        connection = HTTPConnection(LOOPBACK, port, timeout=_START_TIMEOUT)
        _wait(connection, process)
        files = {}
        for path in _FILES:
            connection.request('GET', path)
            response = connection.getresponse()
            content = response.read()
            if response.status == 200:
                files[path] = content
        connection.close()
    return files


@contextmanager
def _sdk_server(port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Run the SDK's program, which unlike its function can be told an address; it must not report to its makers."""
    with needs_extra('view'):
        import rerun_cli
    program = Path(rerun_cli.__file__).with_name('rerun')
    start = [str(program)] if program.exists() else [sys.executable, '-m', 'rerun_cli']
    nowhere = f'rerun+http://{LOOPBACK}:1/proxy'  # of no server: without one the program would make a server of data
    command = [*start, '--serve-web', '--bind', LOOPBACK, '--web-viewer-port', str(port), nowhere]
    with tempfile.TemporaryDirectory() as home:
        settings = Path(home, 'rerun', 'analytics.json')
        settings.parent.mkdir()
        settings.write_text(json.dumps({'analytics_enabled': False, 'analytics_id': '', 'metadata': {}}))
        environment = {**os.environ, 'XDG_CONFIG_HOME': home, 'XDG_DATA_HOME': home, 'BROWSER': 'true'}
        process = subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def _answers(connection: HTTPConnection) -> bool:
    try:
        connection.request('HEAD', '/')
        connection.getresponse().read()
    except (OSError, HTTPException):
        connection.close()
        return False
    return True


def _wait(connection: HTTPConnection, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_TIMEOUT
    while process.poll() is None and time.monotonic() < deadline:
        if _answers(connection):
            return
        time.sleep(0.02)
    raise WebPageError(
        "the web viewer of rerun-sdk cannot be started: run 'rerun --version', and install it again where that fails"
    )
