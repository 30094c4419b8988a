"""Tests in several processes (pytest-xdist): file by file, the long ones first, and some files in one process."""

from __future__ import annotations

import os
from typing import Any

import pytest
from xdist.scheduler import LoadFileScheduling

IN_TURN = (
    'test/commands/test_view.py',
    'test/demo/',
    'test/nodes/test_endings.py',
    'test/nodes/test_viewer.py',
    'test/viewer/',
)
"""Tests that take the ports of the viewer, or look through a browser."""
LONG = (
    'test/package/test_colcon_build.py',
    'test/package/test_wheel.py',
    'test/nodes/',
    'test/docs/',
    'test/examples/',
    'test/training/',
    'test/evaluation/',
)
_FIRST = (*IN_TURN, *LONG)
_MOST = 5


def number_of_processes() -> int:
    """Return one process per core and one more, for tests with nodes wait for seven tenths of their time."""
    return min(_MOST, (os.cpu_count() or 1) + 1)


def put_long_tests_first(items: list[pytest.Item]) -> None:
    """Sort tests so that no process is left with a long file at the end."""

    def place(item: pytest.Item) -> int:
        return next((number for number, start in enumerate(_FIRST) if item.nodeid.startswith(start)), len(_FIRST))

    items.sort(key=place)


class Scheduling(LoadFileScheduling):
    """Gives whole files to processes in the order of collection, and all that is in turn to one process."""

    def __init__(self, config: pytest.Config, log: Any = None) -> None:
        super().__init__(config, log)
        config.option.loadscopereorder = False  # by the number of tests

    def _split_scope(self, nodeid: str) -> str:
        """Return what is given to one process as a whole."""
        return 'in turn' if nodeid.startswith(IN_TURN) else super()._split_scope(nodeid)
