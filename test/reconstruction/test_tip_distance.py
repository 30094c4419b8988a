"""How far tips are from a plane, before it and behind it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from support.bumpy_tissue import CAMERA

from mt3dnet_ros.reconstruction.tip_distance import SeenTip, tip_distances

PLANE = np.full((CAMERA.height, CAMERA.width), 0.1, np.float32)


def test_a_tip_before_the_surface_is_above_zero_and_one_behind_it_below() -> None:
    tips = [SeenTip(1, (0.0, 0.0, 0.08)), SeenTip(2, (0.01, 0.0, 0.105))]
    before, behind = tip_distances(tips, PLANE, CAMERA, 0.01)
    assert (before.track_id, behind.track_id) == (1, 2)
    assert before.distance == pytest.approx(0.02, abs=1e-4) and behind.distance == pytest.approx(-0.005, abs=1e-4)
    np.testing.assert_allclose(before.nearest, (0.0, 0.0, 0.1), atol=5e-4)
    assert math.isnan(before.deviation)


def test_deviations_of_tip_and_surface_count_along_the_distance() -> None:
    covariance = np.diag([1e-8, 1e-8, 0.003**2])
    (found,) = tip_distances([SeenTip(1, (0.0, 0.0, 0.08), covariance)], PLANE, CAMERA, 0.04)
    assert found.deviation == pytest.approx(math.hypot(0.003, 0.04 * 0.1), rel=0.15)


def test_tips_are_brought_to_the_scale_of_the_surface() -> None:
    (found,) = tip_distances([SeenTip(1, (0.0, 0.0, 0.04))], PLANE, CAMERA, math.nan, factor=2.0)
    assert found.tip == (0.0, 0.0, 0.08) and found.distance == pytest.approx(0.02, abs=1e-4)


def test_what_is_unknown_has_no_distance() -> None:
    nowhere = SeenTip(1, (math.nan, 0.0, 0.1))
    assert tip_distances([nowhere], PLANE, CAMERA, 0.0) == []
    assert tip_distances([SeenTip(1, (0.0, 0.0, 0.08))], np.zeros_like(PLANE), CAMERA, 0.0) == []
    (beside,) = tip_distances([SeenTip(1, (0.0, 0.0, -0.01))], PLANE, CAMERA, 0.0)  # behind the camera
    assert beside.distance == pytest.approx(0.11, abs=1e-4)


def test_a_tip_on_the_surface_is_at_zero() -> None:
    exact = SeenTip(1, tuple(map(float, 0.1 * np.array([0.5 / 150, 0.5 / 150, 1.0]))), np.zeros((3, 3)))  # type: ignore[arg-type]
    (found,) = tip_distances([exact], PLANE, CAMERA, 0.0)
    assert abs(found.distance) < 1e-6 and found.deviation == 0.0
