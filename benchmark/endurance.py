"""Run the node for minutes with every output subscribed, to see it drop nothing, its latency flat and its memory too.

    python benchmark/endurance.py [--minutes 10] [--size 720x576] [--rate 25] [--faults] [--docs]

Each minute is a row. What is wrong is said at the end, and the exit status is 1 then: a minute in which more than 2 %
of the images had not all of their outputs; a 99th percentile of latency that is 1.2 times as long in the last third of
the minutes as in the first; memory, descriptors, threads or files in shared memory that grew by more than 1 %. With
`--faults` each minute but the first begins with a random fault: the camera pauses, changes its size, or sends what is
no image, and twice in the run the node is killed and started again. The bounds hold for the time after the node has
recovered; growth is that of one life of the node, after it has seen every size of camera.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from mt3dnet_ros.demo.interruption import INTERRUPTION

if __name__ == '__main__':
    INTERRUPTION.listen()

from mt3dnet_ros.demo.processes import exit_status
from mt3dnet_ros.errors import MT3DNetError
from speed.figures import draw_minutes
from speed.markdown import table
from speed.node_under_load import NodeUnderLoad, choose_domain, parameters_of
from speed.other_work import OtherWork
from speed.page import machine, wrapped, write_page
from speed.pictures import shipped_clip
from speed.soak import Minute, judge, minutes_of
from speed.tables import dimensions, size_of

DOCS = Path(__file__).resolve().parents[1] / 'docs'
HEAD = (
    'minute',
    'rate [Hz]',
    'dropped [%]',
    'latency, median / p99 [ms]',
    'memory [MB]',
    'descriptors',
    'threads',
    'shared files',
    'fault, recovered after',
)


class NotSteadyError(MT3DNetError, RuntimeError):
    """The node did not stay as it was; the text says in what."""


def parse(words: Sequence[str] | None = None) -> argparse.Namespace:
    """Return the arguments of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--minutes', type=int, default=10)
    parser.add_argument('--size', type=size_of, default=(720, 576), metavar='WxH')
    parser.add_argument('--rate', type=float, default=25.0, help='images per second')
    parser.add_argument('--video', default=shipped_clip(), help='pictures to show; the shipped clip by default')
    parser.add_argument('--parameters', nargs='*', default=[], metavar='NAME:=VALUE', help='of the node')
    parser.add_argument('--faults', action='store_true', help='let something go wrong every minute')
    parser.add_argument('--seed', type=int, default=0, help='of the faults')
    parser.add_argument('--minute', type=float, default=60.0, help='seconds of a minute, for a quick look')
    parser.add_argument('--output', type=Path, default=Path('demo_output/benchmark'), help='(default: %(default)s)')
    parser.add_argument('--docs', action='store_true', help='write the page and its picture into docs/')
    return parser.parse_args(words)


def run(arguments: argparse.Namespace) -> None:
    """Measure minute after minute, print each, and judge them.

    :raises NotSteadyError: something grew, or was lost
    """
    minutes: list[Minute] = []
    print('\n'.join(table(HEAD, [])), flush=True)
    parameters = parameters_of(arguments.parameters)
    others = OtherWork()
    with NodeUnderLoad(arguments.video, arguments.size, arguments.rate, parameters) as node:
        node.wait_for_images()
        seed = arguments.seed if arguments.faults else None
        for minute in minutes_of(node, arguments.size, arguments.minutes, arguments.minute, seed):
            minutes.append(minute)
            print(table(HEAD, [row(minute)])[-1], flush=True)
    problems = judge(minutes)
    write(arguments, minutes, problems, others)
    if problems:
        raise NotSteadyError('; '.join(problems))
    print('steady: drops, latency, memory, descriptors, threads and shared memory are within their bounds')


def row(minute: Minute) -> list[str]:
    """Return the cells of a minute."""
    measured, use = minute.measured, minute.measured.use
    return [
        str(minute.number),
        f'{measured.rate:.1f}',
        f'{100.0 * measured.dropped:.1f}',
        f'{measured.latency(50):.1f} / {measured.latency(99):.1f}',
        f'{measured.megabytes:.1f}',
        str(use.descriptors),
        str(use.threads),
        str(use.shared_files),
        f'{minute.fault}, {minute.recovered:.1f} s' if minute.fault else '',
    ]


def write(arguments: argparse.Namespace, minutes: Sequence[Minute], problems: Sequence[str], others: OtherWork) -> None:
    """Write the page and its picture."""
    name = 'faults' if arguments.faults else 'endurance'
    output, picture = DOCS if arguments.docs else arguments.output, f'images/{name}.png'
    sentence = (
        f'Here you find how the running node does over {len(minutes)} minutes at {arguments.rate:g} images/s of '
        f'{dimensions(arguments.size)}, every output subscribed'
        + (', while something goes wrong in each of them.' if arguments.faults else '.')
    )
    command = f'python benchmark/endurance.py{" --faults" if arguments.faults else ""} --docs'
    shared = f'Other work on the machine kept {others.cores():.1f} of them busy.'
    lines = [*wrapped(f'Written by `{command}`. {machine()} {shared}'), '', *table(HEAD, map(row, minutes)), '']
    for problem in problems or ['Everything stayed within its bounds.']:
        lines += [*wrapped(problem[0].upper() + problem[1:]), '']
    draw_minutes(minutes, output / picture)
    title = 'Faults' if arguments.faults else 'Endurance'
    write_page(output / 'notebook' / f'{name}.md', title, sentence, [*lines, f'![minute by minute](../{picture})'])


def main() -> int:
    """Run and return the exit status."""
    arguments = parse()
    choose_domain()
    return exit_status(lambda: run(arguments))


if __name__ == '__main__':
    status = main()
    INTERRUPTION.end()
    sys.exit(status)
