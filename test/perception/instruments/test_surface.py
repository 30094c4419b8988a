"""Position, extent and tip."""

from __future__ import annotations

import numpy as np
import pytest

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.geometry.rays import ray_grid
from mt3dnet_ros.perception.instruments.surface import measure_surface

CAMERA = Camera(80, 64, 65.0, 65.0, 39.5, 31.5)
RAYS = ray_grid(CAMERA)


def window(left: int, top: int, right: int, bottom: int) -> np.ndarray:
    mask = np.zeros((64, 80), bool)
    mask[top:bottom, left:right] = True
    return mask


def flat(depth: float = 0.1) -> np.ndarray:
    return np.full((64, 80), depth, np.float32)


NO_CLASPER = np.zeros((64, 80), bool)


def test_flat_tool_has_its_middle_and_its_size():
    surface = measure_surface(window(19, 11, 60, 52), RAYS, flat(0.13), NO_CLASPER)
    assert np.allclose(surface.position, (0.0, 0.0, 0.13), atol=0.13 / 65)
    assert np.allclose(surface.extent, (0.13 * 36 / 65, 0.13 * 36 / 65, 0.0), atol=2 * 0.13 / 65)


def test_stray_depths_do_not_move_the_position():
    depth = flat(0.1)
    depth[20:22, 20:60] = 0.4
    surface = measure_surface(window(20, 20, 60, 44), RAYS, depth, NO_CLASPER)
    assert surface.position[2] == pytest.approx(0.1)


def test_unknown_depths_are_left_out():
    depth = flat(0.1)
    depth[:, :30] = np.nan
    surface = measure_surface(window(20, 20, 40, 30), RAYS, depth, NO_CLASPER)
    assert surface.position == pytest.approx((RAYS[25, 34, 0] * 0.1, RAYS[25, 34, 1] * 0.1, 0.1), abs=0.1 / 65)


def test_tool_without_any_depth_is_nowhere():
    surface = measure_surface(window(20, 20, 40, 30), RAYS, flat(np.nan), window(35, 20, 40, 30))
    assert np.isnan([*surface.position, *surface.extent, *surface.tip]).all()


def test_tool_without_clasper_has_no_tip():
    assert np.isnan(measure_surface(window(20, 20, 40, 30), RAYS, flat(), NO_CLASPER).tip).all()


@pytest.mark.parametrize(
    ('tool', 'clasper', 'tip'),
    [
        ((0, 30, 50, 33), (40, 30, 50, 33), (49, 31)),
        ((30, 30, 80, 33), (30, 30, 40, 33), (30, 31)),
        ((40, 0, 43, 30), (40, 22, 43, 30), (41, 29)),
        ((40, 20, 43, 64), (40, 20, 43, 30), (41, 20)),
    ],
)
def test_tip_is_the_end_of_the_clasper_away_from_the_shaft(tool, clasper, tip):
    surface = measure_surface(window(*tool), RAYS, flat(0.1), window(*clasper))
    assert np.allclose(surface.tip, RAYS[tip[1], tip[0]] * 0.1, atol=1.5 * 0.1 / 65)


@pytest.mark.parametrize(('clasper', 'tip'), [((0, 30, 20, 33), (19, 31)), ((60, 30, 80, 33), (60, 31))])
def test_tip_of_a_lone_clasper_points_away_from_the_border(clasper, tip):
    surface = measure_surface(window(*clasper), RAYS, flat(0.1), window(*clasper))
    assert np.allclose(surface.tip, RAYS[tip[1], tip[0]] * 0.1, atol=1.5 * 0.1 / 65)


def test_tip_of_a_lone_clasper_inside_the_image_is_unknown():
    clasper = window(30, 30, 40, 33)
    assert np.isnan(measure_surface(clasper, RAYS, flat(0.1), clasper).tip).all()


def test_depth_of_the_tissue_behind_does_not_become_that_of_the_tip():
    depth = flat(0.1)
    depth[31, 49] = 0.3
    surface = measure_surface(window(0, 30, 50, 33), RAYS, depth, window(40, 30, 50, 33))
    assert surface.tip[2] == pytest.approx(0.1)


def test_speck_of_clasper_on_the_shaft_is_ignored():
    claspers = window(40, 30, 50, 33) | window(1, 31, 3, 32)
    surface = measure_surface(window(0, 30, 50, 33), RAYS, flat(0.1), claspers)
    assert np.allclose(surface.tip, RAYS[31, 49] * 0.1, atol=1.5 * 0.1 / 65)
