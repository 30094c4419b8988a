"""What a viewer costs the node perception, whether its browser keeps up, hangs, or the viewer itself hangs or dies.

`python benchmark/viewer_load.py` measures all cases in turn, several rounds of them, and prints medians and their
ratio to the same outputs without a viewer. The browser is a program that reads as one does, and draws nothing.
"""

from __future__ import annotations

import argparse
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import numpy as np

from speed.measurement import Measurement
from speed.node_under_load import NodeUnderLoad, choose_domain, parameters_of
from speed.pictures import shipped_clip

_ROOT = Path(__file__).resolve().parents[1]
_PORT, _DATA_PORT = 9390, 9876 + 300
_SHOWN = ('overlay', 'detections', 'depth/image', 'points')
_REQUEST = (
    b'POST /rerun.sdk_comms.v1alpha1.MessageProxyService/ReadMessages HTTP/1.1\r\nHost: localhost\r\n'
    b'Content-Type: application/grpc-web+proto\r\nX-Grpc-Web: 1\r\nContent-Length: 5\r\n\r\n\0\0\0\0\0'
)


@contextmanager
def viewer(memory: int) -> Iterator[subprocess.Popen[bytes]]:
    """Run the node viewer, and wait until it serves."""
    parameters = {'port': _PORT, 'data_port': _DATA_PORT, 'memory': memory, 'max_points': 20000}
    command = [sys.executable, str(_ROOT / 'scripts' / 'viewer'), '--ros-args']
    for name, value in parameters.items():
        command += ['-p', f'{name}:={value}']
    process = subprocess.Popen(command, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        connect().close()
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def connect() -> socket.socket:
    """Return a connection to the data of the viewer, which may be starting."""
    for _ in range(200):
        with suppress(OSError):
            return socket.create_connection(('127.0.0.1', _DATA_PORT))
        time.sleep(0.1)
    raise RuntimeError('the viewer does not serve')


@contextmanager
def browser(reads: bool) -> Iterator[None]:
    """Watch the viewer.

    :param reads: take what it sends; else nothing, as a browser that hangs
    """
    with connect() as connection:
        connection.sendall(_REQUEST)
        if reads:
            threading.Thread(target=_drain, args=(connection,), daemon=True).start()
        yield


def _drain(connection: socket.socket) -> None:
    with suppress(OSError):
        while connection.recv(1 << 20):
            pass


def cases(memory: int) -> dict[str, Callable[[ExitStack], None]]:
    """Return what to set up for each case."""

    def unwatched(stack: ExitStack) -> None:
        stack.enter_context(viewer(memory))

    def watched(stack: ExitStack) -> None:
        stack.enter_context(viewer(memory))
        stack.enter_context(browser(reads=True))

    def hanging_browser(stack: ExitStack) -> None:
        stack.enter_context(viewer(memory))
        stack.enter_context(browser(reads=False))

    def stopped(stack: ExitStack) -> None:
        process = stack.enter_context(viewer(memory))
        stack.enter_context(browser(reads=True))
        time.sleep(3.0)
        os.killpg(process.pid, signal.SIGSTOP)

    def killed(stack: ExitStack) -> None:
        process = stack.enter_context(viewer(memory))
        stack.enter_context(browser(reads=True))
        time.sleep(3.0)
        os.killpg(process.pid, signal.SIGKILL)

    return {
        'no viewer': lambda _: None,
        'viewer, no browser': unwatched,
        'viewer, browser': watched,
        'viewer, browser hangs': hanging_browser,
        'viewer stopped (SIGSTOP)': stopped,
        'viewer killed': killed,
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--source', default=shipped_clip())
    parser.add_argument('--size', type=int, nargs=2, default=(640, 512), metavar=('WIDTH', 'HEIGHT'))
    parser.add_argument('--rate', type=float, default=25.0, help='images per second')
    parser.add_argument('--seconds', type=float, default=8.0, help='per case and round')
    parser.add_argument('--rounds', type=int, default=3)
    parser.add_argument('--memory', type=int, default=32, help='MiB that the viewer keeps')
    parser.add_argument('--parameter', action='append', default=[], help='of perception, as in device:=cuda')
    arguments = parser.parse_args()
    choose_domain()
    found: dict[str, list[Measurement]] = {}
    parameters = parameters_of(arguments.parameter)
    with NodeUnderLoad(arguments.source, tuple(arguments.size), arguments.rate, parameters) as node:
        node.wait_for_images()
        node.measure(_SHOWN, 3.0)
        for _ in range(arguments.rounds):
            for name, set_up in cases(arguments.memory).items():
                with ExitStack() as stack:
                    set_up(stack)
                    found.setdefault(name, []).append(node.measure(_SHOWN, arguments.seconds, settle=3.0))
    report(found)


def report(found: dict[str, list[Measurement]]) -> None:
    """Print medians over the rounds, and the ratio of the rate to that without a viewer."""
    base = np.median([each.rate for each in found['no viewer']])
    print(f'{"":26}{"Hz":>7}{"ratio":>7}{"p50 ms":>9}{"p99 ms":>9}{"publish ms":>12}{"cores":>7}{"MB":>7}')
    for name, rounds in found.items():
        rate, p50, p99, publish, cpu, memory = np.median(
            [
                (
                    each.rate,
                    each.latency(50),
                    each.latency(99),
                    each.stages.get('publish', np.nan),
                    each.cores,
                    each.megabytes,
                )
                for each in rounds
            ],
            axis=0,
        )
        print(f'{name:26}{rate:7.2f}{rate / base:7.2f}{p50:9.0f}{p99:9.0f}{publish:12.2f}{cpu:7.2f}{memory:7.0f}')


if __name__ == '__main__':
    main()
