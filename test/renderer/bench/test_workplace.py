"""Benches: background with exact depth, tools in two frames of three, a table that is where the camera sees it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip('open3d', reason='open3d is not installed; the renderer needs it')

from support.flat_scene import CAMERA

from mt3dnet_ros.renderer.bench.light import sample_bench_lighting
from mt3dnet_ros.renderer.bench.table import sample_table, surface
from mt3dnet_ros.renderer.bench.workplace import sample_workplace
from mt3dnet_ros.renderer.domains.file import load_domain
from mt3dnet_ros.renderer.plan import RenderPlan
from mt3dnet_ros.renderer.render import Shot, render
from mt3dnet_ros.renderer.scene.world import sample_world
from mt3dnet_ros.renderer.sequence import sequence_world
from mt3dnet_ros.renderer.streams import plan_stream
from mt3dnet_ros.renderer.writing.write import render_frame

BENCH = load_domain('bench')
PLAN = RenderPlan(None, BENCH, height=72, width=90)


def flat_bench(**changes):
    """Return a bench without folds, bulges, clutter and things."""
    plain = {'cloth': 0.0, 'draped': 0.0, 'bare_room': 0.0, 'things': (0, 0), 'clutter': (0, 0), 'rolled': 0.0}
    return replace(BENCH.bench, **{**plain, **changes})


@pytest.fixture(scope='module')
def frames():
    return [render_frame(PLAN, 'train', index) for index in range(60)]


def test_about_two_frames_of_three_show_tools_and_the_others_are_all_background(frames):
    with_tools = [frame for frame in frames if frame.types.any()]
    assert 0.5 < len(with_tools) / len(frames) < 0.8
    for frame in frames:
        np.testing.assert_array_equal(frame.types > 0, frame.parts > 0)
        np.testing.assert_array_equal(frame.types > 0, frame.instances > 0)


def test_depth_is_known_where_the_network_can_tell_it(frames):
    known = np.concatenate([frame.depth[frame.depth > 0] for frame in frames])
    assert known.max() <= BENCH.bench.known_depth
    assert np.percentile(known, 1) > 0.01
    assert np.mean([(frame.depth > 0).mean() for frame in frames if not frame.types.any()]) > 0.5


def test_frames_differ_in_colour_and_brightness(frames):
    means = np.stack([frame.image.mean((0, 1)) for frame in frames])
    hues = means - means.mean(1, keepdims=True)
    assert means.mean(1).std() > 15
    assert {int(channel) for channel in hues.argmax(1)} == {0, 1, 2}


def test_a_frame_is_that_of_its_seed(frames):
    again = render_frame(PLAN, 'train', 7)
    for name in ('image', 'types', 'parts', 'instances', 'depth'):
        np.testing.assert_array_equal(getattr(again, name), getattr(frames[7], name))


def test_without_the_group_a_scene_is_what_it_was():
    wide = load_domain('wide')
    assert wide.bench.share == 0
    other = replace(wide, bench=replace(BENCH.bench, share=0.0))
    first, second = (render_frame(replace(PLAN, domain=domain), 'val', 0) for domain in (wide, other))
    np.testing.assert_array_equal(first.image, second.image)


def test_fewer_things_leave_table_and_tools_as_they_are():
    few = replace(BENCH, bench=replace(BENCH.bench, things=(0, 0)))
    worlds = [sample_world(plan_stream(PLAN, 'val', 3), domain, 90, 72, None) for domain in (BENCH, few)]
    np.testing.assert_array_equal(*[world.tissue.meshes[0].vertices for world in worlds])
    np.testing.assert_array_equal(*[world.lighting.positions for world in worlds])
    for one, other in zip(*[world.tools for world in worlds], strict=True):
        np.testing.assert_array_equal(one.tip, other.tip)
    assert len(worlds[1].props) <= len(worlds[0].props)


@pytest.mark.parametrize('distance', [0.06, 0.2])
def test_a_table_is_at_its_distance_and_recedes_upwards(distance):
    bench = flat_bench(tilt=(0.6, 0.6), table_size=(1.0, 1.0))
    table = sample_table(np.random.default_rng(0), distance, bench)
    assert table.meets(np.array([0.0, 0.0, 1.0])) == pytest.approx(distance)
    assert table.eye[2] == pytest.approx(distance * np.cos(0.6), rel=1e-6)
    above, below = (table.meets(np.array([0.0, y, 1.0])) for y in (-0.3, 0.3))
    assert above > distance > below


def test_depth_of_a_flat_table_is_that_of_its_plane():
    domain = replace(BENCH, bench=flat_bench(table_size=(1.0, 1.0)), tools=replace(BENCH.tools, counts={0: 1}))
    world = replace(sample_world(np.random.default_rng(2), domain, 160, 128, None), camera=CAMERA)
    ideal = replace(domain, camera=type(domain.camera)())
    frame = render(np.random.default_rng(0), world, ideal, Shot(160, 128))
    points = world.tissue.meshes[0].vertices
    normal = np.linalg.svd(points - points.mean(0), full_matrices=False)[2][2]
    rows, columns = np.nonzero((frame.depth > 0) & (frame.depth < 0.4))
    rays = np.stack([(columns - CAMERA.cx) / CAMERA.fx, (rows - CAMERA.cy) / CAMERA.fy, np.ones(len(rows))], -1)
    off = (rays * frame.depth[rows, columns][:, None] - points.mean(0)) @ normal
    assert len(rows) > 1000
    assert np.median(np.abs(off)) < 1e-3


def test_a_camera_that_sees_the_table_only_needs_no_room():
    near = flat_bench(tilt=(0.0, 0.0), table_size=(0.6, 0.6))
    assert sample_workplace(np.random.default_rng(1), CAMERA, 0.06, near)[2] == ()
    far = flat_bench(tilt=(1.3, 1.3), table_size=(0.12, 0.12))
    assert sample_workplace(np.random.default_rng(1), CAMERA, 0.3, far)[2] != ()


def test_things_do_not_hide_the_lens():
    many = replace(BENCH.bench, things=(9, 9), bare_room=0.0)
    for seed in range(6):
        _, _, props = sample_workplace(np.random.default_rng(seed), CAMERA, 0.06, many)
        for prop in props:
            assert np.linalg.norm(prop.mesh.vertices, axis=1).min() > 0.005


def test_tips_are_held_above_the_table():
    domain = replace(BENCH, bench=flat_bench(), tools=replace(BENCH.tools, counts={2: 1}))
    for index in range(8):
        world = sample_world(plan_stream(PLAN, 'val', index), domain, 90, 72, None)
        pose = world.tissue.pose
        for tool in world.tools:
            assert tool.tip[2] >= 0.02
            assert (pose[:3, :3].T @ (tool.tip - pose[:3, 3]))[2] > -1e-9


def test_a_rooms_lamps_are_above_the_table_and_an_endoscopes_beside_the_lens():
    table = sample_table(np.random.default_rng(0), 0.2, BENCH.bench)
    room = sample_bench_lighting(np.random.default_rng(0), table, BENCH.lights, replace(BENCH.bench, room_light=1.0))
    heights = (room.positions - table.pose[:3, 3]) @ table.pose[:3, 2]
    assert heights.min() > 0.2 and room.shadow_start < 0.01
    dark_room = replace(BENCH.bench, room_light=0.0, both_lights=0.0)
    near = sample_bench_lighting(np.random.default_rng(0), table, BENCH.lights, dark_room)
    assert np.linalg.norm(near.positions, axis=1).max() < 0.01


def test_a_cloth_has_folds_and_a_hard_table_has_none():
    table = sample_table(np.random.default_rng(0), 0.2, flat_bench())
    normal, origin = table.pose[:3, 2], table.pose[:3, 3]

    def heights(bench):
        return (surface(np.random.default_rng(4), table, bench, 500.0).meshes[0].vertices - origin) @ normal

    assert np.abs(heights(flat_bench())).max() < 1e-9
    assert np.ptp(heights(flat_bench(cloth=1.0, folds=(0.01, 0.01)))) > 0.005


def test_a_bench_moves_as_one_in_a_sequence():
    moving = sequence_world(replace(PLAN, frames_per_sequence=4), 'val', 2)
    first, later = moving.at(0.0), moving.at(0.3)
    corner = [world.tissue.meshes[0].vertices[0] for world in (first, later)]
    assert np.abs(corner[1] - corner[0]).max() > 1e-5
    for before, after in zip(first.props, later.props, strict=True):
        gaps = [np.linalg.norm(p.mesh.vertices - c, axis=1) for p, c in zip((before, after), corner, strict=True)]
        np.testing.assert_allclose(*gaps, atol=1e-9)
    assert len(first.props) > 3
    assert later.known_depth == first.known_depth
