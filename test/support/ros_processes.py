"""Nodes in processes of their own, for tests over real DDS."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from support.paths import ROOT

_C = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1  # of Linux' <sys/prctl.h>


def _end_with_the_parent() -> None:
    """Have the kernel kill this process when the test process is killed, as those of an interrupted run are."""
    _C.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


class NodeProcess:
    """A node started as users start it; `stop` ends it as Ctrl-C does.

    :param executable: name in `scripts/`, such as 'perception'
    :param parameters: name -> value, of any type a ROS parameter may have
    :param remaps: ROS name -> name it is replaced by; '__node' and '__ns' included
    :param log: file that receives what the process prints (both streams)
    :param environment: variables added to those of the test
    """

    def __init__(
        self,
        executable: str,
        parameters: Mapping[str, Any] | None = None,
        remaps: Mapping[str, str] | None = None,
        *,
        log: Path,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        parameters = dict(parameters or {})
        if 'checkpoint' in parameters:  # which OpenVINO would have to convert, on the cores of all other tests
            parameters = {'back_end': 'torch'} | parameters
        command = [sys.executable, str(ROOT / 'scripts' / executable), '--ros-args']
        for name, value in parameters.items():
            command += ['-p', f'{name}:={json.dumps(value)}']
        for name, replacement in (remaps or {}).items():
            command += ['-r', f'{name}:={replacement}']
        self.log = log
        with log.open('wb') as stream:
            self._process = subprocess.Popen(
                command,
                env={**os.environ, **(environment or {})},
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
                # A group of its own, whose interrupt does not reach pytest.
                start_new_session=True,
                preexec_fn=_end_with_the_parent,
            )

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether the process lives."""
        return self._process.poll() is None

    def output(self) -> str:
        """Return what the process has printed so far."""
        return self.log.read_text(errors='replace')

    def wait_for_output(self, text: str, timeout: float = 20.0) -> str:
        """Wait until the process has printed `text`; return all it printed."""
        deadline = time.monotonic() + timeout
        while text not in self.output():
            if not self.running or time.monotonic() > deadline:
                state = 'still runs' if self.running else f'ended with {self._process.returncode}'
                raise AssertionError(f'no {text!r} in {timeout} s; the process {state} and printed:\n{self.output()}')
            time.sleep(0.02)
        return self.output()

    def send(self, *signals: int, pause: float = 0.05) -> None:
        """Send signals to the process and its children, one after another."""
        for index, number in enumerate(signals):
            time.sleep(pause if index else 0.0)
            if self.running:
                os.killpg(self.pid, number)

    def wait(self, timeout: float = 20.0) -> tuple[int, str]:
        """Wait until the process ends; return its exit status (-9 when it had to be killed) and all it printed."""
        try:
            self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
        return self._process.returncode, self.output()

    def stop(self, timeout: float = 10.0) -> tuple[int, str]:
        """Interrupt the process as Ctrl-C does, or kill it after `timeout` seconds.

        :return: exit status (-9 when it had to be killed), all it printed
        """
        self.send(signal.SIGINT)
        return self.wait(timeout)

    def kill(self) -> None:
        """End the process and its children at once."""
        if self.running:
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()
