"""The renderer: exact ground truth from worlds small enough to check, and the real meshes where they are at hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

pytest.importorskip('open3d', reason='open3d is not installed; the renderer needs it')

from support.flat_scene import CAMERA, ENDOSCOPE, flat_world, suction_at
from support.paths import ROOT

from mt3dnet_ros.datasets.rendered import RenderedFrames
from mt3dnet_ros.renderer.noise import fractal_noise, sample_texture
from mt3dnet_ros.renderer.raycast import Raycaster
from mt3dnet_ros.renderer.render import Shot, render
from mt3dnet_ros.renderer.scene.world import World
from mt3dnet_ros.renderer.shading import shade
from mt3dnet_ros.renderer.tools.instruments import instruments_of_class
from mt3dnet_ros.renderer.tools.kinematics import pose_through_port
from mt3dnet_ros.renderer.writing.write import RenderPlan, render_frame, write_data_set

DATA = ROOT.parent / 'shared' / 'data'
needs_meshes = pytest.mark.skipif(not (DATA / 'dvrk_model').is_dir(), reason='../shared/data/dvrk_model is not there')


def render_flat(world: World):
    return render(np.random.default_rng(0), world, ENDOSCOPE, Shot(CAMERA.width, CAMERA.height))


def test_a_flat_wall_has_its_distance_everywhere():
    frame = render_flat(flat_world(0.1))
    np.testing.assert_allclose(frame.depth, 0.1, rtol=1e-5)
    assert not frame.types.any()
    assert not frame.instances.any()


def test_a_tool_is_labelled_where_its_tip_projects_to():
    tip = np.array([0.004, -0.006, 0.08])
    frame = render_flat(flat_world(0.12, suction_at(tip)))
    inside = tip + 0.004 * np.array([0.1, 0.0, 0.0] - tip) / np.linalg.norm([0.096, 0.006, -0.08])
    u, v = (CAMERA.fx * inside[0] / inside[2] + CAMERA.cx, CAMERA.fy * inside[1] / inside[2] + CAMERA.cy)
    row, column = round(v), round(u)
    assert frame.types[row, column] == 6
    assert frame.parts[row, column] == 3
    assert frame.instances[row, column] == 1
    assert abs(frame.depth[row, column] - inside[2]) < 0.004  # the tube has a radius of 2.2 mm


def test_labels_agree_with_each_other_and_tools_are_nearer_than_the_wall():
    frame = render_flat(flat_world(0.12, suction_at(np.array([0.0, 0.0, 0.09]))))
    tool = frame.types > 0
    assert tool.any()
    assert not tool.all()
    np.testing.assert_array_equal(tool, frame.parts > 0)
    np.testing.assert_array_equal(tool, frame.instances > 0)
    assert frame.depth[tool].max() < 0.12
    np.testing.assert_allclose(frame.depth[~tool], 0.12, rtol=1e-5)


def test_light_of_a_point_falls_with_the_square_of_the_distance():
    def brightness(distance: float) -> float:
        world = flat_world(distance, falloff=2.0)
        caster = Raycaster(world)
        return float(shade(np.random.default_rng(0), world, caster, caster.hits()).mean())

    assert brightness(0.06) / brightness(0.12) == pytest.approx(4.0, rel=1e-3)


def test_a_tool_casts_a_shadow_to_the_far_side_of_the_light():
    world = flat_world(0.12, suction_at(np.array([0.0, 0.0, 0.08])), light=(0.0, -0.02, 0.0))
    caster = Raycaster(world)
    hits = caster.hits()
    dark = (caster.light_visibility(hits.points, world.lighting.positions[0], world.lighting.shadow_start) < 0.5) & (
        hits.mesh_index == 0
    )
    tool_rows = np.nonzero(hits.mesh_index > 0)[0]
    assert np.count_nonzero(dark) > 100
    assert np.nonzero(dark)[0].mean() > tool_rows.mean()


def test_the_tip_is_put_where_asked():
    offset, tip, port = np.array([0.001, 0.002, 0.03]), np.array([0.0, 0.01, 0.08]), np.array([-0.1, 0.0, 0.0])
    pose = pose_through_port(tip, port, 1.0, offset)
    np.testing.assert_allclose(pose @ [*offset, 1.0], [*tip, 1.0], atol=1e-12)
    np.testing.assert_allclose(pose[:3, :3] @ pose[:3, :3].T, np.eye(3), atol=1e-12)
    assert math.isclose(np.linalg.det(pose[:3, :3]), 1.0)


def test_noise_is_normalised_and_lookup_is_exact_at_texels():
    noise = fractal_noise(np.random.default_rng(1), 64, 4, 3)
    assert abs(noise.mean()) < 1e-4
    assert abs(noise.std() - 1) < 1e-3
    columns, rows = np.array([3, 10, 63]), np.array([5, 0, 63])
    np.testing.assert_allclose(sample_texture(noise, columns / 64, rows / 64), noise[rows, columns], atol=1e-5)


@needs_meshes
@pytest.mark.parametrize('class_id', range(1, 9))
def test_every_class_has_tools_with_shaft_or_clasper_of_plausible_size(class_id):
    for tool in instruments_of_class(class_id, DATA):
        poses = tool.link_poses({})
        points = np.concatenate([p.mesh.moved(poses[p.link]).vertices for p in tool.pieces])
        widths = np.ptp(points[:, :2], axis=0)
        assert 0.004 < widths.max() < 0.03, f'{tool.name} is {widths} m wide'
        assert np.ptp(points[:, 2]) > 0.2, f'{tool.name} has no shaft'
        assert {p.part for p in tool.pieces} <= {1, 2, 3}


@needs_meshes
def test_opening_the_jaws_moves_them_apart():
    tool = instruments_of_class(3, DATA)[0]
    jaws = [p for p in tool.pieces if p.link.startswith('jaw')]

    def spread(angle: float) -> float:
        poses = tool.link_poses({'jaw': angle})
        return max(np.ptp(np.concatenate([p.mesh.moved(poses[p.link]).vertices for p in jaws]), axis=0)[:2])

    assert spread(1.0) > spread(0.0) + 0.003


def plan(**changes) -> RenderPlan:
    options = {'train': 2, 'val': 1, 'test': 0, 'height': 64, 'width': 80, 'oversampling': 1.0}
    return RenderPlan(DATA, ENDOSCOPE, **options | changes)


@needs_meshes
def test_a_frame_depends_only_on_seed_split_and_index():
    first, again = (render_frame(plan(train=count), 'train', 1) for count in (2, 5))
    np.testing.assert_array_equal(first.image, again.image)
    np.testing.assert_array_equal(first.types, again.types)
    others = [render_frame(plan(), 'test', 1), render_frame(plan(), 'train', 0), render_frame(plan(seed=1), 'train', 1)]
    assert all((first.depth != other.depth).mean() > 0.9 for other in others)


@needs_meshes
def test_a_written_data_set_holds_what_was_rendered(tmp_path):
    write_data_set(plan(), tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ['train', 'val']
    frames = RenderedFrames(tmp_path, 'train')
    for index in range(2):
        rendered, read = render_frame(plan(), 'train', index), frames[index]
        for field in ('image', 'types', 'parts', 'instances'):
            np.testing.assert_array_equal(getattr(read, field), getattr(rendered, field))
        np.testing.assert_allclose(read.depth, rendered.depth, rtol=1e-3)
        assert read.camera == rendered.camera
        assert {box[0] for box in frames.frames[index]['boxes']} == set(np.unique(rendered.types)) - {0}


def test_a_folder_without_meshes_is_refused_with_the_remedy(tmp_path):
    with pytest.raises(FileNotFoundError, match='dvrk_model'):
        instruments_of_class(1, tmp_path)
