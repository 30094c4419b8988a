"""Rendered sequences: smooth work of tools, a slow camera, and one scene from the first frame to the last."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip('open3d', reason='open3d is not installed; the renderer needs it')

from support.flat_scene import TUBES, flat_world, folder_without_meshes, suction_at

from mt3dnet_ros.commands.main import main
from mt3dnet_ros.datasets.rendered import RenderedFrames
from mt3dnet_ros.renderer.plan import RenderPlan
from mt3dnet_ros.renderer.raycast import Raycaster
from mt3dnet_ros.renderer.scene.motion import MotionRanges, sample_motion
from mt3dnet_ros.renderer.sequence import render_sequence, sequence_world
from mt3dnet_ros.renderer.tools.actions import Action, Pace, sample_actions
from mt3dnet_ros.renderer.writing.write import write_data_set

ACTION = Action(0, 1.0, 1.0, 0.5, 1.0, displacement=np.array([0.02, 0.0, 0.0]), joint_changes={})
STILL = MotionRanges(drift=(0, 0), camera_shift=(0, 0), camera_turn=(0, 0), breath=(0, 0))


def test_a_tool_goes_to_its_goal_stays_and_comes_back():
    assert [ACTION.progress(time) for time in (0.0, 1.0, 2.0, 2.5, 3.5, 9.0)] == [0, 0, 1, 1, 0, 0]
    assert ACTION.progress(1.5) == pytest.approx(0.5)


def test_jaws_shut_at_the_goal_and_open_on_the_way_back():
    assert [ACTION.jaw_closure(time) for time in (1.5, 2.0, 2.25, 2.5, 3.0, 3.5)] == [0, 0, 1, 1, 1, 0]


def test_the_way_has_no_jumps():
    way = np.array([ACTION.progress(time) for time in np.arange(0.0, 5.0, 0.01)])
    assert np.abs(np.diff(way)).max() < 0.02  # 1.875 at most per duration, in the middle of the way
    assert np.abs(np.diff(way, 2)).max() < 0.001


def test_a_longer_time_begins_with_the_actions_of_a_shorter_one():
    directions = [np.array([1.0, 0.0, 0.0]), np.array([0.0, 1.0, 0.0])]
    short, long = (
        sample_actions(np.random.default_rng(0), directions, [['pitch'], []], seconds, Pace())
        for seconds in (3.0, 30.0)
    )
    assert 0 < len(short) < len(long)
    assert [action.end for action in short] == [action.end for action in long[: len(short)]]
    assert {action.tool for action in long} == {0, 1}


def test_nothing_happens_without_tools():
    assert sample_actions(np.random.default_rng(0), [], [], 10.0, Pace()) == ()


def test_the_tool_at_work_moves_and_the_other_rests():
    world = flat_world(0.1, suction_at([0.0, 0.0, 0.08]), suction_at([0.02, 0.0, 0.08]))
    moving = replace(sample_motion(np.random.default_rng(0), world, 1.0, STILL), actions=(ACTION,))
    before, there = moving.at(0.5), moving.at(2.2)
    np.testing.assert_allclose(there.tools[0].tip - before.tools[0].tip, ACTION.displacement, atol=1e-12)
    np.testing.assert_array_equal(there.tools[1].tip, before.tools[1].tip)


def test_a_camera_that_moves_carries_tissue_and_tools_along():
    world = flat_world(0.1, suction_at([0.0, 0.0, 0.08]))
    motion = replace(STILL, camera_shift=(0.002, 0.002), camera_turn=(0.01, 0.01))
    moving = replace(sample_motion(np.random.default_rng(1), world, 1.0, motion), actions=())
    now = moving.at(0.7)
    rest, moved = world.tissue.meshes[0].vertices, now.tissue.meshes[0].vertices
    gaps = [np.linalg.norm(v - t.tip, axis=1) for v, t in ((rest, world.tools[0]), (moved, now.tools[0]))]
    assert np.abs(moved - rest).max() > 1e-4
    np.testing.assert_allclose(gaps[0], gaps[1], atol=1e-9)


def test_texture_moves_with_the_tissue():
    world = flat_world(0.1)
    moved = sample_motion(np.random.default_rng(2), world, 1.0, MotionRanges()).at(0.4).tissue
    corners = moved.meshes[0].vertices
    np.testing.assert_allclose(moved.anchored(corners), world.tissue.meshes[0].vertices, atol=1e-6)


def test_tissue_that_breathes_changes_its_depth():
    world = flat_world(0.1)
    moving = sample_motion(np.random.default_rng(0), world, 1.0, replace(STILL, breath=(0.001, 0.001)))
    depths = [float(np.median(Raycaster(moving.at(time)).hits().depth)) for time in np.arange(0.0, 5.0, 0.25)]
    assert max(depths) == pytest.approx(0.101, abs=1e-4) and min(depths) == pytest.approx(0.099, abs=1e-4)


@pytest.fixture(scope='module')
def data(tmp_path_factory):
    return folder_without_meshes(tmp_path_factory.mktemp('data'))


def plan(data, **changes) -> RenderPlan:
    options = {'train': 0, 'val': 2, 'test': 0, 'height': 48, 'width': 60, 'oversampling': 1.0}
    return RenderPlan(data, TUBES, **options | {'frames_per_sequence': 3} | changes)


def test_a_frame_depends_only_on_seed_split_sequence_and_place(data):
    shorter, longer = (render_sequence(plan(data, frames_per_sequence=n), 'val', 1) for n in (2, 3))
    for first, again in zip(shorter, longer, strict=False):
        np.testing.assert_array_equal(first.image, again.image)
        np.testing.assert_array_equal(first.instances, again.instances)
    keys = ((1, 'val', 1), (0, 'test', 1), (0, 'val', 0))
    others = [sequence_world(plan(data, seed=seed), split, sequence) for seed, split, sequence in keys]
    here = sequence_world(plan(data), 'val', 1)
    assert all(not np.array_equal(other.rest.tools[0].tip, here.rest.tools[0].tip) for other in others)


def test_a_sequence_keeps_its_scene_and_video_chain_but_not_its_noise(data):
    rest = plan(data, rate=1e9)  # frames of practically one moment
    first, second = render_sequence(replace(rest, frames_per_sequence=2), 'val', 0)
    np.testing.assert_array_equal(first.instances, second.instances)
    difference = first.image.astype(float) - second.image
    assert 0 < difference.std() < 12 and abs(difference.mean()) < 0.5


def test_a_written_sequence_names_its_frames_in_order(data, tmp_path):
    write_data_set(plan(data), tmp_path)
    frames = RenderedFrames(tmp_path, 'val')
    assert frames.names == [f'val/s{sequence:04d}/f{frame:04d}' for sequence in range(2) for frame in range(3)]
    np.testing.assert_array_equal(frames[4].image, render_sequence(plan(data), 'val', 1)[1].image)
    facts = json.loads((tmp_path / 'val' / 'frames.json').read_text())
    assert [(fact['sequence'], fact['frame']) for fact in facts] == [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)]


@pytest.mark.parametrize(
    ('options', 'complaint'),
    [(['--frames-per-sequence', '1'], 'of 1 frames shows no motion'), (['--rate', '0'], 'rate of 0.0 frames')],
)
def test_sequences_in_which_nothing_can_move_are_refused(options, complaint, data, tmp_path, capsys):
    assert main(['render', '--data', str(data), '--output', str(tmp_path / 'out'), *options]) == 1
    assert complaint in capsys.readouterr().err
