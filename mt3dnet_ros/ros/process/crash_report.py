"""What a crash leaves: a report for people, in the folder of ROS's logs.

It is there while the node runs, written anew every second, and goes when the process ends as it should. So it holds the
last state whatever ends the process: a fatal signal adds the stacks of all threads, an exception its traceback, and
SIGKILL, or a machine without memory, nothing.
"""

from __future__ import annotations

import ctypes
import faulthandler
import os
import platform
import re
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from mt3dnet_ros.ros.process.restarts import Run, begin_run, end_run, keep_run

FOLDER = 'mt3dnet_ros'  # below that of ROS's logs
PERIOD = 1.0  # seconds
MOST_REPORTS = 20  # of one node that are kept
_LOG_TAIL = 8192  # bytes
_PACKAGES = ('av', 'numpy', 'opencv-python-headless', 'openvino', 'safetensors', 'torch', 'ros-rclpy', 'ros-fastdds')
_VARIABLES = re.compile(r'(ROS|RMW|FASTDDS|FASTRTPS|CYCLONEDDS|MT3DNET|OMP|GOMP|MALLOC)_\w*')
_HEAD = (
    'Report of a node of mt3dnet_ros. It is kept while the node runs, and removed when it ends as it was asked to: '
    'if the node is gone, it has crashed, or was killed.'
)


