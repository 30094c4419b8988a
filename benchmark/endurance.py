"""Run the node for minutes with every output subscribed, to see its latency bounded and its memory flat.

    python benchmark/endurance.py [--minutes 10] [--size 720x576] [--rate 25] [--video VIDEO]

Latency is from the stamp of an image to the arrival of the last of its outputs. It is bounded when its 99th percentile
stays below three periods of the frames that the node does process. Memory is flat when it grows by less than 2 % from
the end of the first minute to the end of the last. Exit status 1 says that one of them failed.
"""

from __future__ import annotations

import argparse
import sys

from node_under_load import ALL, Measurement, NodeUnderLoad, choose_domain

from mt3dnet_ros.resources import package_file

PERIODS = 3.0
GROWTH = 0.02


def parse() -> argparse.Namespace:
    """Return the arguments of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--minutes', type=int, default=10)
    parser.add_argument('--size', default='720x576', metavar='WxH')
    parser.add_argument('--rate', type=float, default=25.0, help='images per second')
    parser.add_argument('--video', help='pictures to show; the shipped clip by default')
    parser.add_argument('--parameters', nargs='*', default=[], metavar='NAME:=VALUE', help='of the node')
    parser.add_argument('--minute', type=float, default=60.0, help='seconds of a minute, for a quick look')
    return parser.parse_args()


def run(arguments: argparse.Namespace) -> list[Measurement]:
    """Measure minute after minute and print each."""
    video = arguments.video or str(package_file('config', 'demo', 'clip.mp4'))
    width, height = map(int, arguments.size.split('x'))
    minutes = []
    print(f'{"minute":>6} {"rate [Hz]":>9} {"median [ms]":>11} {"p99 [ms]":>9} {"limit [ms]":>10} {"memory [MB]":>11}')
    with NodeUnderLoad(video, (width, height), arguments.rate, arguments.parameters) as node:
        node.wait_for_images()
        for minute in range(arguments.minutes):
            measured = node.measure(ALL, arguments.minute, settle=0.0 if minute else 3.0)
            minutes.append(measured)
            print(
                f'{minute + 1:6d} {measured.rate:9.1f} {measured.latency(50):11.1f} {measured.latency(99):9.1f} '
                f'{limit(measured):10.1f} {1e-6 * measured.memory:11.1f}',
                flush=True,
            )
    return minutes


def limit(measured: Measurement) -> float:
    """Return the largest 99th percentile that is allowed, in milliseconds."""
    return 1e3 * PERIODS / measured.rate if measured.rate else float('nan')


def judge(minutes: list[Measurement]) -> list[str]:
    """Return what is wrong."""
    problems = [
        f'minute {number}: 99th percentile {measured.latency(99):.1f} ms is not below {limit(measured):.1f} ms'
        for number, measured in enumerate(minutes, 1)
        if not measured.latency(99) < limit(measured)
    ]
    first, last = minutes[0].memory, minutes[-1].memory
    if last > first * (1.0 + GROWTH):
        problems.append(f'memory grew from {1e-6 * first:.1f} to {1e-6 * last:.1f} MB')
    return problems


def main() -> int:
    """Run, judge and return the exit status."""
    choose_domain()
    problems = judge(run(parse()))
    print('\n'.join(problems) or 'latency is bounded and memory flat')
    return 1 if problems else 0


if __name__ == '__main__':
    sys.exit(main())
