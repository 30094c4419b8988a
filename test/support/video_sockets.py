"""Video sockets for tests: a reader that needs no GStreamer, and what tests do with the true one."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from support.paths import ROOT

from mt3dnet_ros.gstreamer.process import SystemProcess
from mt3dnet_ros.gstreamer.system import INTERPRETER_VARIABLE, GStreamerError, interpreter

READY = {'say': {'is': 'ready', 'version': 'GStreamer 9.9'}}
CONNECTED = {'say': {'is': 'connected'}}
_PRODUCER = ROOT / 'test/support/video_producer.py'


def lost(problem: str) -> dict[str, Any]:
    """Return the step of a scenario that says that the producer is gone."""
    return {'say': {'is': 'lost', 'problem': problem}}


def picture(
    levels: tuple[int, ...], arrived: int = 1, width: int = 8, height: int = 4, **stamps: int
) -> dict[str, Any]:
    """Return the step of a scenario that gives a picture.

    :param levels: grey level of the whole, or of the left and the right half
    :param stamps: nanoseconds by what says so; ``_`` stands for the ``-`` of names, and a negative one counts from now
    """
    named = {name.replace('_', '-'): value for name, value in stamps.items()}
    return {'picture': {'levels': levels, 'arrived': arrived, 'width': width, 'height': height, 'stamps': named}}


def fake_reader(folder: Path, lives: dict[str, list[list[dict[str, Any]]]]) -> dict[str, str]:
    """Return the environment in which sockets are read as scenarios say; see ``fake_reader.py``.

    :param lives: by the path of a socket, what the program does in its first life, in its second and so on
    """
    for path, scenario in lives.items():
        (folder / f'{path}.json').write_text(json.dumps(scenario))
    command = shlex.join([sys.executable, str(ROOT / 'test/support/fake_reader.py')])
    return {INTERPRETER_VARIABLE: command, 'FAKE_READER': str(folder)}


def gstreamer_problem() -> str:
    """Return why this machine cannot read video sockets; empty where it can."""
    try:
        process = SystemProcess('reader.py', 'dvrk:nobody:here')
        try:
            process.receive(20.0)
        finally:
            process.close()
    except GStreamerError as error:
        return str(error)
    return ''


class Producer:
    """Sends pictures on a video socket, by the system's GStreamer: ``video_producer.py``.

    :param path: of the socket
    :param options: of the program, such as ``delay=0.05``
    """

    def __init__(self, path: str, **options: Any) -> None:
        arguments = [f'--{name.replace("_", "-")}={value}' for name, value in options.items()]
        self._process = subprocess.Popen(
            [*interpreter(), str(_PRODUCER), path, *arguments], stdout=subprocess.PIPE, text=True, env=os.environ
        )
        assert self._process.stdout is not None
        self._lines = self._process.stdout
        assert self._lines.readline().strip() == 'sends', 'the producer does not start'

    def captures(self) -> dict[int, list[int]]:
        """End it; return when pictures were taken, in nanoseconds of CLOCK_REALTIME, by their numbers."""
        self._process.send_signal(signal.SIGTERM)
        found: dict[int, list[int]] = {}
        for line in self._lines:
            number, stamp = map(int, line.split())
            found.setdefault(number, []).append(stamp)
        self._process.wait(10.0)
        return found

    def kill(self) -> None:
        """End it at once, as a crash does."""
        self._process.kill()
        self._process.wait(10.0)


def number_of(image: np.ndarray) -> int:
    """Return the number of a producer's picture, (H, W, 3)."""
    quarter = len(image) // 4
    upper, lower = (round((float(image[row].mean()) - 40.0) / 12.0) for row in (quarter, -quarter))
    return 16 * lower + upper


def wait_until(condition: Any, timeout: float = 60.0) -> float:
    """Wait until a condition holds; return the seconds that it took."""
    start = time.monotonic()
    while not condition():
        assert time.monotonic() - start < timeout, f'not within {timeout} s'
        time.sleep(0.01)
    return time.monotonic() - start
