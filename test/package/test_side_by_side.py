"""Tests in several processes: which files stay together, and which come first."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from support.paths import ROOT

pytest.importorskip('xdist', reason='needs pytest-xdist')

from support.side_by_side import IN_TURN, LONG, Scheduling, put_long_tests_first


def test_what_is_named_exists() -> None:
    assert [name for name in (*IN_TURN, *LONG) if not (ROOT / name).exists()] == []


def test_files_are_given_as_a_whole_and_those_that_take_ports_to_one_process() -> None:
    option = SimpleNamespace(tx=['popen'], loadscopereorder=True)
    scope = Scheduling(SimpleNamespace(option=option, getvalue=lambda name: getattr(option, name)))._split_scope
    assert scope('test/nodes/test_recorder.py::test_a[1::2]') == 'test/nodes/test_recorder.py'
    assert scope('test/nodes/test_viewer.py::test_a') == scope('test/viewer/test_ports.py::test_b')


def test_long_files_come_first_and_all_else_stays_in_order() -> None:
    names = ['test/media/test_a.py', 'test/nodes/test_b.py', 'test/geometry/test_c.py', 'test/package/test_wheel.py']
    items: list[Any] = [SimpleNamespace(nodeid=name) for name in names]
    put_long_tests_first(items)
    assert [item.nodeid for item in items] == [names[3], names[1], names[0], names[2]]
