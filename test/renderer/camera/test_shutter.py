"""Motion in a rendered frame: where points go, blur over the exposure, and interlaced fields."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip('open3d', reason='open3d is not installed; the renderer needs it')

from support.flat_scene import CAMERA, ENDOSCOPE, flat_world, suction_at

from mt3dnet_ros.renderer.camera.shutter import (
    FLOW_INTERVAL,
    Timing,
    after_random_motion,
    interlace,
    motion_blur,
    sample_timing,
)
from mt3dnet_ros.renderer.domains.camera_effects import Shutter
from mt3dnet_ros.renderer.flow import FlowWarp, flow_field
from mt3dnet_ros.renderer.raycast import Raycaster, scene_meshes
from mt3dnet_ros.renderer.render import Shot, render

WHOLE = (slice(None), slice(None))
TOOL = np.s_[20:44, 30:50]


@pytest.fixture
def passing():
    """Return a bright square that passes a dark wall by 6 pixels to the right in a unit of time, and its warp."""
    image = np.full((64, 80, 3), 0.1, np.float32)
    depth, flow = np.full((64, 80), 0.1, np.float32), np.zeros((64, 80, 2), np.float32)
    image[TOOL], depth[TOOL], flow[TOOL] = 0.9, 0.05, (6.0, 0.0)
    return image, FlowWarp(flow, depth, span=1.0)


def square(row: np.ndarray) -> tuple[int, int]:
    """Return the first and the last bright column of a row."""
    columns = np.nonzero(row[:, 0] > 0.5 * row.max())[0]
    return int(columns.min()), int(columns.max())


@pytest.mark.parametrize(('time', 'shift'), [(0.0, 0), (0.5, 3), (1.0, 6), (-1.0, -6)])
def test_a_moving_thing_is_found_where_it_was_and_will_be(passing, time, shift):
    image, warp = passing
    assert square(warp.at(image, time)[32]) == (30 + shift, 49 + shift)


def test_what_lies_behind_does_not_cover_what_is_in_front():
    image, depth = np.full((64, 80, 3), 0.1, np.float32), np.full((64, 80), 0.1, np.float32)
    flow = np.full((64, 80, 2), (6.0, 0.0), np.float32)
    image[TOOL], depth[TOOL], flow[TOOL] = 0.9, 0.05, 0.0
    assert square(FlowWarp(flow, depth, span=1.0).at(image, 1.0)[32])[1] == 49


def test_blur_spreads_over_the_way_of_an_exposure(passing):
    image, warp = passing
    seen = motion_blur(image, warp, Timing(exposure=FLOW_INTERVAL, fields=None, gap=0.02))
    partial = np.nonzero((seen[32, :, 0] > 0.15) & (seen[32, :, 0] < 0.85))[0]
    assert set(partial) <= {*range(27, 33), *range(47, 53)} and len(partial) >= 8
    np.testing.assert_allclose(seen[:, :20], image[:, :20], atol=1e-6)


@pytest.mark.parametrize(('fields', 'even', 'odd'), [('woven', 27, 33), ('doubled', 27, 27)])
def test_fields_show_two_instants(passing, fields, even, odd):
    image, warp = passing
    picture = (255 * image).astype(np.uint8)
    seen = interlace(picture, warp, Timing(exposure=0.0, fields=fields, gap=FLOW_INTERVAL))
    assert square(seen[32])[0] == even and square(seen[33])[0] == odd


def test_blended_fields_show_a_ghost_of_both(passing):
    image, warp = passing
    picture = (255 * image).astype(np.uint8)
    seen = interlace(picture, warp, Timing(exposure=0.0, fields='blended', gap=FLOW_INTERVAL))
    ghost = seen[32, 28:32, 0].astype(int)
    assert (ghost > picture[0, 0, 0] + 50).all() and (ghost < picture[32, 40, 0] - 50).all()
    assert abs(int(seen[5, 5, 0]) - int(picture[5, 5, 0])) <= 2


def test_the_wall_before_a_camera_that_shifts_moves_by_its_disparity():
    world = flat_world(0.1)
    hits = Raycaster(world).hits()
    shift = np.eye(4)
    shift[0, 3] = 0.002
    flow = flow_field(CAMERA, hits, scene_meshes(replace(world, tissue=world.tissue.moved(shift))), WHOLE)
    np.testing.assert_allclose(flow[..., 0], CAMERA.fx * 0.002 / 0.1, atol=1e-3)
    np.testing.assert_allclose(flow[..., 1], 0.0, atol=1e-3)


def test_a_tool_that_moves_over_a_wall_at_rest_is_all_that_flows():
    world = flat_world(0.1, suction_at([0.0, 0.0, 0.08]))
    shutter = Shutter(tool_speed=(0.2, 0.2))
    hits = Raycaster(world).hits()
    flow = flow_field(CAMERA, hits, scene_meshes(after_random_motion(np.random.default_rng(1), world, shutter)), WHOLE)
    tool = hits.mesh_index > 0
    assert np.linalg.norm(flow[tool], axis=-1).max() > 0.5
    np.testing.assert_allclose(flow[~tool], 0.0, atol=1e-4)


def test_timing_is_still_unless_the_domain_says_otherwise():
    assert sample_timing(np.random.default_rng(0), Shutter()).span == 0
    chosen = {
        sample_timing(np.random.default_rng(seed), Shutter(woven=0.3, blended=0.3, doubled=0.4)).fields
        for seed in range(20)
    }
    assert chosen == {'woven', 'blended', 'doubled'}


def test_labels_are_those_of_the_middle_of_the_exposure():
    shutter = Shutter(moving=1.0, exposure=(0.02, 0.02), camera_speed=(0.1, 0.1), tool_speed=(0.3, 0.3))
    moving = replace(ENDOSCOPE, camera=replace(ENDOSCOPE.camera, shutter=shutter))
    world, shot = flat_world(0.1, suction_at([0.0, 0.0, 0.08])), Shot(CAMERA.width, CAMERA.height)
    blurred, sharp = (render(np.random.default_rng(0), world, domain, shot) for domain in (moving, ENDOSCOPE))
    np.testing.assert_array_equal(blurred.types, sharp.types)
    np.testing.assert_array_equal(blurred.depth, sharp.depth)
    assert np.abs(blurred.image.astype(int) - sharp.image).mean() > 0.5
