"""The tables of docs/robot/metric.md, of reports that `mt3dnet evaluate --scale-sources` wrote.

    for name in wide endoscope sequences; do
        mt3dnet evaluate --dataset rendered --data RENDERED/$name --scale-sources shaft second_eye robot --output $name
    done
    python benchmark/scale_tables.py wide endoscope --sequences sequences [--page docs/robot/metric.md]

Prints a row of Markdown for every way of knowing the scale: of stills, the error of depth (all frames; those with a
whole silhouette), the share of frames that have the source, the error of the scale (median and 90 % of the frames),
that of the depth of tools (median), and the coverage of the 95 % intervals (scale, pixels, tools); of sequences, how
steady the scale is. With --page the tables behind the comments `table: NAME` of a page are replaced.
"""

from __future__ import annotations

import argparse
import json
import math
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

Row = dict[str, dict[str, Any]]
_NAMES = {
    'guess': "the network's guess",
    'shaft': 'shaft, diameter known',
    'shaft_by_labels': 'shaft, diameter of the label file',
    'second_eye_sparse': 'second eye, sparse',
    'second_eye_dense': 'second eye, dense',
    'robot': 'robot',
    'shaft_robot': 'shaft and robot',
    'all': 'all, second eye sparse',
    'all_dense': 'all, second eye dense',
    'all_wrong_diameter': 'all (sparse), diameters 30 % too large',
    'true': 'the true scale',
}
_STILLS = '| source | MAE | with a silhouette | frames with it | error of the scale | of tools | in the 95 % |'
_SEQUENCES = '| source | spread, frames alone | fused | ratio | due | error, alone | fused | follows a cut after |'

_OVER_TIME = 'std_alone', 'std_fused', 'ratio', 'std_true', 'error_alone', 'error_fused'


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('reports', nargs='*', type=Path, metavar='REPORT', help='of stills')
    parser.add_argument('--sequences', type=Path, metavar='REPORT')
    parser.add_argument('--page', type=Path, metavar='FILE', help='put them into this page')
    arguments = parser.parse_args()
    tables = {report.name: _table(_STILLS, map(_still_row, _rows(report, 'scale'))) for report in arguments.reports}
    if (report := arguments.sequences) is not None:
        tables[report.name] = _table(_SEQUENCES, map(_sequence_row, _rows(report, 'scale_over_time')))
    for name, table in tables.items():
        print(f'\n{name}:\n\n{table}')
        if arguments.page:
            _replace(arguments.page, name, table)


def _replace(page: Path, name: str, table: str) -> None:
    text = page.read_text(encoding='utf-8')
    behind = re.compile(rf'(<!-- table: {re.escape(name)} -->\n\n)((\|.*\n)*)')
    if not behind.search(text):
        raise SystemExit(f"'{page}' has no comment <!-- table: {name} --> with an empty line behind")
    page.write_text(behind.sub(lambda found: f'{found[1]}{table}\n', text), encoding='utf-8')


def _rows(report: Path, section: str) -> list[tuple[str, Row]]:
    content = json.loads((report / 'report.json').read_text(encoding='utf-8'))
    rows: dict[str, Row] = content[section]['tables']['sources']
    return [(_NAMES[name], row) for name, row in rows.items()]


def _table(head: str, rows: Iterator[Sequence[str]]) -> str:
    lines = [head, '|---' * (head.count('|') - 1) + '|', *(f'| {" | ".join(row)} |' for row in rows)]
    return '\n'.join(lines)


def _still_row(item: tuple[str, Row]) -> Sequence[str]:
    name, row = item
    covered = [_percent(row, key) for key in ('covered_scale', 'covered_pixels', 'covered_positions')]
    errors = f'{_percent(row, "error_median")} / {_percent(row, "error_p90")}'
    millimetres = [_number(row, key, '{:.1f} mm') for key in ('mae_mm', 'mae_whole_mm')]
    tools = _number(row, 'position_mm', '{:.1f} mm')
    return [name, *millimetres, _percent(row, 'with_source'), errors, tools, ' / '.join(covered)]


def _sequence_row(item: tuple[str, Row]) -> Sequence[str]:
    name, row = item
    values = [_number(row, key, '{:.3f}') for key in _OVER_TIME]
    times = [_number(row, key, '{:.1f}') for key in ('follow_s', 'follow_worst_s')]
    return [name, *values, f'{times[0]} s, at worst {times[1]} s']


def _percent(row: Row, key: str) -> str:
    value = _value(row, key)
    return '-' if math.isnan(value) else f'{100 * value:.1f} %'


def _number(row: Row, key: str, form: str) -> str:
    value = _value(row, key)
    return '-' if math.isnan(value) else form.format(value)


def _value(row: Row, key: str) -> float:
    value = row.get(key, {}).get('value')  # a report of an earlier version may lack it
    return math.nan if value is None else float(value)


if __name__ == '__main__':
    main()
