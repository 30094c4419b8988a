"""The ECM's kinematics: a camera that turns about its remote centre."""

from __future__ import annotations

import numpy as np
import pytest

from mt3dnet_ros.guidance.ecm import ENDOSCOPES, INSERTION, Ecm
from mt3dnet_ros.guidance.joint_limits import MODELS

RANDOM = np.random.default_rng(6)
LOWER, UPPER = Ecm().limits
JOINTS = [RANDOM.uniform(LOWER, UPPER) for _ in range(5)]


def moved(joints: np.ndarray, number: int, step: float) -> np.ndarray:
    return joints + step * np.eye(4)[number]


def motion_between(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return translation and small rotation, in the first frame, that lead from one pose to the other."""
    difference = np.linalg.inv(first) @ second
    return np.array([*difference[:3, 3], difference[2, 1], difference[0, 2], difference[1, 0]])


@pytest.mark.parametrize('endoscope', ENDOSCOPES)
@pytest.mark.parametrize('joints', JOINTS)
def test_the_jacobian_is_the_derivative_of_the_pose(endoscope: str, joints: np.ndarray) -> None:
    arm, step = Ecm(endoscope), 1e-6
    poses = [[arm.camera_pose(moved(joints, number, way)) for way in (-step, step)] for number in range(4)]
    numeric = [motion_between(before, after) for before, after in poses]
    np.testing.assert_allclose(arm.jacobian(joints), np.stack(numeric, axis=1) / (2 * step), atol=2e-6)


@pytest.mark.parametrize('joints', JOINTS)
def test_the_shaft_passes_through_the_remote_centre_wherever_it_points(joints: np.ndarray) -> None:
    pose = Ecm().camera_pose(joints)
    from_centre, along_shaft = pose[:3, 3], pose[:3, 2]
    np.testing.assert_allclose(from_centre, (joints[INSERTION] + 0.0007) * along_shaft, atol=1e-9)


@pytest.mark.parametrize('joints', [np.zeros(4), *JOINTS])
def test_it_looks_where_the_documentation_says(joints: np.ndarray) -> None:
    yaw, pitch, _, _ = joints
    expected = np.sin(yaw) * np.cos(pitch), -np.sin(pitch), -np.cos(yaw) * np.cos(pitch)
    np.testing.assert_allclose(Ecm().camera_pose(joints)[:3, 2], expected, atol=1e-12)


def test_the_optical_frame_is_the_tip_turned_by_half_a_turn_about_the_line_of_sight() -> None:
    arm = Ecm('up')
    between = np.linalg.inv(arm.tip_pose(JOINTS[0])) @ arm.camera_pose(JOINTS[0])
    np.testing.assert_allclose(between, np.diag([-1.0, -1.0, 1.0, 1.0]), atol=1e-12)


@pytest.mark.parametrize(('endoscope', 'angle'), [('straight', 0.0), ('up', 30.0), ('down', 30.0)])
def test_an_oblique_endoscope_looks_30_degrees_off_the_shaft(endoscope: str, angle: float) -> None:
    shaft, sight = (Ecm(name).camera_pose(JOINTS[1])[:3, 2] for name in ('straight', endoscope))
    assert np.degrees(np.arccos(np.clip(shaft @ sight, -1.0, 1.0))) == pytest.approx(angle, abs=1e-5)


def test_up_looks_up_in_the_picture_of_the_straight_endoscope_and_down_looks_down() -> None:
    straight, up, down = (Ecm(name).camera_pose(JOINTS[2])[:3, :3] for name in ENDOSCOPES)
    image_down = straight[:, 1]
    assert up[:, 2] @ image_down == pytest.approx(-0.5)
    assert down[:, 2] @ image_down == pytest.approx(0.5)


@pytest.mark.parametrize('model', MODELS)
def test_limits_leave_room_between_them(model: str) -> None:
    lower, upper = Ecm(model=model).limits
    assert (lower < upper).all()
