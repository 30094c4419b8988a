"""What a report says, as JSON and as Markdown."""

from __future__ import annotations

import json

import pytest

from mt3dnet_ros.evaluation.report import Metric, Section, format_value, write_report

SECTIONS = [
    Section(
        'depth', 'Depth', {'mae_mm': Metric(2.21875, 7, 'frames', 'unscaled')},
        {'sequences': {'a': {'mae_mm': Metric(1.0, 3, 'frames')}, 'b': {'mae_mm': Metric(float('nan'), 0, 'frames')}}},
        {'values': [1.0, float('nan')]}, ['A note.'],
    ),
    Section('types', 'Types', skipped='there are none'),
]  # fmt: skip


@pytest.fixture
def report(tmp_path):
    machine, people = write_report(tmp_path, {'split': 'val'}, SECTIONS, {'depth': ['errors.png']})
    return json.loads(machine.read_text()), people.read_text()


def test_every_number_has_its_count(report):
    depth = report[0]['depth']
    assert depth['metrics']['mae_mm'] == {'value': 2.21875, 'n': 7, 'of': 'frames'}
    assert depth['tables']['sequences']['a']['mae_mm'] == {'value': 1.0, 'n': 3, 'of': 'frames'}


def test_what_is_not_a_number_is_null(report):
    assert report[0]['depth']['tables']['sequences']['b']['mae_mm']['value'] is None
    assert report[0]['depth']['curves'] == {'values': [1.0, None]}


def test_what_was_not_evaluated_says_why(report):
    assert report[0]['types'] == {'skipped': 'there are none'}
    assert 'Not evaluated: there are none.' in report[1]


def test_people_read_tables_notes_and_pictures(report):
    lines = report[1].splitlines()
    assert '| `mae_mm` | 2.22 | 7 frames | unscaled |' in lines
    assert '| sequences | `mae_mm` | over |' in lines and '| b | - | 0 frames |' in lines
    assert 'A note.' in lines and '![errors](errors.png)' in lines and '| split | val |' in lines


@pytest.mark.parametrize(('name', 'text'), [('mae_mm', '1.23'), ('total_median_ms', '1.2'), ('dice', '1.2346')])
def test_digits_depend_on_the_unit(name, text):
    assert format_value(name, 1.23456) == text
