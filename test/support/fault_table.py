"""What `make faults` tells at its end: which kinds were survived how often, and how soon all was well again."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest
from support.faults import FAULTS


@pytest.fixture
def recovered(record_property: Any) -> Any:
    """Return a function that notes the seconds until all was well again after a fault."""
    return lambda seconds: record_property('recovered', seconds)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print a table, where faults happened more than once."""
    if FAULTS == 1:
        return
    survived: dict[str, list[bool]] = defaultdict(list)
    seconds: dict[str, list[float]] = defaultdict(list)
    ended: dict[str, int] = defaultdict(int)
    for outcome in ('passed', 'failed'):
        for report in terminalreporter.stats.get(outcome, []):
            kind = report.nodeid.partition('::')[2].partition('[')[0].removeprefix('test_').replace('_', ' ')
            survived[kind].append(outcome == 'passed')
            ended[kind] += sum(name == 'ended' for name, _ in report.user_properties)
            seconds[kind] += [float(value) for name, value in report.user_properties if name == 'recovered']
    terminalreporter.write_line('\n| kind | times | survived | the node ended | well again after, median / most [s] |')
    terminalreporter.write_line('| --- | --- | --- | --- | --- |')
    for kind, outcomes in survived.items():
        times = sorted(seconds[kind])
        took = f'{times[len(times) // 2]:.2f} / {times[-1]:.2f}' if times else ''
        terminalreporter.write_line(f'| {kind} | {len(outcomes)} | {sum(outcomes)} | {ended[kind]} | {took} |')
