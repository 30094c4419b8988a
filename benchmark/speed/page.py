"""What was found as Markdown: for the terminal, and as a page of the documentation."""

from __future__ import annotations

import math
import os
import platform
from collections.abc import Iterator, Sequence
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from speed.findings import Point
from speed.markdown import table
from speed.process_use import processor_name
from speed.results import Results
from speed.tables import Case, Curve, Figure

_LIBRARIES = ('torch', 'openvino', 'transformers')
_NOTHING = '-'


def section_lines(results: Results) -> Iterator[str]:
    """Yield the lines of a section: what it is, its tables, and why something is missing."""
    section = results.section
    yield from (f'## {section.title}', '', *wrapped(section.text), '')
    if section.cases:
        head = ['', *(figure.title for figure in section.figures)]
        rows = [[case.name, *(cell(results, case, figure) for figure in section.figures)] for case in section.cases]
        yield from (*table(head, rows), '')
    for curve in section.curves:
        yield from (*curve_lines(curve, results.points.get(curve.name, [])), '')
    for missing in results.unmeasured:
        yield from (*wrapped(f'Not measured{f" ({missing.part})" if missing.part else ""}: {missing.why}.'), '')
    yield f'Measured in {results.seconds:.0f} s, beside other work on {results.others:.1f} cores.'


def cell(results: Results, case: Case, figure: Figure) -> str:
    """Return a number beside its goal."""
    number, goal = results.numbers.get((case.name, figure.name)), case.goals.get(figure.name)
    text = _number(number, figure.digits)
    if goal is None:
        return text
    met = number is not None and figure.met(number, goal)
    return f'{text} (goal: {goal:g})' if met or text == _NOTHING else f'**{text}** (goal: {goal:g})'


def curve_lines(curve: Curve, points: Sequence[Point]) -> list[str]:
    """Return the lines of the table of a curve."""
    names = list(dict.fromkeys(name for point in points for name in point.heights))
    places = sorted({point.x for point in points})
    heights = {(point.x, name): height for point in points for name, height in point.heights.items()}
    head = [f'{curve.x} ({curve.name})', *(f'{name}: {curve.y}' for name in names)]
    rows = [[f'{x:.3g}', *(_number(heights.get((x, name)), 1) for name in names)] for x in places]
    return table(head, rows or [[_NOTHING] * len(head)])


def verdict(found: Sequence[Results]) -> list[str]:
    """Return how many goals are met, and which are not."""
    goals = [goal for results in found for goal in results.goals()]
    met = sum(reached is True for *_, reached in goals)
    missed = [f'{case}: {figure}' for case, figure, reached in goals if reached is False]
    unknown = [f'{case}: {figure}' for case, figure, reached in goals if reached is None]
    lines = [f'{met} of {len(goals)} goals are met; missed ones are bold.', '']
    for title, names in (('Missed', missed), ('Not measured', unknown)):
        lines += [*wrapped(f'{title}: {"; ".join(names)}.'), ''] if names else []
    return lines


def machine() -> str:
    """Return what the figures were measured on, and when."""
    libraries = [f'{name} {found}' for name in _LIBRARIES if (found := _version(name))]
    cores = len(os.sched_getaffinity(0))
    return (
        f'Measured on {date.today().isoformat()} on {cores} cores of {processor_name()}, Python '
        f'{platform.python_version()}, {", ".join(libraries)}.'
    )


def write_page(path: Path, title: str, sentence: str, lines: Sequence[str]) -> None:
    """Write a page of the documentation."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text('\n'.join([f'# {title}', '', *wrapped(sentence), '', *lines]).rstrip() + '\n', encoding='utf-8')


def wrapped(text: str, width: int = 120) -> list[str]:
    """Return a paragraph in lines."""
    lines = ['']
    for word in text.split():
        if len(lines[-1]) + 1 + len(word) > width:
            lines.append(word)
        else:
            lines[-1] = f'{lines[-1]} {word}'.strip()
    return lines


def _number(number: float | None, digits: int) -> str:
    return _NOTHING if number is None or math.isnan(number) else f'{number:.{digits}f}'


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return ''