class CrashReport:
    """The report of this process; one that cannot be written is left out without a word to anybody but the log."""

    def __init__(self) -> None:
        self.run: Run | None = None
        self._folder = self._state = self._path = Path()
        self._descriptor = -1
        self._size = 0
        self._sections: dict[str, str] = {}
        self._parameters: Callable[[], Mapping[str, Any]] | None = None  # of a node
        self._lock = threading.Lock()
        self._over = threading.Event()

    def begin(self, folder: Path, arguments: Sequence[str]) -> None:
        """Begin the report, and count this start where the process before it has died.

        :param folder: of ROS's logs
        :param arguments: the command line, which names the node
        """
        name, self._folder = node_name(arguments), folder
        self._state = folder / FOLDER / f'{name}.domain{os.environ.get("ROS_DOMAIN_ID", "0")}.json'
        self._path = folder / FOLDER / f'{name}_{time.strftime("%Y%m%d-%H%M%S")}_{os.getpid()}.txt'
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            # Not for everybody, as parameters are in it; appended to, as faulthandler writes behind all else.
            self._descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        except OSError:
            return
        faulthandler.enable(self._descriptor, all_threads=True)
        self.run = begin_run(self._state, self._path)
        threading.excepthook = self._note_thread(threading.excepthook)
        self._sections = {
            '': _HEAD,
            'started': f'{time.strftime("%Y-%m-%d %H:%M:%S %z")}, process {os.getpid()}, restarts {self.run.count}',
            'command': ' '.join(arguments),
        }
        self.write()
        threading.Thread(target=self._keep_writing, name='crash report', daemon=True).start()

    def describe(self, name: str, parameters: Callable[[], Mapping[str, Any]]) -> None:
        """Have the report say which node this is, from now on.

        :param name: full name
        :param parameters: returns their values of now; called by another thread as well
        """
        self._sections['node'] = name
        self._parameters = parameters
        self._note_parameters()
        self.write()

    def note_diagnostics(self, level: int, message: str, values: Mapping[str, str]) -> None:
        """Keep the node's newest diagnostics."""
        rows = [f'{time.strftime("%H:%M:%S")} level {level}: {message}', *(f'{key}: {values[key]}' for key in values)]
        self._sections['last diagnostics'] = '\n'.join(rows)

    def note_exception(self, error: BaseException, where: str = 'the main thread') -> None:
        """Add an exception that nobody caught, and the stacks of all threads."""
        if self._descriptor < 0:
            return
        text = ''.join(traceback.format_exception(error))
        line = f'Uncaught exception: {type(error).__name__}: {error} (in {where})'
        self._sections['log'] = _log_tail(self._folder)
        self._sections['exception'] = f'{line}\n{text}{self._sections.get("exception", "")}'
        self.write()
        with suppress(OSError):
            faulthandler.dump_traceback(self._descriptor, all_threads=True)

    def end(self) -> None:
        """End as it should: nothing is left, but the report of a thread that did not."""
        if self._close():
            end_run(self._state)
            if 'exception' not in self._sections:
                with suppress(OSError):
                    self._path.unlink()

    def fail(self, reason: str) -> None:
        """End because the node cannot work: what it was told is wrong, so there is nothing to report but the reason."""
        run = self.run
        if self._close() and run is not None:
            keep_run(self._state, Run(**{**run.__dict__, 'failure': reason}))
            with suppress(OSError):
                self._path.unlink()

    def crash(self) -> None:
        """End with the report left behind."""
        if self._close():
            _prune(self._path)

    def write(self) -> None:
        """Write the report of now, unless a crash is writing behind it."""
        with self._lock, suppress(OSError):
            if self._descriptor < 0 or os.fstat(self._descriptor).st_size != self._size:
                return
            text = ''.join(f'{_title(name)}{text}\n' for name, text in list(self._sections.items()))
            content = text.encode(errors='replace').ljust(self._size, b'\n')  # no shorter than before: see above
            with open(self._path, 'r+b', buffering=0) as file:
                file.write(content)
            self._size = len(content)

    def _close(self) -> bool:
        if self._over.is_set() or self._descriptor < 0:
            return False
        self._over.set()
        return True

    def _keep_writing(self) -> None:
        self._sections['versions'] = '\n'.join(_versions())
        names = sorted(filter(_VARIABLES.fullmatch, os.environ))
        self._sections['environment'] = '\n'.join(f'{name}={os.environ[name]}' for name in names)
        while not self._over.is_set():
            self._note_parameters()
            self._sections['log'] = self._sections.pop('log', '')  # comes last
            self._sections['log'] = _log_tail(self._folder)
            self.write()
            self._over.wait(PERIOD)

    def _note_parameters(self) -> None:
        with suppress(Exception):  # parameters change, or the node closes, while they are read
            if self._parameters is not None:
                rows = sorted(self._parameters().items())
                self._sections['parameters'] = '\n'.join(f'{name}: {value!r}' for name, value in rows)

    def _note_thread(self, before: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def hook(arguments: Any) -> None:
            if arguments.exc_value is not None:
                thread = arguments.thread.name if arguments.thread else 'a thread'
                self.note_exception(arguments.exc_value, f'thread {thread}')
            before(arguments)

        return hook


def node_name(arguments: Sequence[str]) -> str:
    """Return a name of the node for files, from its command line, as there is no node yet.

    :param arguments: with the path of the program first
    """
    name, namespace = Path(arguments[0]).stem if arguments else 'node', ''
    for argument in arguments:
        if match := re.fullmatch(r'(?:\w+:)?__(node|name|ns):=(.+)', argument):
            name, namespace = (name, match[2]) if match[1] == 'ns' else (match[2], namespace)
    whole = f'{namespace.strip("/")}/{name}'.strip('/').replace('/', '.')
    return re.sub(r'[^A-Za-z0-9_.]', '_', whole)[-100:]


def _title(name: str) -> str:
    return f'\n== {name}\n' if name else ''


def _versions() -> Iterator[str]:
    from importlib.metadata import PackageNotFoundError, version

    from mt3dnet_ros import __version__

    yield f'mt3dnet_ros {__version__}'
    yield f'Python {platform.python_version()}, {platform.platform()}, {os.cpu_count()} cores'
    yield f'ROS {os.environ.get("ROS_DISTRO", "not named")}, {os.environ.get("RMW_IMPLEMENTATION", "default rmw")}'
    for name in _PACKAGES:
        with suppress(PackageNotFoundError):
            yield f'{name} {version(name)}'


def _log_tail(folder: Path) -> str:
    """Return the last lines of this process's log."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).fflush(None)  # which ROS itself does every five seconds
    files = sorted(folder.glob(f'*_{os.getpid()}_*.log'))
    if not files:
        return 'there is no log file yet'
    try:
        with files[-1].open('rb') as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - _LOG_TAIL))
            return f'{files[-1]} ends with\n{file.read().decode(errors="replace")}'
    except OSError as error:
        return f'{files[-1]} cannot be read: {error}'


def _prune(report: Path) -> None:
    """Remove the oldest reports of a node, where there are many."""
    stem = re.sub(r'_\d{8}-\d{6}_\d+$', '', report.stem)
    reports = sorted(report.parent.glob(f'{stem}_????????-??????_*.txt'), key=lambda path: path.name)
    for path in reports[:-MOST_REPORTS]:
        with suppress(OSError):
            path.unlink()


def command_line(args: Sequence[str] | None) -> list[str]:
    """Return the whole command line of a node's ``main``."""
    return list(sys.argv) if args is None else [sys.argv[0], *args]


CRASH_REPORT = CrashReport()
