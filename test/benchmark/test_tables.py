"""The tables of the benchmark: what is promised, and how what was found stands beside it."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from mt3dnet_ros.errors import MissingExtraError
from speed.findings import Point, Unmeasured, Value, attempted
from speed.page import curve_lines, section_lines, verdict, wrapped
from speed.results import Results
from speed.single_task import SIZES, compare
from speed.tables import BACK_ENDS, BY_NAME, SECTIONS, SINGLE_TASK, Case, Curve, Figure, Section, ours, ratio, size_of
from speed.turns import Spent, in_turns

RATE, MEMORY = Figure('rate', 'Hz', at_least=True), Figure('memory', 'MB', digits=0)
SECTION = Section('s', 'm', 'Title', 'Text.', [RATE, MEMORY], [Case('a', {'rate': 20.0, 'memory': 350.0}), Case('b')])


def results(*findings: object) -> Results:
    found = Results(SECTION)
    found.collect(findings)  # type: ignore[arg-type]
    return found


def row(found: Results, name: str) -> str:
    return next(line for line in section_lines(found) if line.startswith(f'| {name} |'))


@pytest.mark.parametrize(('rate', 'cell'), [(20.0, '20.0 (goal: 20)'), (19.94, '**19.9** (goal: 20)')])
def test_a_rate_is_to_be_at_least_its_goal(rate: float, cell: str) -> None:
    assert row(results(Value('a', 'rate', rate)), 'a').startswith(f'| a | {cell} |')


@pytest.mark.parametrize(('memory', 'cell'), [(350.0, '350 (goal: 350)'), (351.0, '**351** (goal: 350)')])
def test_a_cost_is_to_be_at_most_its_goal(memory: float, cell: str) -> None:
    assert row(results(Value('a', 'memory', memory)), 'a').endswith(f'| {cell} |')


def test_what_was_not_measured_is_neither_met_nor_missed_and_says_why() -> None:
    found = results(Value('a', 'rate', 25.0), Value('b', 'rate', float('nan')), Unmeasured('no scales here', 'memory'))
    assert row(found, 'a') == '| a | 25.0 (goal: 20) | - (goal: 350) |' and row(found, 'b') == '| b | - | - |'
    assert 'Not measured (memory): no scales here.' in section_lines(found)
    lines = verdict([found])
    assert lines[0].startswith('1 of 2 goals are met') and 'Not measured: a: memory.' in lines
    assert not any(line.startswith('Missed') for line in lines)


@pytest.mark.parametrize('number', [float, np.float64])
def test_met_goals_are_counted_and_a_missed_one_is_named(number: type[float]) -> None:
    lines = verdict([results(Value('a', 'rate', number(5.0)), Value('a', 'memory', number(100.0)))])
    assert lines[0].startswith('1 of 2 goals are met') and 'Missed: a: rate.' in lines


def test_a_case_that_fails_lets_the_others_be_measured() -> None:
    def fail():
        yield Value('a', 'rate', 1.0)
        raise MissingExtraError('openvino', 'openvino')

    found = list(attempted('`openvino`', fail))
    assert found[0] == Value('a', 'rate', 1.0)
    assert found[1] == Unmeasured("openvino is not installed: pip install 'mt3dnet_ros[openvino]'", '`openvino`')


def test_a_mistake_in_a_case_is_not_taken_for_something_missing() -> None:
    def fail():
        yield from ()
        raise TypeError

    with pytest.raises(TypeError):
        list(attempted('', fail))


def test_a_curve_has_a_row_per_place_and_a_column_per_line() -> None:
    points = [Point('c', 2.0, {'one': 5.0}), Point('c', 1.0, {'one': 4.0}), Point('c', 2.0, {'two': 9.0})]
    assert curve_lines(Curve('c', 'size'), points)[2:] == ['| 1 | 4.0 | - |', '| 2 | 5.0 | 9.0 |']


def test_names_are_given_once_and_goals_belong_to_figures() -> None:
    assert len({section.name for section in SECTIONS}) == len(SECTIONS)
    for section in SECTIONS:
        names = [case.name for case in section.cases]
        assert len(set(names)) == len(names)
        assert all(set(case.goals) <= {figure.name for figure in section.figures} for case in section.cases)


def test_every_goal_is_asked_of_what_runs_by_default() -> None:
    text = [f'{case.name}: {figure}' for section in SECTIONS for case in section.cases for figure in case.goals]
    assert len(text) >= 20
    for other in BACK_ENDS[1:]:
        assert not any(f'`{other}`' in name for name in text)


def test_ratios_are_taken_turn_by_turn() -> None:
    theirs, own = np.array([100.0, 200.0, 400.0]), np.array([10.0, 10.0, 40.0])
    found = compare(
        {name: Spent(theirs, theirs) for name in SINGLE_TASK} | {ours('torch'): Spent(own, own)}, ('torch',)
    )
    assert found[ratio('torch')] == 30.0 and found[SINGLE_TASK[0]] == 200.0


def test_the_sizes_fit_the_networks() -> None:
    assert SIZES.keys() == {case.name for case in BY_NAME['single_task'].cases}
    for sizes in SIZES.values():
        assert all(side % step == 0 for size, step in zip(sizes, (32, 14, 32), strict=True) for side in size)


def test_ways_take_turns() -> None:
    called: list[str] = []
    times = in_turns({name: lambda name=name: called.append(name) for name in 'ab'}, turns=3, warm_up=1)
    assert called == list('abababab') and {len(spent.wall) for spent in times.values()} == {3}


def test_paragraphs_are_wrapped_where_pages_end() -> None:
    lines = wrapped(' '.join(['word'] * 100))
    assert max(map(len, lines)) <= 120 and all(len(one) + 5 > 120 for one, _ in pairwise(lines))


@pytest.mark.parametrize('wrong', ['640', '640x', 'x', '640x480x3'])
def test_a_size_is_two_numbers(wrong: str) -> None:
    assert size_of('640x480') == (640, 480)
    with pytest.raises(ValueError):  # noqa: PT011
        size_of(wrong)
