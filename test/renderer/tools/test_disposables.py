"""Large and disposable tools: their shapes, parts and looks, and the blood on any tool."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip('open3d', reason='open3d is not installed; the renderer needs it')

from support.flat_scene import CAMERA, ENDOSCOPE, flat_world

from mt3dnet_ros.renderer.domains.file import load_domain
from mt3dnet_ros.renderer.domains.tools import Looks
from mt3dnet_ros.renderer.meshes import COVER, METAL, PAD, SHAFT
from mt3dnet_ros.renderer.render import Shot, render
from mt3dnet_ros.renderer.scene.world import sample_world
from mt3dnet_ros.renderer.tools.disposable_looks import bloodied, disposable_finishes
from mt3dnet_ros.renderer.tools.disposables import SLEEVES, cannulas, disposables, sleeved
from mt3dnet_ros.renderer.tools.finishes import sample_finishes
from mt3dnet_ros.renderer.tools.instruments import Assets
from mt3dnet_ros.renderer.tools.kinematics import CLASPER_PART, SHAFT_PART, WRIST_PART
from mt3dnet_ros.renderer.tools.looks import with_looks
from mt3dnet_ros.renderer.tools.placed_tool import PlacedTool, sample_tools

WORKING = [tool for class_id in (6, 7, 8) for tool in disposables(class_id)]
JAWED = [tool for tool in WORKING if 'jaw' in tool.limits()]


def points_of(tool, *parts: int, joints: dict | None = None) -> np.ndarray:
    poses = tool.link_poses(joints or {})
    return np.concatenate([p.mesh.moved(poses[p.link]).vertices for p in tool.pieces if p.part in parts])


def plain_finishes(class_id: int = 8):
    return with_looks(
        np.random.default_rng(1),
        sample_finishes(np.random.default_rng(0), ENDOSCOPE.finishes, class_id),
        Looks(),
        False,
    )


def dressed(seed: int, radius: float = 0.0026, **looks):
    return disposable_finishes(np.random.default_rng(seed), plain_finishes(), Looks(**looks), radius)


def test_suction_clip_appliers_and_others_have_disposable_tools_and_no_other_class():
    assert {tool.class_id for tool in WORKING} == {6, 7, 8}
    assert not any(disposables(class_id) for class_id in (1, 2, 3, 4, 5))
    assert len({tool.name for tool in WORKING}) == len(WORKING)


@pytest.mark.parametrize('tool', WORKING, ids=lambda tool: tool.name)
def test_a_tool_is_a_shaft_a_collar_and_what_works_on_tissue_in_this_order(tool):
    shaft, clasper = points_of(tool, SHAFT_PART), points_of(tool, CLASPER_PART)
    assert 0.28 < np.ptp(shaft[:, 2]) < 0.35
    assert 0.0049 < np.ptp(shaft[:, 0]) < 0.0135
    assert 0.01 < np.ptp(clasper[:, 2]) < 0.065
    assert clasper[:, 2].mean() > shaft[:, 2].max()
    assert np.ptp(clasper[:, :2], axis=0).max() < 0.035
    if tool.class_id != 6:
        assert points_of(tool, WRIST_PART)[:, 2].max() < clasper[:, 2].max()


@pytest.mark.parametrize('tool', WORKING, ids=lambda tool: tool.name)
def test_the_tip_lies_at_the_end(tool):
    tip, clasper = tool.tip_position({}), points_of(tool, CLASPER_PART)
    assert np.linalg.norm(clasper - tip, axis=1).min() < 0.006
    assert tip[2] > clasper[:, 2].max() - 0.004


@pytest.mark.parametrize('tool', JAWED, ids=lambda tool: tool.name)
def test_jaws_open(tool):
    closed, opened = (np.ptp(points_of(tool, CLASPER_PART, joints={'jaw': a}), axis=0)[1] for a in (0.0, 0.8))
    assert opened > closed + 0.003


def test_a_window_lets_the_tissue_behind_be_seen():
    tool = next(tool for tool in WORKING if tool.name == 'large fenestrated grasper')
    placed = PlacedTool(
        tool, np.array([0.0, 0.0, 0.06]), np.array([0.2, 0.0, 0.06]), np.pi / 2, {'jaw': 0.0}, plain_finishes()
    )
    frame = render(np.random.default_rng(0), flat_world(0.1, placed), ENDOSCOPE, Shot(CAMERA.width, CAMERA.height))
    columns = np.nonzero((frame.parts == CLASPER_PART).any(0))[0]
    middle = frame.parts[:, columns[len(columns) // 3]]
    edges = np.count_nonzero(np.diff((middle == CLASPER_PART).astype(int)))
    assert edges == 4  # a rail, the window, a rail


def test_a_cannula_is_hollow_and_nothing_but_shaft():
    for tool in cannulas():
        assert {piece.part for piece in tool.pieces} == {SHAFT_PART}
        points = points_of(tool, SHAFT_PART)
        radius = np.hypot(points[:, 0], points[:, 1])
        assert radius.min() > 0.7 * radius.max()
        assert tool.class_id == 8


@pytest.mark.parametrize('place', range(SLEEVES))
def test_a_sleeve_lies_round_the_shaft_behind_the_jaws_and_counts_to_it(place):
    bare = disposables(8)[0]
    tool = sleeved(bare, place)
    sleeve = tool.pieces[-1]
    assert sleeve.part == SHAFT_PART
    assert np.hypot(*sleeve.mesh.vertices[:, :2].T).min() > bare.radius
    assert sleeve.mesh.vertices[:, 2].max() < -0.02
    assert tool.shaft_diameter == bare.shaft_diameter == pytest.approx(2 * bare.radius)


def test_every_material_of_a_disposable_tool_has_a_finish():
    used = {piece.mesh.material for tool in (*WORKING, *cannulas()) for piece in tool.pieces}
    assert used == {METAL, SHAFT, COVER, PAD}
    assert used <= set(dressed(0))


def test_pale_shafts_are_pale_and_their_print_is_dark():
    shafts = [dressed(seed, pale=1.0, printed=1.0)[SHAFT] for seed in range(8)]
    assert min(shaft.albedo.mean() for shaft in shafts) > 0.12
    assert min(np.median(shaft.scratches) for shaft in shafts) > 0.5
    assert np.median([shaft.scratches.min() for shaft in shafts]) < 0.3
    assert dressed(0)[SHAFT].albedo.max() < 0.1


def test_jaws_are_dark_pale_and_bright():
    greys = [float(dressed(seed)[COVER].albedo.mean()) for seed in range(24)]
    assert min(greys) < 0.05
    assert max(greys) > 0.4


def test_blood_covers_jaws_more_than_the_shaft_and_nothing_where_it_is_off():
    plain = plain_finishes()
    clean, bloody = (bloodied(np.random.default_rng(3), plain, Looks(bloody=b, blood_cover=(0.4, 0.4))) for b in (0, 1))
    assert all(finish.stain is None for finish in clean.values())
    jaws, shaft = bloody[COVER].stain, bloody[SHAFT].stain
    assert 0.25 < jaws.share.mean() < 0.5
    assert shaft.share.mean() < jaws.share.mean()
    assert jaws.colour[0] > 1.5 * jaws.colour[2]


def test_blood_is_seen():
    def redness(bloody: float) -> float:
        finishes = bloodied(np.random.default_rng(5), plain_finishes(), Looks(bloody=bloody, blood_cover=(0.9, 0.9)))
        tool = PlacedTool(
            disposables(8)[3], np.array([0.0, 0, 0.07]), np.array([0.1, 0, 0.06]), 0.0, {'jaw': 0}, finishes
        )
        frame = render(np.random.default_rng(0), flat_world(0.12, tool), ENDOSCOPE, Shot(CAMERA.width, CAMERA.height))
        red, _, blue = np.median(frame.image[frame.parts == CLASPER_PART], 0)
        return float(red / blue)

    assert redness(1.0) > 1.2 * redness(0.0)


def test_disposable_tools_leave_the_rest_of_a_scene_as_it_was():
    domain = replace(load_domain('wide'), tools=replace(load_domain('wide').tools, classes={5: 1.0}))
    looks = replace(domain.looks, disposable=1.0, cannulas=1.0, bloody=1.0)
    plain, other = (
        sample_world(np.random.default_rng(3), one, 40, 32, None) for one in (domain, replace(domain, looks=looks))
    )
    for before, after in zip(plain.tools, other.tools, strict=True):
        np.testing.assert_array_equal(before.pose, after.pose)
    np.testing.assert_array_equal(plain.tissue.albedo, other.tissue.albedo)
    np.testing.assert_array_equal(plain.lighting.positions, other.lighting.positions)


def test_the_chances_of_looks_decide_which_tools_are_drawn():
    domain = load_domain('laparoscopy')

    def names(**looks) -> set[str]:
        tools = replace(domain.tools, counts={3: 1.0}, classes={8: 1.0})
        one = replace(domain, tools=tools, looks=replace(domain.looks, **looks))
        scenes = (sample_tools(np.random.default_rng(seed), CAMERA, 0.1, one, Assets(None)) for seed in range(4))
        return {tool.instrument.name for tools in scenes for tool in tools}

    working = {tool.name for tool in WORKING}
    assert names(disposable=1.0, cannulas=0.0) <= working
    assert not names(disposable=0.0, cannulas=0.0) & working
    assert all(name.startswith('cannula') for name in names(cannulas=1.0))
