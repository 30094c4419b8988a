"""``mt3dnet prepare-depth`` writes a map per frame, goes on where it ended, and says what it could not do."""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from support.depth_teacher import write_teacher
from support.stereo_scene import render_pair, squinting_cameras

from mt3dnet_ros.commands.main import main
from mt3dnet_ros.datasets.depth.maps import depth_path, read_depth
from mt3dnet_ros.datasets.depth.prepare import DepthMaker, Scaling, prepare
from mt3dnet_ros.datasets.depth.sources import FolderFrames, FolderPairs
from mt3dnet_ros.datasets.frames import DatasetError

STEREO = squinting_cameras()
CALIBRATION = """
Camera-0-F: {0.fx} {0.fy} // focal length
Camera-0-C: {0.cx} {0.cy}
Camera-0-K: 0 0 0 0 0
Camera-1-F: {1.fx} {1.fy}
Camera-1-C: {1.cx} {1.cy}
Camera-1-K: 0 0 0 0 0
Extrinsic-Omega: 0.004 0.01 -0.006
Extrinsic-T: -4.35 0.0333 -0.0369 // mm
"""
SCALING = Scaling(reach=(0.03, 0.2))
GREY = 'frame2'


class KnowingTeacher:
    """Knows the scene's depth, but in a scale and shift of its own; and none of a grey image."""

    is_metric = False

    def __init__(self, depth):
        self.depth = depth
        self.calls = 0

    def __call__(self, image):
        self.calls += 1
        return ((1.0 / self.depth - 4.0) / 2.0).astype(np.float32)


@pytest.fixture(scope='module')
def scene():
    return SimpleNamespace(**dict(zip(('left', 'right', 'depth'), render_pair(STEREO), strict=True)))


@pytest.fixture
def folders(tmp_path, scene):
    """Write frames 0 and 1 of the scene, and frame 2 that is all grey, left and right."""
    for side in ('left', 'right'):
        (tmp_path / side).mkdir()
        for index in range(3):
            image = np.full_like(scene.left, 128) if index == 2 else getattr(scene, side)
            cv2.imwrite(str(tmp_path / side / f'frame{index}.png'), cv2.cvtColor(image, cv2.COLOR_RGB2BGR))
    (tmp_path / 'camera_calibration.txt').write_text(CALIBRATION.format(STEREO.left, STEREO.right))
    return tmp_path


@pytest.fixture
def pairs(folders):
    return FolderPairs(folders / 'left', folders / 'right', folders / 'camera_calibration.txt')


@pytest.fixture
def teacher(scene):
    return KnowingTeacher(scene.depth)


def test_teacher_is_brought_to_metres_by_the_pair(tmp_path, pairs, teacher, scene):
    outcome = prepare(pairs, tmp_path / 'out', DepthMaker(SCALING, teacher), {})
    depth, confidence = read_depth(tmp_path / 'out', 'frame0')
    assert np.abs(depth - scene.depth).mean() < 0.5e-3
    assert np.median(confidence) > 240
    assert outcome.facts['frame0']['scale'] == pytest.approx(2.0, rel=0.05)


def test_frame_that_does_not_fit_is_unknown_and_the_reason_is_kept(tmp_path, pairs, teacher):
    outcome = prepare(pairs, tmp_path / 'out', DepthMaker(SCALING, teacher), {})
    assert list(outcome.rejected) == [GREY]
    depth, confidence = read_depth(tmp_path / 'out', GREY)
    assert not depth.any() and not confidence.any()
    summary = json.loads((tmp_path / 'out' / 'summary.json').read_text())
    assert 'depth is known for' in summary['frames'][GREY]['rejected']
    assert summary['settings']['reach'] == [0.03, 0.2]


def test_second_run_prepares_only_what_is_missing_or_damaged(tmp_path, pairs, teacher):
    make, output = DepthMaker(SCALING, teacher), tmp_path / 'out'
    prepare(pairs, output, make, {})
    whole = depth_path(output, 'frame1').read_bytes()
    depth_path(output, 'frame1').write_bytes(whole[:100])
    teacher.calls = 0
    outcome = prepare(pairs, output, make, {})
    assert teacher.calls == 1 and outcome.skipped == 2 and list(outcome.rejected) == [GREY]
    assert depth_path(output, 'frame1').read_bytes() == whole


def test_interrupted_run_keeps_what_it_has_made(tmp_path, pairs, teacher, scene):
    class Interrupted(KnowingTeacher):
        def __call__(self, image):
            if self.calls == 1:
                raise KeyboardInterrupt
            return super().__call__(image)

    with pytest.raises(KeyboardInterrupt):
        prepare(pairs, tmp_path / 'out', DepthMaker(SCALING, Interrupted(scene.depth)), {})
    outcome = prepare(pairs, tmp_path / 'out', DepthMaker(SCALING, teacher), {})
    assert outcome.skipped == 1 and teacher.calls == 2 and set(outcome.facts) == set(pairs.names)


