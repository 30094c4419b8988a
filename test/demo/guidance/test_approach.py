"""Approaches of the guidance demo: under every true scale the no-go distance is kept."""

from __future__ import annotations

from pathlib import Path

import cv2
import pytest

pytest.importorskip('rclpy', reason='needs ROS 2; `source .venv/ros.sh`')

from mt3dnet_ros.demo.guidance.approach import LARGEST, LEAST, Approach, approaches, no_go_distance
from mt3dnet_ros.demo.guidance.command import approach_figures
from mt3dnet_ros.demo.guidance.plots import draw_approaches
from mt3dnet_ros.demo.guidance.run import endoscope


@pytest.fixture(scope='module')
def seen() -> list[Approach]:
    return list(approaches(endoscope(16)))


def test_with_a_source_the_distance_is_kept_and_used_under_every_scale(seen: list[Approach]) -> None:
    runs = [approach for approach in seen if approach.sources]
    assert {run.factor for run in runs} >= {LEAST, LARGEST}
    for run in runs:
        assert no_go_distance() <= run.nearest < 1.2 * no_go_distance()


def test_without_a_source_nothing_moves_in_depth_and_the_reason_is_told(seen: list[Approach]) -> None:
    (run,) = (approach for approach in seen if not approach.sources and approach.careful)
    assert (run.way, run.outcome) == (0.0, 'guessed_scale')


def test_what_takes_depth_as_it_is_comes_too_near(seen: list[Approach]) -> None:
    (run,) = (approach for approach in seen if not approach.careful)
    assert run.nearest < no_go_distance()


def test_they_can_be_drawn_and_told(seen: list[Approach], tmp_path: Path) -> None:
    draw_approaches(tmp_path / 'scale.png', seen)
    assert cv2.imread(str(tmp_path / 'scale.png')).std() > 10.0
    assert 'guessed_scale' in approach_figures(seen)
