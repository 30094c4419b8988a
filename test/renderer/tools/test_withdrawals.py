"""Tools that leave the view and come again."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip('open3d', reason='open3d is not installed; the renderer needs it')

from dataclasses import replace

from support.flat_scene import flat_world, suction_at

from mt3dnet_ros.geometry.rays import project
from mt3dnet_ros.renderer.scene.motion import MotionRanges, sample_motion
from mt3dnet_ros.renderer.tools.withdrawals import Withdrawal, sample_withdrawals, way_out

WORLD = flat_world(0.1, suction_at([0.0, 0.0, 0.08]), suction_at([0.02, 0.0, 0.08]))


def in_view(point: np.ndarray) -> bool:
    pixel, camera = project(WORLD.camera, point), WORLD.camera
    return bool(((pixel >= 0) & (pixel < [camera.width, camera.height])).all())


def test_a_tool_goes_out_stays_away_and_comes_back():
    withdrawal = Withdrawal(0, 1.0, 1.0, 2.0, 0.5, np.zeros(3))
    assert [withdrawal.progress(time) for time in (0.5, 1.0, 2.0, 4.0, 4.5, 9.0)] == [0, 0, 1, 1, 0, 0]
    assert withdrawal.progress(1.5) == pytest.approx(0.5)


def test_a_tool_is_drawn_back_along_its_shaft_until_its_tip_is_out_of_view():
    tool = WORLD.tools[0]
    way = way_out(tool, WORLD.camera)
    assert in_view(tool.tip) and not in_view(tool.tip + way)
    assert np.linalg.norm(np.cross(way, tool.port - tool.tip)) < 1e-12
    assert in_view(tool.tip + 0.5 * way)  # and not far beyond


def test_a_longer_time_begins_with_what_a_shorter_one_has():
    short, long = (
        sample_withdrawals(np.random.default_rng(0), WORLD.tools, WORLD.camera, seconds, 1.0, (0.5, 1.0))
        for seconds in (6.0, 60.0)
    )
    starts = [[item.start for item in found if item.tool == 0] for found in (short, long)]
    assert 0 < len(starts[0]) < len(starts[1]) and starts[0] == starts[1][: len(starts[0])]
    assert {item.tool for item in long} == {0, 1}


def test_nobody_leaves_unless_a_domain_says_so():
    motion = sample_motion(np.random.default_rng(0), WORLD, 10.0, MotionRanges())
    assert motion.withdrawals == ()


def test_tools_that_leave_change_nothing_else():
    plain, leaving = (
        sample_motion(np.random.default_rng(0), WORLD, 10.0, MotionRanges(leaving=share)) for share in (0.0, 1.0)
    )
    assert len(leaving.withdrawals) > 1
    without = replace(leaving, withdrawals=())
    for time in (0.0, 3.0, 7.0):
        for one, other in zip(plain.at(time).tools, without.at(time).tools, strict=True):
            np.testing.assert_array_equal(one.tip, other.tip)


def test_a_tool_that_is_away_is_out_of_view():
    moving = sample_motion(np.random.default_rng(0), WORLD, 30.0, MotionRanges(leaving=1.0, camera_shift=(0, 0)))
    first = min((item for item in moving.withdrawals if item.tool == 0), key=lambda item: item.start)
    gone = moving.at(first.start + first.out + 0.5 * first.away).tools[0].tip
    assert not in_view(gone)
