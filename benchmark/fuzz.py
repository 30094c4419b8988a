"""Give the decoders of messages and the readers of files what is damaged, lies, or is huge, and see what comes of it.

    python benchmark/fuzz.py [--messages 1000000 | --minutes 30] [--seed 0] [--docs]
    python benchmark/fuzz.py --target CameraInfo --first 4711 --messages 1      one attack again

One of eight things is good and has to be taken. All others have to be taken as well, or be refused with a reason, by
an error of this package; nothing may crash, hang, or take more memory than the bound. What must not be is printed with
the command that repeats it, and the exit status is 1 then. The real nodes: `test/robustness/`.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from mt3dnet_ros.demo.interruption import INTERRUPTION

if __name__ == '__main__':
    INTERRUPTION.listen()

from attack.campaign import MEMORY, Found, Job, Toll, run
from attack.loading import targets
from attack.target import GOOD_SHARE, Target
from mt3dnet_ros.demo.processes import exit_status
from mt3dnet_ros.errors import InputError, MT3DNetError
from speed.markdown import table
from speed.page import machine, wrapped, write_page

DOCS = Path(__file__).resolve().parents[1] / 'docs'
HEAD = ('attacked', 'things', 'taken', 'refused', 'kinds of reason', 'must not be', 'growth [MB]', 'things/s')
_ROUND = 50_000  # things that are given to all targets together before the time is looked at
_TOP = 5  # reasons of each target that are told


class BrokenError(MT3DNetError, RuntimeError):
    """Something was found that must not be; the text says how often."""


def parse(words: Sequence[str] | None = None) -> argparse.Namespace:
    """Return the arguments of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--messages', type=int, default=100_000, help='things to give, in all (default: %(default)s)')
    parser.add_argument('--minutes', type=float, default=0.0, help='go on for so long, however many they become')
    parser.add_argument('--seed', type=int, default=0, help='of chance; the same seed gives the same things')
    parser.add_argument('--target', nargs='*', default=[], metavar='NAME', help='attack only these')
    parser.add_argument('--first', type=int, default=0, metavar='NUMBER', help='of the first attack on each')
    parser.add_argument('--output', type=Path, default=Path('demo_output/benchmark'), help='(default: %(default)s)')
    parser.add_argument('--docs', action='store_true', help='write the page into docs/')
    return parser.parse_args(words)


def attacked(arguments: argparse.Namespace) -> list[Toll]:
    """Return what came of each target.

    :raises InputError: there is no target of a name
    """
    chosen = _chosen(arguments.target)
    tolls = {target.name: Toll(target.name) for target in chosen}
    deadline, number = time.monotonic() + 60.0 * arguments.minutes, arguments.first
    size = _ROUND if arguments.minutes else arguments.messages
    while True:
        for name, toll in run(targets, shares(chosen, number, size), arguments.seed).items():
            tolls[name].add(toll)
        number += size
        if time.monotonic() >= deadline:
            return list(tolls.values())


def shares(chosen: Sequence[Target], number: int, size: int) -> list[Job]:
    """Return so many attacks in all, of each target by its weight, from a number on."""
    total = sum(target.weight for target in chosen)
    return [Job(target.name, number, number + max(1, round(size * target.weight / total))) for target in chosen]


def _chosen(names: Sequence[str]) -> list[Target]:
    known = {target.name: target for target in targets()}
    if unknown := set(names) - known.keys():
        raise InputError(f'there is no target {", ".join(sorted(unknown))} (there are: {", ".join(known)})')
    return [target for name, target in known.items() if not names or name in names]


def row(toll: Toll) -> list[str]:
    """Return the cells of a target."""
    rate = toll.attacks / toll.seconds if toll.seconds else 0.0
    numbers = (toll.attacks, toll.taken, toll.refused, len(toll.reasons), len(toll.found))
    return [toll.target, *(f'{number:,}' for number in numbers), f'{1e-6 * toll.growth:.0f}', f'{rate:,.0f}']


def repeat(found: Found, seed: int) -> str:
    """Return the command that does the same again."""
    return f"python benchmark/fuzz.py --target '{found.target}' --seed {seed} --first {found.number} --messages 1"


def report(tolls: Sequence[Toll], arguments: argparse.Namespace) -> list[str]:
    """Return the lines of a page."""
    share = round(1.0 / GOOD_SHARE)
    total, broken = sum(toll.attacks for toll in tolls), sum(len(toll.found) for toll in tolls)
    lines = [
        *wrapped(
            f'{total:,} things, seed {arguments.seed}; one of {share} is good. {broken} must not be. Beyond what a '
            f'process has once it works, it may take {MEMORY / 1e6:.0f} MB of addresses.'
        ),
        '',
        *table(HEAD, map(row, tolls)),
        '',
        'The most frequent reasons:',
        '',
        *table(('attacked', 'reason', 'times'), _reasons(tolls)),
        '',
    ]
    return lines


def _reasons(tolls: Sequence[Toll]) -> Iterator[list[str]]:
    for toll in tolls:
        for reason, times in toll.reasons.most_common(_TOP):
            yield [toll.target, reason.replace('|', '/'), f'{times:,}']


def main_of(arguments: argparse.Namespace) -> None:
    """Attack, and tell.

    :raises BrokenError: something was found that must not be
    """
    print(f'seed {arguments.seed}', flush=True)
    tolls = attacked(arguments)
    lines = report(tolls, arguments)
    print('\n'.join(lines))
    for found in (found for toll in tolls for found in toll.found):
        print(f'{repeat(found, arguments.seed)}\n{found.text}\n', flush=True)
    output = DOCS if arguments.docs else arguments.output
    sentence = 'Here you find what the decoders and readers of this package make of what is damaged, lies or is huge.'
    command = f'python benchmark/fuzz.py --messages {sum(toll.attacks for toll in tolls)} --docs'
    write_page(
        output / 'notebook' / 'fuzz.md',
        'Fuzz',
        sentence,
        [*wrapped(f'Written by `{command}`. {machine()}'), '', *lines],
    )
    if number := sum(len(toll.found) for toll in tolls):
        raise BrokenError(f'{number} of {sum(toll.attacks for toll in tolls)} things did what must not be')


def main() -> int:
    """Run and return the exit status."""
    arguments = parse()
    return exit_status(lambda: main_of(arguments))


if __name__ == '__main__':
    status = main()
    INTERRUPTION.end()
    sys.exit(status)
