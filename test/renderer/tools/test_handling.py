"""Tools at work: the tissue gives way to them, follows them, and they cross."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip('open3d', reason='open3d is not installed; the renderer needs it')

from support.flat_scene import CAMERA, ENDOSCOPE, flat_world, suction_at

from mt3dnet_ros.renderer.domains.tools import Handling
from mt3dnet_ros.renderer.render import Shot, render
from mt3dnet_ros.renderer.tissue.ground import GRID, field_depth_at, grid_mesh
from mt3dnet_ros.renderer.tools.handling import MARGIN, Contacts, Grip, sample_handling
from mt3dnet_ros.renderer.tools.placed_tool import PlacedTool
from mt3dnet_ros.renderer.tools.primitives import simple_instruments

X, Y = np.meshgrid(*[np.linspace(-0.15, 0.15, GRID)] * 2)
FLAT = grid_mesh(np.stack([X, Y, np.full_like(X, 0.1)], -1))


def upright(depth: float) -> PlacedTool:
    return replace(suction_at(np.array([0.0, 0.0, depth])), port=np.array([0.0, 0.001, -0.1]))


def grasper_at(tip: list[float]) -> PlacedTool:
    tool = suction_at(np.array(tip))
    return replace(tool, instrument=simple_instruments(3)[0], joints={'wrist_pitch': 0.0, 'wrist_yaw': 0.0, 'jaw': 0.5})


def test_tissue_gives_way_to_a_tool_that_presses_it_and_rests_far_away():
    pressed = Contacts(reach=0.008).deformed(FLAT, [upright(0.104)]).vertices
    away = np.hypot(*pressed[:, :2].T)
    assert pressed[away.argmin(), 2] == pytest.approx(0.104 + MARGIN, abs=5e-4)
    np.testing.assert_allclose(pressed[away > 0.04, 2], 0.1, atol=1e-6)


def test_tissue_does_not_move_under_a_tool_that_does_not_touch_it():
    np.testing.assert_array_equal(Contacts(0.008).deformed(FLAT, [upright(0.09)]).vertices, FLAT.vertices)


def test_lifted_tissue_follows_the_tip():
    tool = grasper_at([0.003, 0.0, 0.09])
    lifted = Contacts(0.008, (Grip(0, np.array([0.0, 0.0, 0.1])),)).deformed(FLAT, [tool])
    peak = lifted.vertices[lifted.vertices[:, 2].argmin()]
    assert np.linalg.norm(peak - tool.tip) < 0.004
    assert np.linalg.norm(lifted.vertices[0] - FLAT.vertices[0]) < 1e-4


def test_depth_in_a_frame_is_that_of_the_deformed_tissue():
    world = flat_world(0.1, suction_at(np.array([0.0, 0.0, 0.104])))
    world = replace(world, tissue=replace(world.tissue, meshes=(FLAT,)), contacts=Contacts(0.008))
    frame = render(np.random.default_rng(0), world, ENDOSCOPE, Shot(CAMERA.width, CAMERA.height))
    assert frame.depth[frame.types == 0].max() > 0.101
    assert frame.depth[2, 2] == pytest.approx(0.1, abs=1e-4)


def test_without_handling_tools_stay_and_tissue_is_rigid():
    tools = (upright(0.09),)
    assert sample_handling(np.random.default_rng(0), tools, FLAT, Handling()) == (tools, None)


def test_a_touching_tool_reaches_into_the_tissue():
    handling = Handling(touching=1.0, press=(0.002, 0.003))
    (tool,), contacts = sample_handling(np.random.default_rng(0), (upright(0.06),), FLAT, handling)
    assert 0.002 <= tool.tip[2] - field_depth_at(FLAT, tool.tip[None, :2])[0] <= 0.003
    assert contacts is not None and contacts.grips == ()


def test_a_pulling_tool_shuts_its_jaws_on_the_tissue_it_lifts():
    handling = Handling(pulling=1.0, lift=(0.005, 0.006))
    tools = (grasper_at([0.01, 0.0, 0.09]), upright(0.09))
    placed, contacts = sample_handling(np.random.default_rng(0), tools, FLAT, handling)
    assert contacts is not None
    (grip,) = contacts.grips  # a suction tube has no jaws
    assert grip.tool == 0
    np.testing.assert_allclose(grip.anchor, [0.01, 0.0, 0.1])
    assert 0.005 <= 0.1 - placed[0].tip[2] <= 0.006
    assert placed[0].joints['jaw'] < 0.2


def test_a_crossing_tool_comes_close_to_the_other_one():
    tools = (grasper_at([0.0, 0.0, 0.08]), grasper_at([-0.05, 0.03, 0.09]))
    for seed in range(5):
        placed, _ = sample_handling(np.random.default_rng(seed), tools, FLAT, Handling(crossing=1.0))
        other = tools[0]
        along = np.linspace(0, 0.03, 50)[:, None] * (other.port - other.tip) / np.linalg.norm(other.port - other.tip)
        assert np.linalg.norm(other.tip + along - placed[1].tip, axis=1).min() < 0.025
        np.testing.assert_array_equal(placed[0].tip, other.tip)
