"""What comes with a rendered frame: tool tips, a second eye, poses; and renders that go on where they were killed."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise

import cv2
import numpy as np
import pytest

pytest.importorskip('open3d', reason='open3d is not installed; the renderer needs it')

from support.flat_scene import CAMERA, ENDOSCOPE, TUBES, flat_world, folder_without_meshes, suction_at

from mt3dnet_ros.commands.main import main
from mt3dnet_ros.datasets.frames import DatasetError
from mt3dnet_ros.datasets.rendered import RenderedFrames
from mt3dnet_ros.renderer.domains.camera_effects import CameraEffects, Travel
from mt3dnet_ros.renderer.plan import RenderPlan
from mt3dnet_ros.renderer.render import Shot, render
from mt3dnet_ros.renderer.scene.motion import Oscillation
from mt3dnet_ros.renderer.sequence import sequence_world
from mt3dnet_ros.renderer.writing import write
from mt3dnet_ros.renderer.writing.write import write_data_set

STILL = Oscillation(np.zeros(6), np.ones(6), np.zeros(6))
BARREL = replace(ENDOSCOPE.camera, lens=replace(ENDOSCOPE.camera.lens, distorted=1.0, radial=(0.1, 0.1)))
NOISELESS = replace(ENDOSCOPE.camera, control_unit=replace(ENDOSCOPE.camera.control_unit, noise=(0.0, 0.0)))


def flat_frame(*tips, baseline: float = 0.0, effects: CameraEffects | None = None):
    domain = replace(ENDOSCOPE, camera=effects or ENDOSCOPE.camera)
    world, shot = flat_world(0.1, *map(suction_at, tips)), Shot(CAMERA.width, CAMERA.height, baseline)
    return render(np.random.default_rng(0), world, domain, shot)


def test_tips_are_known_in_space_and_in_the_picture():
    shown, outside = flat_frame([0.01, -0.005, 0.08], [0.2, 0.0, 0.08]).tips
    assert (shown.instance, outside.instance) == (1, 2)
    assert shown.point == (0.01, -0.005, 0.08)
    np.testing.assert_allclose(shown.pixel, (130 * 0.01 / 0.08 + 79.5, 130 * -0.005 / 0.08 + 63.5))
    assert shown.visible and not outside.visible
    assert outside.pixel[0] > CAMERA.width


def test_a_tip_behind_another_tool_or_in_the_tissue_is_not_visible():
    behind, front, buried = flat_frame([0.0, 0.0, 0.09], [-0.02, 0.0, 0.05], [-0.03, 0.03, 0.12]).tips
    assert front.visible
    assert not behind.visible  # the other tool's shaft, which comes from the right, passes before it
    assert not buried.visible


def test_pixels_of_tips_follow_the_distortion():
    straight, bent = flat_frame([0.04, 0.03, 0.08]).tips[0], flat_frame([0.04, 0.03, 0.08], effects=BARREL).tips[0]
    middle = np.array([CAMERA.cx, CAMERA.cy])
    assert np.linalg.norm(bent.pixel - middle) < np.linalg.norm(straight.pixel - middle) - 1
    assert bent.point == straight.point


@pytest.fixture(scope='module')
def data(tmp_path_factory):
    return folder_without_meshes(tmp_path_factory.mktemp('data'))


def plan(data, **changes) -> RenderPlan:
    options = {'train': 0, 'val': 3, 'test': 0, 'height': 48, 'width': 60, 'oversampling': 1.0}
    return RenderPlan(data, TUBES, **options | changes)


@pytest.fixture(scope='module')
def pair(data, tmp_path_factory):
    folder = tmp_path_factory.mktemp('pairs')
    quiet = replace(TUBES, camera=NOISELESS)
    write_data_set(replace(plan(data, val=1, height=96, width=120, baseline=0.005), domain=quiet), folder)
    return RenderedFrames(folder, 'val').pair(0)


def test_the_right_picture_is_the_left_one_moved_by_the_disparity(pair):
    columns, rows = np.meshgrid(np.arange(120, dtype=np.float32), np.arange(96, dtype=np.float32))
    fetched = cv2.remap(pair.right, columns - pair.disparity, rows, cv2.INTER_LINEAR)

    def error(picture: np.ndarray) -> float:
        return float(np.median(np.abs(picture[:, 20:].astype(int) - pair.left[:, 20:])))

    assert pair.disparity.min() > 3
    assert error(fetched) < 0.5 * error(pair.right)
    wrong = cv2.remap(pair.right, columns - 1.5 * pair.disparity, rows, cv2.INTER_LINEAR)
    assert error(fetched) < 0.5 * error(wrong)


def test_disparity_is_focal_length_times_baseline_over_depth(pair, data):
    frame = write.render_frame(plan(data, val=1, height=96, width=120), 'val', 0)
    np.testing.assert_allclose(pair.disparity, frame.camera.fx * 0.005 / frame.depth, rtol=1e-3)
    assert pair.baseline == 0.005


def test_a_second_eye_leaves_the_first_as_it_is(pair, data):
    domain = replace(TUBES, camera=NOISELESS)
    alone = write.render_frame(replace(plan(data, val=1, height=96, width=120), domain=domain), 'val', 0)
    np.testing.assert_array_equal(alone.image, pair.left)


def test_frames_that_were_not_rendered_in_stereo_say_so(data, tmp_path):
    write_data_set(plan(data, val=1), tmp_path)
    with pytest.raises(DatasetError, match='`mt3dnet render --stereo`'):
        RenderedFrames(tmp_path, 'val').pair(0)


def test_distortion_tips_and_boxes_are_written_and_read(data, tmp_path):
    bent = replace(plan(data, val=1), domain=replace(TUBES, camera=BARREL))
    write_data_set(bent, tmp_path)
    frames, rendered = RenderedFrames(tmp_path, 'val'), write.render_frame(bent, 'val', 0)
    assert frames[0].camera == rendered.camera
    tips = frames.frames[0]['tips']
    assert [tip['instance'] for tip in tips] == [1, 2]
    assert [tuple(tip['point']) for tip in tips] == [tip.point for tip in rendered.tips]
    assert frames.shaft_diameters(0) == rendered.shaft_diameters
    assert len(rendered.shaft_diameters) == 2


def test_poses_tell_how_the_camera_of_a_sequence_moves(data, tmp_path):
    write_data_set(plan(data, val=1, frames_per_sequence=3, rate=1.0), tmp_path)
    poses = [RenderedFrames(tmp_path, 'val').pose(index) for index in range(3)]
    ways = [np.linalg.norm(second[:3, 3] - first[:3, 3]) for first, second in pairwise(poses)]
    assert all(0 < way < 0.005 for way in ways)
    for pose in poses:
        np.testing.assert_allclose(pose[:3, :3] @ pose[:3, :3].T, np.eye(3), atol=1e-9)


def test_a_camera_that_travels_leaves_the_tools_work_as_it_is(data):
    travel = replace(ENDOSCOPE.camera, travel=Travel(travelling=1.0, shift=(0.01, 0.02), turn=(0.05, 0.1)))
    still = plan(data, val=1, frames_per_sequence=3, rate=1.0)
    travelling = replace(still, domain=replace(TUBES, camera=travel))
    resting, moved = (sequence_world(p, 'val', 0) for p in (still, travelling))
    ways = [np.linalg.norm((w.camera_pose(2.0) - w.camera_pose(0.0))[:3, 3]) for w in (resting, moved)]
    assert ways[1] > 3 * ways[0] > 0
    for world in (resting, moved):
        pose = world.camera_pose(2.0)
        tips = [pose[:3, :3] @ tool.tip + pose[:3, 3] for tool in world.at(2.0).tools]
        np.testing.assert_allclose(tips, [tool.tip for tool in replace(resting, camera=STILL).at(2.0).tools], atol=1e-9)


def contents(folder) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((folder / 'val').iterdir())}


@pytest.mark.parametrize('changes', [{}, {'frames_per_sequence': 2}, {'baseline': 0.004}])
def test_a_killed_render_continues_where_it_was(changes, data, tmp_path, monkeypatch):
    wanted = plan(data, **changes)
    write_data_set(wanted, tmp_path / 'whole')
    name = 'render_sequence' if wanted.frames_per_sequence else 'render_frame'
    render_scene, rendered = getattr(write, name), []

    def dying(plan, split, index):
        rendered.append(index)
        if rendered == [0, 1]:
            raise KeyboardInterrupt
        return render_scene(plan, split, index)

    monkeypatch.setattr(write, name, dying)
    with pytest.raises(KeyboardInterrupt):
        write_data_set(wanted, tmp_path / 'killed')
    journal = tmp_path / 'killed' / 'val' / 'frames.jsonl'
    journal.write_text(journal.read_text() + '{"fx": 1')  # a line that was being written
    write_data_set(wanted, tmp_path / 'killed')
    assert rendered == [0, 1, 1, 2]
    assert contents(tmp_path / 'killed') == contents(tmp_path / 'whole')
    write_data_set(wanted, tmp_path / 'killed')
    assert rendered == [0, 1, 1, 2]  # all is done


def test_a_sequence_cut_short_is_rendered_again(data, tmp_path):
    wanted = plan(data, val=2, frames_per_sequence=2)
    write_data_set(wanted, tmp_path)
    folder, whole = tmp_path / 'val', contents(tmp_path)
    facts = json.loads((folder / 'frames.json').read_text())
    (folder / 'frames.json').unlink()
    (folder / 'frames.jsonl').write_text(''.join(json.dumps(entry) + '\n' for entry in facts[:3]))
    images = np.load(folder / 'images.npy', mmap_mode='r+')
    images[2:] = 0
    images.flush()
    write_data_set(wanted, tmp_path)
    assert contents(tmp_path) == whole


def test_frames_of_another_plan_are_not_mixed_in(data, tmp_path, capsys):
    options = ['render', '--data', str(data), '--output', str(tmp_path), '--train', '0', '--test', '0', '--val', '0']
    write_data_set(plan(data, val=1), tmp_path)
    assert main([*options, '--val', '1', '--width', '60', '--height', '48', '--seed', '3', '--processes', '1']) == 1
    error = capsys.readouterr().err
    assert (
        'holds frames that were rendered with other values of' in error
        and 'seed' in error
        and 'choose another folder' in error
    )


def test_a_folder_that_version_0_1_began_is_continued(data, tmp_path):
    wanted = plan(data, val=1)
    write_data_set(wanted, tmp_path)
    path = tmp_path / 'val' / 'plan.json'
    written = json.loads(path.read_text())
    control_unit = written['domain']['camera'].pop('control_unit')
    for later in ('overexposed', 'overexposure'):
        del control_unit[later]
    written['domain']['video'] = {'exposure': control_unit.pop('level'), **control_unit}
    path.write_text(json.dumps(written))
    write_data_set(wanted, tmp_path)
    path.write_text(json.dumps(written).replace('"gamma": [2.0', '"gamma": [1.9'))
    with pytest.raises(DatasetError, match='other values of domain'):
        write_data_set(wanted, tmp_path)


def test_a_folder_begun_before_a_domain_had_some_keys_is_continued(data, tmp_path):
    wanted = plan(data, val=1)
    write_data_set(wanted, tmp_path)
    path = tmp_path / 'val' / 'plan.json'
    written = json.loads(path.read_text())
    del written['domain']['bench'], written['domain']['looks']['disposable']
    path.write_text(json.dumps(written))
    write_data_set(wanted, tmp_path)
    written['domain']['looks']['disposable'] = 0.5
    path.write_text(json.dumps(written))
    with pytest.raises(DatasetError, match='other values of domain'):
        write_data_set(wanted, tmp_path)


def test_a_render_that_failed_before_its_first_frame_does_not_claim_the_folder(data, tmp_path, monkeypatch):
    def fail(*_):
        raise DatasetError('a mesh is damaged')

    with monkeypatch.context() as patched:
        patched.setattr(write, 'render_frame', fail)
        with pytest.raises(DatasetError, match='a mesh is damaged'):
            write_data_set(replace(plan(data, val=1), seed=99, baseline=0.004), tmp_path)
    write_data_set(plan(data, val=1), tmp_path)
    assert len(RenderedFrames(tmp_path, 'val')) == 1 and not (tmp_path / 'val' / 'right_images.npy').exists()


def test_a_damaged_plan_is_named(data, tmp_path):
    write_data_set(plan(data, val=1), tmp_path)
    (tmp_path / 'val' / 'plan.json').write_text('{"seed": ')
    with pytest.raises(DatasetError, match=r'plan\.json. is damaged'):
        write_data_set(plan(data, val=1), tmp_path)


def test_files_of_unknown_origin_are_not_touched(data, tmp_path):
    (tmp_path / 'val').mkdir()
    (tmp_path / 'val' / 'images.npy').write_bytes(b'precious')
    with pytest.raises(DatasetError, match=r'files that `mt3dnet render` did not write \(no plan\.json\)'):
        write_data_set(plan(data), tmp_path)
    assert (tmp_path / 'val' / 'images.npy').read_bytes() == b'precious'


def test_a_negative_baseline_is_refused(data, tmp_path, capsys):
    assert main(['render', '--data', str(data), '--output', str(tmp_path / 'out'), '--stereo', '-4']) == 1
    assert 'baseline of -0.004 m' in capsys.readouterr().err
