"""Hand-eye files."""

from __future__ import annotations

import textwrap
from pathlib import Path

import numpy as np
import pytest
from support.paths import ROOT

from mt3dnet_ros.ros.frames.hand_eye import HandEyeError, read_hand_eye
from mt3dnet_ros.ros.messages.transforms import quaternion_of

FRAMES = 'parent_frame: ECM_tip_link\nchild_frame: /jhu_daVinci/left_frame\n'
PARTS = 'transform: {translation: {x: 0.0025, y: 0, z: -0.01}, rotation: {x: 0, y: 0, z: 1, w: 0}}\n'
HALF_TURN = 'transform: [[-1, 0, 0, 0.0025], [0, -1, 0, 0], [0, 0, 1, -0.01], [0, 0, 0, 1]]\n'


@pytest.fixture
def write(tmp_path: Path):
    def write(content: str) -> Path:
        path = tmp_path / 'hand_eye.yaml'
        path.write_text(content)
        return path

    return write


def test_translation_and_rotation_are_read(write) -> None:
    message = read_hand_eye(write(FRAMES + PARTS))
    assert (message.header.frame_id, message.child_frame_id) == ('ECM_tip_link', 'jhu_daVinci/left_frame')
    translation, rotation = message.transform.translation, message.transform.rotation
    assert (translation.x, translation.y, translation.z) == (0.0025, 0.0, -0.01)
    assert (rotation.x, rotation.y, rotation.z, rotation.w) == (0.0, 0.0, 1.0, 0.0)


def test_a_matrix_says_the_same(write) -> None:
    pytest.importorskip('transforms3d', reason='needs transforms3d')
    assert read_hand_eye(write(FRAMES + HALF_TURN)) == read_hand_eye(write(FRAMES + PARTS))


def test_the_example_of_the_guide_is_read(write) -> None:
    pytest.importorskip('transforms3d', reason='needs transforms3d')
    example = (ROOT / 'docs/robot/dvrk.md').read_text().split('```yaml')[1].split('```')[0]
    message = read_hand_eye(write(textwrap.dedent(example)))
    assert message.child_frame_id == 'jhu_daVinci/left_frame'
    assert (message.transform.translation.x, message.transform.rotation.z) == (0.0025, 1.0)


def test_frames_that_are_given_go_before_those_of_the_file(write) -> None:
    message = read_hand_eye(write(FRAMES + PARTS), 'PSM1_tool', '/endoscope')
    assert (message.header.frame_id, message.child_frame_id) == ('PSM1_tool', 'endoscope')


@pytest.mark.parametrize(
    ('content', 'reason'),
    [
        ('', 'the file is empty; parent_frame, child_frame and transform are expected'),
        ('[1', 'is not YAML'),
        (FRAMES, 'transform is missing .there is parent_frame, child_frame.'),
        (PARTS, 'no parent_frame'),
        (FRAMES.replace('ECM_tip_link', 'jhu_daVinci/left_frame') + PARTS, 'same frame'),
        (FRAMES + PARTS.replace('w: 0', 'w: 1'), 'length 1.41421'),
        (FRAMES + PARTS.replace('w: 0', 'v: 0'), 'rotation of the transform must be .x: NUMBER.*w: NUMBER.'),
        (FRAMES + PARTS.replace('0.0025', '2.5e1'), '25 m from its parent'),
        (FRAMES + PARTS.replace('0.0025', '.nan'), 'nan m from its parent'),
        (FRAMES + HALF_TURN.replace('[0, -1, 0, 0]', '[0, 1, 0, 0]'), 'no rotation'),
        (FRAMES + HALF_TURN.replace('-1', '-1000'), 'no rotation'),
        (FRAMES + HALF_TURN.replace('[0, 0, 0, 1]', '[0, 0, 1, 1]'), 'ends in 0 0 0 1'),
        (FRAMES + 'transform: [1, 2]\n', 'matrix of 4 x 4'),
        (FRAMES + 'transform: [[1, 2], 3]\n', 'matrix of 4 x 4'),
        (FRAMES + 'transform: {translation: [0, 0, 0]}\n', 'translation of the transform must be'),
        ('just words\n', 'just words'),
    ],
)
def test_a_file_that_is_no_transform_is_refused_with_the_reason(write, content: str, reason: str) -> None:
    path = write(content)
    with pytest.raises(HandEyeError, match=reason) as error:
        read_hand_eye(path)
    assert str(path) in str(error.value)


def test_a_missing_file_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(HandEyeError, match=r'absent\.yaml.*cannot be read'):
        read_hand_eye(tmp_path / 'absent.yaml')


def test_no_file_is_refused_in_words() -> None:
    with pytest.raises(HandEyeError, match='set the parameter file'):
        read_hand_eye('')


def test_a_path_may_begin_at_home(write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv('HOME', str(write(FRAMES + PARTS).parent))
    assert read_hand_eye('~/hand_eye.yaml').child_frame_id == 'jhu_daVinci/left_frame'


def rotation(seed: int) -> np.ndarray:
    """Return a random rotation matrix."""
    orthogonal = np.linalg.qr(np.random.default_rng(seed).normal(size=(3, 3)))[0]
    return orthogonal * np.sign(np.linalg.det(orthogonal))


def test_both_libraries_give_the_same_quaternion() -> None:
    mat2quat = pytest.importorskip('transforms3d.quaternions', reason='needs transforms3d').mat2quat
    pytest.importorskip('tf_transformations', reason='tf_transformations comes with a ROS installation, not from PyPI')
    for seed in range(20):
        w, *xyz = mat2quat(rotation(seed))
        x, y, z, scalar = quaternion_of(rotation(seed))
        assert abs(np.dot([*xyz, w], [x, y, z, scalar])) == pytest.approx(1.0)


def test_a_quaternion_turns_points_as_its_matrix_does() -> None:
    pytest.importorskip('transforms3d', reason='needs transforms3d')
    matrix, point = rotation(1), np.array([0.1, -0.2, 0.3])
    x, y, z, w = quaternion_of(matrix)
    axis = np.array([x, y, z])
    turned = point + 2 * np.cross(axis, np.cross(axis, point) + w * point)  # Rodrigues' formula in quaternions
    np.testing.assert_allclose(turned, matrix @ point, atol=1e-12)
