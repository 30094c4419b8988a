"""What an evaluation found: numbers with what they were counted over, as JSON and as Markdown."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple


class Metric(NamedTuple):
    """One number.

    :param value: NaN where there was nothing to count
    :param n: how many things it was counted over
    :param of: what these are, such as ``pixels`` or ``frames``
    :param meaning: a few words for people
    """

    value: float
    n: int
    of: str
    meaning: str = ''


@dataclass
class Section:
    """The metrics of one kind.

    :param name: key in the JSON report
    :param title: heading in the Markdown report
    :param metrics: by name; a name says the unit where there is one
    :param tables: by name; each has rows by name, and in each row the same metrics by name
    :param curves: further numbers, which plots show: lists and dictionaries of them
    :param notes: sentences on what was done
    :param skipped: why there are no metrics
    """

    name: str
    title: str
    metrics: dict[str, Metric] = field(default_factory=dict)
    tables: dict[str, dict[str, dict[str, Metric]]] = field(default_factory=dict)
    curves: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    skipped: str = ''


def as_json(setting: dict[str, Any], sections: list[Section]) -> dict[str, Any]:
    """Return the report as JSON has it: what was evaluated, then each section; what is not a number is null."""
    report: dict[str, Any] = {'setting': setting}
    for section in sections:
        if section.skipped:
            report[section.name] = {'skipped': section.skipped}
            continue
        report[section.name] = {
            'metrics': _plain_metrics(section.metrics),
            'tables': {
                name: {row: _plain_metrics(metrics) for row, metrics in rows.items()}
                for name, rows in section.tables.items()
            },
            'curves': section.curves,
            'notes': section.notes,
        }
    without_nan: dict[str, Any] = _without_nan(report)
    return without_nan


def as_markdown(setting: dict[str, Any], sections: list[Section], plots: dict[str, list[str]]) -> str:
    """Return the report for people.

    :param plots: file names of the pictures of each section
    """
    lines = ['# Evaluation', '', '| | |', '|---|---|', *(f'| {key} | {value} |' for key, value in setting.items()), '']
    for section in sections:
        lines += [f'## {section.title}', '']
        if section.skipped:
            lines += [f'Not evaluated: {section.skipped}.', '']
            continue
        lines += _metric_table(section.metrics)
        for name, rows in section.tables.items():
            lines += _table(name, rows)
        lines += [line for note in section.notes for line in (note, '')]
        lines += [line for name in plots.get(section.name, []) for line in (f'![{Path(name).stem}]({name})', '')]
    return '\n'.join(lines)


def write_report(
    folder: Path, setting: dict[str, Any], sections: list[Section], plots: dict[str, list[str]]
) -> tuple[Path, Path]:
    """Write ``report.json`` and ``report.md`` and return their paths."""
    machine, people = folder / 'report.json', folder / 'report.md'
    machine.write_text(json.dumps(as_json(setting, sections), indent=1, allow_nan=False) + '\n', encoding='utf-8')
    people.write_text(as_markdown(setting, sections, plots), encoding='utf-8')
    return machine, people


def format_value(name: str, value: float) -> str:
    """Return a number with as many digits as its unit deserves; a dash for NaN."""
    if math.isnan(value):
        return '-'
    return f'{value:.2f}' if name.endswith('_mm') else f'{value:.1f}' if name.endswith('_ms') else f'{value:.4f}'


def _metric_table(metrics: dict[str, Metric]) -> list[str]:
    rows = [
        f'| `{name}` | {format_value(name, metric.value)} | {metric.n} {metric.of} | {metric.meaning} |'
        for name, metric in metrics.items()
    ]
    return ['| metric | value | over | |', '|---|---|---|---|', *rows, ''] if rows else []


def _table(name: str, rows: dict[str, dict[str, Metric]]) -> list[str]:
    if not rows:
        return []
    columns = list(next(iter(rows.values())))
    head = ' | '.join(f'`{column}`' for column in columns)
    lines = [f'| {name} | {head} | over |', '|---' * (len(columns) + 2) + '|']
    for row, metrics in rows.items():
        values = [format_value(column, metrics[column].value) for column in columns]
        over = dict.fromkeys(f'{metric.n} {metric.of}' for metric in metrics.values())
        lines.append(f'| {row} | {" | ".join(values)} | {", ".join(over)} |')
    return [*lines, '']


def _plain_metrics(metrics: dict[str, Metric]) -> dict[str, dict[str, Any]]:
    return {name: {'value': metric.value, 'n': metric.n, 'of': metric.of} for name, metric in metrics.items()}


def _without_nan(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nan(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
