"""The time of a picture is that of its eye's grabber, else of its buffer, else of its arrival."""

from __future__ import annotations

import pytest

from mt3dnet_ros.gstreamer.capture_time import capture_time

ALL = {'left-source-ts': 10, 'right-source-ts': 20, 'mono-source-ts': 30, 'pts': 40}


@pytest.mark.parametrize(
    ('stamps', 'eye', 'expected'),
    [
        (ALL, 'left', (10, 'left-source-ts')),
        (ALL, 'right', (20, 'right-source-ts')),
        ({'mono-source-ts': 30, 'pts': 40}, 'right', (30, 'mono-source-ts')),
        ({'left-source-ts': 10, 'pts': 40}, 'right', (40, 'pts')),
        ({'left-source-ts': 0, 'pts': 40}, 'left', (40, 'pts')),
        ({}, 'left', (99, '')),
    ],
)
def test_what_says_so_most_exactly_goes_first(stamps: dict[str, int], eye: str, expected: tuple[int, str]) -> None:
    assert capture_time(stamps, eye, arrival=99) == expected
