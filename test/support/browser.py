"""Chromium without a screen, driven over its DevTools protocol."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import cv2
import numpy as np
import pytest

_START_TIMEOUT = 20.0  # s
_ANSWER_TIMEOUT = 240.0  # s: of a picture that is drawn without a graphics card, while others need the cores
_FLAGS = (
    *('--headless', '--no-sandbox', '--disable-gpu', '--use-angle=swiftshader', '--enable-unsafe-swiftshader'),
    *('--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update'),
    *('--disable-sync', '--remote-debugging-port=0'),
    '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost',
)


def find_chromium() -> str:
    """Return the program, or skip the test where there is none."""
    program = next(filter(None, map(shutil.which, ('chromium', 'chromium-browser', 'google-chrome'))), None)
    if program is None:
        pytest.skip('needs Chromium (Debian: apt-get install chromium)')
    return program


class Browser:
    """One page of a browser that reaches this machine alone."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._number = 0
        self.answered: list[str] = []
        self.messages: list[str] = []  # errors that the page logged

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a command of the DevTools protocol and return its answer."""
        self._number += 1
        self._connection.send(json.dumps({'id': self._number, 'method': method, 'params': parameters}))
        while (answer := json.loads(self._connection.recv())).get('id') != self._number:
            self._note(answer)
        assert 'error' not in answer, answer
        return answer['result']

    def _note(self, event: dict[str, Any]) -> None:
        if event['method'] == 'Network.responseReceived':
            self.answered.append(event['params']['response']['url'])
        elif event['method'] == 'Log.entryAdded':
            self.messages.append(event['params']['entry']['text'])

    def open(self, url: str, size: tuple[int, int]) -> None:
        """Show a page of some width and height."""
        for domain in ('Network', 'Log', 'Page', 'Runtime'):
            self.call(f'{domain}.enable')
        width, height = size
        self.call('Emulation.setDeviceMetricsOverride', width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.call('Page.navigate', url=url)
        while (event := json.loads(self._connection.recv()))['method'] != 'Page.loadEventFired':
            self._note(event)

    def screenshot(self) -> np.ndarray:
        """Return what is shown, (H, W, 3) uint8, red first."""
        png = base64.b64decode(self.call('Page.captureScreenshot', format='png')['data'])
        return cv2.cvtColor(cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)


@contextlib.contextmanager
def browser(url: str, size: tuple[int, int] = (1000, 620)) -> Iterator[Browser]:
    """Open a page, and close it at the end."""
    websocket = pytest.importorskip('websocket', reason='needs the package websocket-client')
    program = find_chromium()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [program, *_FLAGS, f'--user-data-dir={profile}', 'about:blank']
        process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        try:
            target = _target(Path(profile, 'DevToolsActivePort'))
            connection = websocket.create_connection(target, timeout=_ANSWER_TIMEOUT, suppress_origin=True)
            page = Browser(connection)
            page.open(url, size)
            yield page
            connection.close()
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _target(port_file: Path) -> str:
    deadline = time.monotonic() + _START_TIMEOUT
    while not (port_file.exists() and port_file.read_text()):
        assert time.monotonic() < deadline, 'Chromium did not start'
        time.sleep(0.05)
    with urlopen(f'http://127.0.0.1:{port_file.read_text().split()[0]}/json') as answer:
        return next(target['webSocketDebuggerUrl'] for target in json.load(answer) if target['type'] == 'page')
