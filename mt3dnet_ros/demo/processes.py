"""The nodes of the demo, each in a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from mt3dnet_ros.demo.interruption import INTERRUPTION, STATUS
from mt3dnet_ros.errors import MT3DNetError
from mt3dnet_ros.resources import package_file
from mt3dnet_ros.ros.process.shared_memory import names_in_use, remove_orphans, remove_own

# Where the shell was not set up by this package; the reasons are in launch/environment.launch.xml.
_SPEED = {
    'MALLOC_MMAP_THRESHOLD_': str(1 << 30),
    'MALLOC_TRIM_THRESHOLD_': str(1 << 32),
    'MALLOC_TOP_PAD_': str(1 << 28),
    'OMP_WAIT_POLICY': 'PASSIVE',
    'GOMP_SPINCOUNT': '10000',
}
_PROFILES = ('FASTDDS_DEFAULT_PROFILES_FILE', 'FASTRTPS_DEFAULT_PROFILES_FILE')


class NodeError(MT3DNetError, RuntimeError):
    """A node that ended, or cannot do its work; the text is its reason."""


def prepare_environment() -> None:
    """Set what large messages and speed need for this process and its children, unless the user did."""
    if not any(name in os.environ for name in _PROFILES):
        os.environ[_PROFILES[0]] = str(package_file('config', 'fastdds.xml'))
    for name, value in _SPEED.items():
        os.environ.setdefault(name, value)


class NodeProcess:
    """A node of this package that is running.

    :param name: of the executable
    :param parameters: name -> value as ROS arguments write it
    :param remaps: name -> name in its place
    :param log: file that takes what it prints
    :param niceness: more than 0 lets other processes go first
    """

    def __init__(
        self,
        name: str,
        parameters: Mapping[str, str],
        remaps: Mapping[str, str],
        log: Path,
        niceness: int = 0,
    ) -> None:
        self.name = name
        self._log = log
        command = [sys.executable, str(_executable(name)), '--ros-args']
        for key, value in parameters.items():
            command += ['-p', f'{key}:={value}']
        for key, value in remaps.items():
            command += ['-r', f'{key}:={value}']
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open('wb') as stream:
            # A session of its own: Ctrl-C reaches only the demo, which ends its nodes in order.
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=stream, stderr=subprocess.STDOUT, start_new_session=True
            )
        os.setpriority(os.PRIO_PROCESS, self._process.pid, os.getpriority(os.PRIO_PROCESS, 0) + niceness)

    @property
    def pid(self) -> int:
        """The id of the process."""
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether the process lives."""
        return self._process.poll() is None

    def check(self) -> None:
        """Raise where the node has ended with an error.

        :raises NodeError: with the last error it printed
        """
        if self._process.poll():
            raise NodeError(f'{self.name}: {self.last_error()}')

    def last_error(self) -> str:
        """Return the last error the node printed, else its exit status and where its output is."""
        lines = self._log.read_text(encoding='utf-8', errors='replace').splitlines()
        errors = [line for line in lines if line.startswith(('[ERROR]', '[FATAL]'))]
        if errors:
            return errors[-1].split(']: ', 1)[-1]
        return f'ended with status {self._process.returncode}; its output is in {self._log}'

    def stop(self, timeout: float) -> bool:
        """End the node as Ctrl-C does; kill it, and return False, where that takes longer than ``timeout`` seconds."""
        if self.running:
            os.killpg(self._process.pid, signal.SIGINT)
        deadline = time.monotonic() + timeout
        while self.running and time.monotonic() < deadline and not INTERRUPTION.hurried:
            time.sleep(0.01)
        if self.running:
            self.kill()
            return False
        return True

    def kill(self) -> None:
        """End the node at once."""
        if self.running:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


def _executable(name: str) -> Path:
    root = package_file('package.xml').parent
    checkout = root / 'scripts' / name
    return checkout if checkout.exists() else root.parents[1] / 'lib' / root.name / name


@contextmanager
def running_nodes() -> Iterator[ExitStack]:
    """Give a stack for nodes, and for what else is to be closed; a signal ends the block, and all that is on it.

    Start a node in ``INTERRUPTION.held()``, together with the callback that stops it.
    """
    with INTERRUPTION.held(), ExitStack() as stack, INTERRUPTION.raising():
        yield stack


def exit_status(demo: Callable[[], None]) -> int:
    """Run a demo and return its exit status; what is refused and Ctrl-C are told in one line."""
    os.environ.setdefault('OPENCV_FFMPEG_LOGLEVEL', '-8')  # FFmpeg prints about each encoder that is not there
    INTERRUPTION.listen()
    try:
        with INTERRUPTION.raising():
            demo()
    except (MT3DNetError, OSError) as error:  # OSError: of all files
        print(f'error: {error}', file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print('\ninterrupted; all nodes are ended', file=sys.stderr)
        return STATUS
    finally:
        remove_own(names_in_use())
        remove_orphans()  # of nodes that were killed
    return 0
