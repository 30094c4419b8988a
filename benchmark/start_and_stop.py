"""Time the node perception from its start to active, and from Ctrl-C to its end.

    python benchmark/start_and_stop.py [--times 4] [--parameters NAME:=VALUE ...]

Run it in the shell that the nodes run in (`source .venv/ros.sh`), on a machine that does nothing else.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from node_under_load import choose_domain

NODE = Path(__file__).resolve().parents[1] / 'scripts' / 'perception'


def start_and_stop(parameters: list[str]) -> tuple[float, float]:
    """Return seconds until the node is active, and from Ctrl-C until its process has ended."""
    arguments = [word for parameter in parameters for word in ('-p', parameter)]
    started = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, str(NODE), '--ros-args', *arguments],
        text=True,
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    lines: list[str] = []
    for line in process.stdout or ():
        lines.append(line)
        if 'active on' in line or 'not configured' in line:
            break
    active = time.monotonic() - started
    if 'active on' not in lines[-1]:
        process.send_signal(signal.SIGINT)
        raise SystemExit(''.join(lines))
    time.sleep(2.0)
    interrupted = time.monotonic()
    os.killpg(process.pid, signal.SIGINT)
    lines.append(process.communicate()[0])
    if process.returncode or 'Traceback' in lines[-1]:
        raise SystemExit(''.join(lines))
    return active, time.monotonic() - interrupted


def main() -> None:
    """Print a row per start."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--times', type=int, default=4)
    parser.add_argument('--parameters', nargs='*', default=[], metavar='NAME:=VALUE', help='of the node')
    arguments = parser.parse_args()
    choose_domain()
    print(f'{"active [s]":>10} {"ended [s]":>9}')
    for _ in range(arguments.times):
        active, ended = start_and_stop(arguments.parameters)
        print(f'{active:10.2f} {ended:9.2f}')


if __name__ == '__main__':
    main()
