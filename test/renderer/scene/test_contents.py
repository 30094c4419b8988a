"""Things in the field: background in the labels, exact in depth, and moving with what holds them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip('open3d', reason='open3d is not installed; the renderer needs it')

from support.flat_scene import CAMERA, ENDOSCOPE, flat_world, suction_at

from mt3dnet_ros.renderer.domains.domain import Contents
from mt3dnet_ros.renderer.raycast import scene_meshes
from mt3dnet_ros.renderer.render import Shot, render
from mt3dnet_ros.renderer.scene.contents import matte_finish, sample_props
from mt3dnet_ros.renderer.scene.motion import MotionRanges, sample_motion
from mt3dnet_ros.renderer.scene.props import Hold, RigidProp, Thread
from mt3dnet_ros.renderer.swept import arc, curve, swept
from mt3dnet_ros.renderer.tissue.ground import field_depth_at, height_field
from mt3dnet_ros.renderer.tools.needles import sample_needle, shape_needle
from mt3dnet_ros.renderer.tools.primitives import simple_instruments

FIELD = height_field(np.random.default_rng(0), 0.1, ENDOSCOPE.ground)
RED = matte_finish(np.array([0.9, 0.1, 0.1]), 0.0, 10.0)


def rod(**changes) -> RigidProp:
    mesh = swept(np.array([[-0.02, 0.0, 0.07], [0.02, 0.0, 0.07]]), 0.004)
    return RigidProp(mesh, mesh.vertices, RED, **changes)


def test_a_thing_is_background_with_its_own_depth_and_colour():
    world = replace(flat_world(0.12), props=(rod(),))
    frame = render(np.random.default_rng(0), world, ENDOSCOPE, Shot(CAMERA.width, CAMERA.height))
    centre = (round(CAMERA.cy), round(CAMERA.cx))
    assert frame.depth[centre] == pytest.approx(0.066, abs=5e-4)
    assert frame.image[centre][0] > 2 * frame.image[centre][1]
    assert not frame.types.any() and not frame.parts.any() and not frame.instances.any()


def test_what_a_tool_holds_moves_with_the_tool():
    held = rod(hold=Hold(0, 'roll_link'))

    def middle(tip: list[float]) -> np.ndarray:
        world = replace(flat_world(0.12, suction_at(np.array(tip))), props=(held,))
        return scene_meshes(world)[-1].mesh.vertices.mean(0)

    tool = suction_at(np.array([0.0, 0.0, 0.08]))
    in_link = held.mesh.vertices.mean(0)
    np.testing.assert_allclose(middle([0.0, 0.0, 0.08]), tool.pose[:3, :3] @ in_link + tool.pose[:3, 3], atol=1e-9)
    assert np.linalg.norm(middle([0.01, 0.0, 0.08]) - middle([0.0, 0.0, 0.08])) > 0.005


def test_what_lies_on_tissue_moves_with_the_tissue():
    world = replace(flat_world(0.12, suction_at(np.array([0.0, 0.0, 0.08]))), props=(rod(),))
    motion = MotionRanges(camera_shift=(0.002, 0.002), camera_turn=(0.01, 0.01))
    now = sample_motion(np.random.default_rng(1), world, 1.0, motion).at(0.7)
    wall, before = now.tissue.meshes[0].vertices[0], world.tissue.meshes[0].vertices[0]
    moved, rested = now.props[0].mesh.vertices, world.props[0].mesh.vertices
    assert np.abs(moved - rested).max() > 1e-4
    np.testing.assert_allclose(np.linalg.norm(moved - wall, axis=1), np.linalg.norm(rested - before, axis=1), atol=1e-9)


def test_a_thread_begins_in_the_jaws_and_ends_on_the_tissue():
    thread = Thread(np.zeros(3), np.array([0.02, 0.01, 0.1]), np.zeros((3, 3)), 0.0002, RED, hold=Hold(0, 'tip'))
    pose = np.eye(4)
    pose[:3, 3] = [0.0, 0.0, 0.07]
    vertices = thread.placed(lambda tool, link: pose).vertices
    for end in (pose[:3, 3], thread.end):
        assert np.linalg.norm(vertices - end, axis=1).min() < 1e-9
    assert len(thread.local) == len(vertices)


@pytest.mark.parametrize('content', ['strands', 'gauze', 'clips'])
def test_each_content_lies_on_the_field(content):
    props = sample_props(np.random.default_rng(3), Contents(**{content: 1.0}), FIELD, 0.1)
    assert props
    for prop in props:
        mesh = prop.placed(lambda tool, link: np.eye(4))
        gap = field_depth_at(FIELD, mesh.vertices[:, :2]) - mesh.vertices[:, 2]
        assert -0.01 < np.median(gap) < 0.03
        assert len(prop.local) == len(mesh.vertices)


def test_nothing_lies_about_unless_a_domain_says_so():
    assert sample_props(np.random.default_rng(0), Contents(), FIELD, 0.1) == ()
    assert sample_needle(np.random.default_rng(0), Contents(), FIELD, 0.1, [], None) == ()


def test_a_tool_with_jaws_holds_the_needle_at_its_tip():
    driver, contents = simple_instruments(3)[0], Contents(needle=1.0, thread=1.0)
    sampled = (sample_needle(np.random.default_rng(seed), contents, FIELD, 0.1, [driver], None) for seed in range(8))
    held = [props for props in sampled if props[0].hold]
    assert held
    for needle, thread in held:
        assert needle.hold == thread.hold == Hold(0, 'tool_tip_link')
        assert np.linalg.norm(needle.mesh.vertices, axis=1).min() < 0.002
        assert np.linalg.norm(needle.mesh.vertices - thread.start, axis=1).min() < 0.001


def test_a_needle_lies_on_the_tissue_where_no_tool_can_hold_it():
    needle, _ = sample_needle(np.random.default_rng(0), Contents(needle=1.0, thread=1.0), FIELD, 0.1, [], None)
    assert needle.hold is None
    assert abs(field_depth_at(FIELD, needle.mesh.vertices[:, :2]) - needle.mesh.vertices[:, 2]).min() < 0.003


def test_a_needle_is_an_arc_of_its_radius():
    vertices = shape_needle(np.random.default_rng(0), 0.01, None).mesh.vertices
    assert np.abs(np.hypot(vertices[:, 0], vertices[:, 1]) - 0.01).max() < 0.0006


def test_a_swept_tube_keeps_its_distance_from_the_path_and_faces_outward():
    path = arc(0.02, 2.0)
    tube = swept(path, 0.001, sides=8)
    rings, normals = tube.vertices[:-2].reshape(-1, 8, 3), tube.normals[:-2].reshape(-1, 8, 3)
    np.testing.assert_allclose(np.linalg.norm(rings - path[:, None], axis=-1), 0.001, rtol=1e-9)
    np.testing.assert_allclose(rings - path[:, None], 0.001 * normals, atol=1e-9)
    corners = tube.vertices[tube.triangles]
    facing = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    assert np.all((facing * tube.normals[tube.triangles].mean(1)).sum(-1) > 0)


def test_a_curve_passes_its_knots():
    knots = np.array([[0.0, 0, 0], [1, 2, 0], [3, 1, 1], [4, 4, 2]])
    np.testing.assert_allclose(curve(knots, 7)[::2], knots, atol=1e-12)
