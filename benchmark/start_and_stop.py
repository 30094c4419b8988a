"""Time the node perception from its start to active, and from Ctrl-C to its end.

    python benchmark/start_and_stop.py [--times 4] [--parameters NAME:=VALUE ...]

Run it in the shell that the nodes run in (`source .venv/ros.sh`), on a machine that does nothing else.
"""

from __future__ import annotations

import argparse
import sys

from mt3dnet_ros.demo.processes import exit_status
from speed.node_under_load import choose_domain, parameters_of
from speed.starting import start_and_stop


def run(arguments: argparse.Namespace) -> None:
    """Print a row per start."""
    print(f'{"active [s]":>10} {"ended [s]":>9}')
    for _ in range(arguments.times):
        active, ended = start_and_stop(parameters_of(arguments.parameters))
        print(f'{active:10.2f} {ended:9.2f}', flush=True)


def main() -> int:
    """Measure and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--times', type=int, default=4)
    parser.add_argument('--parameters', nargs='*', default=[], metavar='NAME:=VALUE', help='of the node')
    arguments = parser.parse_args()
    choose_domain()
    return exit_status(lambda: run(arguments))


if __name__ == '__main__':
    sys.exit(main())