def test_maps_of_other_settings_are_not_mixed(tmp_path, pairs, teacher):
    prepare(pairs, tmp_path / 'out', DepthMaker(SCALING, teacher), {})
    other = DepthMaker(Scaling(reach=(0.03, 0.1)), teacher)
    with pytest.raises(DatasetError, match=r'was made with reach \[0\.03, 0\.2\], not \[0\.03, 0\.1\]; choose'):
        prepare(pairs, tmp_path / 'out', other, {})


def test_frames_without_a_second_camera_need_limits(tmp_path, folders, teacher):
    with pytest.raises(DatasetError, match='have no second camera; give --limits NEAREST FARTHEST'):
        prepare(FolderFrames(folders / 'left'), tmp_path / 'out', DepthMaker(SCALING, teacher), {})


def test_relative_teacher_has_no_metres_of_its_own(teacher):
    with pytest.raises(ValueError, match='needs a metric teacher, but this one is relative'):
        DepthMaker(Scaling('teacher'), teacher)


@pytest.mark.parametrize('reach', [(0.1, 0.03), (0.0, 0.1), (0.1, 0.1), (float('nan'), 0.1)])
def test_impossible_reach_is_refused(reach):
    with pytest.raises(ValueError, match='must be above 0, the nearest first'):
        Scaling(reach=reach)


def test_right_image_that_is_missing_is_named(folders):
    (folders / 'right' / 'frame1.png').unlink()
    with pytest.raises(DatasetError, match=r"has no image for 1 left ones, first 'frame1'"):
        FolderPairs(folders / 'left', folders / 'right', folders / 'camera_calibration.txt')


def prepare_pair(folders: Path, *options: str) -> int:
    """Run the command on a stereo pair, without a teacher."""
    pair = ['--images', f'{folders}/left', '--right', f'{folders}/right']
    calibration = ['--calibration', f'{folders}/camera_calibration.txt']
    return main(['prepare-depth', *pair, *calibration, '--teacher', 'none', *options, '--output', f'{folders}/out'])


def test_command_writes_the_depth_of_the_pair(folders, scene, capsys):
    assert prepare_pair(folders, '--reach', '0.03', '0.2') == 0
    depth, _ = read_depth(folders / 'out', 'frame1')
    assert np.median(np.abs(depth - scene.depth)[depth > 0.0]) < 0.5e-3
    told = capsys.readouterr().out
    assert '3 frames: 2 with depth, 1 rejected (0 were done by an earlier run)' in told
    assert f'rejected {GREY}: depth is known for' in told
    assert 'rows too low (median of' in told


def test_command_puts_a_teacher_between_limits(folders):
    write_teacher(folders / 'teacher')
    arguments = [
        'prepare-depth',
        '--images',
        f'{folders}/left',
        '--teacher',
        f'{folders}/teacher',
        '--device',
        'cpu',
        '--limits',
        '0.04',
        '0.09',
        '--output',
        f'{folders}/out',
    ]
    assert main(arguments) == 0
    depth, _ = read_depth(folders / 'out', 'frame0')
    assert depth.min() == pytest.approx(0.04) and depth.max() == pytest.approx(0.09)


def test_command_fails_where_no_frame_has_depth(folders):
    for index in (0, 1):
        (folders / 'left' / f'frame{index}.png').unlink()
    assert prepare_pair(folders) == 1


@pytest.mark.parametrize(
    ('arguments', 'reason'),
    [
        (
            ['--images', '{}/left', '--right', '{}/right', '--teacher', 'none'],
            '--right and --calibration belong together',
        ),
        (['--images', '{}/nowhere', '--teacher', 'none'], "nowhere' does not exist"),
        (
            ['--images', '{}/left', '--teacher', '{}/nowhere', '--limits', '0.1', '0.2'],
            'teacher folder .* does not exist',
        ),
        (['--images', '{}/left', '--teacher', 'none', '--limits', '0.1', '0.2'], 'without a teacher'),
        (['--images', '{}/left', '--teacher', '{}', '--device', 'abacus'], "device 'abacus' is unknown"),
        (
            ['--images', '{}/left', '--teacher', 'none', '--limits', '0.1', '0.2', '--reach', '0.1', '0.2'],
            'leave out --reach',
        ),
        (['--dataset', 'scared', '--teacher', 'none'], 'needs --data'),
    ],
)
def test_command_tells_in_one_line_what_is_wrong(folders, capsys, arguments, reason):
    words = [word.format(folders) for word in arguments]
    assert main(['prepare-depth', *words, '--output', f'{folders}/out']) == 1
    told = capsys.readouterr().err.splitlines()[-1]
    assert re.match(f'mt3dnet prepare-depth: .*{reason}', told)
