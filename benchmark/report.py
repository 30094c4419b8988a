"""Measure all that is promised of speed and memory, and print it beside its goals: what `make benchmark` runs.

    python benchmark/report.py [--only demo node stages start single_task gpu growth] [--docs] [--quick]

Every section is measured in a process of its own. What cannot be measured here says what it needs, and the others go
on. The page and its picture go to the folder of `--output`, or with `--docs` into the documentation. Run it in the
shell that the nodes run in (`source .venv/ros.sh`), on a machine that does nothing else: how busy it was is said too.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from mt3dnet_ros.demo.interruption import INTERRUPTION

if __name__ == '__main__':
    INTERRUPTION.listen()

from mt3dnet_ros.demo.processes import exit_status
from mt3dnet_ros.errors import InputError, MissingExtraError
from speed.conditions import FULL, QUICK, Conditions
from speed.findings import Unmeasured, reason
from speed.node_under_load import choose_domain
from speed.page import machine, section_lines, verdict, wrapped, write_page
from speed.results import Results
from speed.section_process import BrokenSectionError, findings_of
from speed.starting import cache_in
from speed.tables import BACK_ENDS, BY_NAME, SECTIONS, Section

DOCS = Path(__file__).resolve().parents[1] / 'docs'
PAGE, PICTURE = 'notebook/speed.md', 'images/speed_growth.png'  # within the documentation
SENTENCE = (
    'Here you find every figure of speed and memory that is aimed at, beside its goal, and how the cost grows. '
    '`make benchmark DOCS=1` wrote this page in one run; what was measured besides: [benchmarks.md](benchmarks.md).'
)


def parse(words: Sequence[str] | None = None) -> argparse.Namespace:
    """Return the arguments of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--only', nargs='+', choices=tuple(BY_NAME), default=tuple(BY_NAME), metavar='SECTION')
    parser.add_argument('--output', type=Path, default=Path('demo_output/benchmark'), help='(default: %(default)s)')
    parser.add_argument('--docs', action='store_true', help='write the page and its picture into docs/')
    parser.add_argument('--checkpoint', default='', help='network; the shipped one by default')
    parser.add_argument('--back-ends', nargs='+', choices=BACK_ENDS, default=BACK_ENDS, metavar='NAME')
    parser.add_argument('--quick', action='store_true', help='measure for moments, to see that everything runs')
    return parser.parse_args(words)


def run(arguments: argparse.Namespace) -> None:
    """Measure, print and write.

    :raises InputError: the documentation would lose sections
    :raises BrokenSectionError: a section did not run to its end
    """
    if arguments.docs and (arguments.quick or set(arguments.only) != set(BY_NAME) or arguments.back_ends != BACK_ENDS):
        raise InputError('--docs goes with everything measured: leave out --only, --back-ends and --quick')
    start, output = time.monotonic(), DOCS if arguments.docs else arguments.output
    conditions = replace(
        QUICK if arguments.quick else FULL, checkpoint=arguments.checkpoint, back_ends=arguments.back_ends
    )
    arguments.output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix='mt3dnet_ros_cache_') as cache, cache_in(cache):
        chosen = [section for section in SECTIONS if section.name in arguments.only]
        found = [measured(section, conditions, arguments.output / f'{section.name}.log') for section in chosen]
    summary = [*wrapped(machine()), '', *verdict(found)]
    print('\n'.join(summary))
    lines = summary + [line for results in found for line in (*section_lines(results), '')]
    if picture := draw(found, output / PICTURE):
        lines += [f'![{picture}](../{PICTURE})']
    write_page(output / PAGE, 'Speed', SENTENCE, lines)
    print(f'{output / PAGE} written, after {time.monotonic() - start:.0f} s', file=sys.stderr)
    if broken := [results.section.name for results in found if results.broken]:
        raise BrokenSectionError(f'not measured to the end: {", ".join(broken)}; see above')


def measured(section: Section, conditions: Conditions, log: Path) -> Results:
    """Measure a section and print it."""
    print(f'measuring: {section.title} ...', file=sys.stderr, flush=True)
    results = Results(section)
    for name in BACK_ENDS:
        if name not in conditions.back_ends and any(f'`{name}`' in case.name for case in section.cases):
            results.unmeasured.append(Unmeasured('left out by --back-ends', f'`{name}`'))
    try:
        with closing(findings_of(section, conditions, log)) as findings:
            results.collect(findings)
    except BrokenSectionError as error:
        results.unmeasured.append(Unmeasured(reason(error)))
        results.broken = True
    print('\n'.join(section_lines(results)), end='\n\n', flush=True)
    return results


def draw(found: Sequence[Results], path: Path) -> str:
    """Draw the curves, and return what the picture shows; nothing where there are none, or nothing to draw with."""
    points = {name: each for results in found for name, each in results.points.items()}
    curves = [curve for results in found for curve in results.section.curves]
    if not points:
        return ''
    try:
        from speed.figures import draw_growth
    except MissingExtraError as error:
        print(f'no picture: {error}', file=sys.stderr)
        return ''
    draw_growth(curves, points, path)
    return ', '.join(curve.name for curve in curves)


def main() -> int:
    """Measure and return the exit status."""
    arguments = parse()
    choose_domain()
    return exit_status(lambda: run(arguments))


if __name__ == '__main__':
    status = main()
    INTERRUPTION.end()
    sys.exit(status)
