"""The simulated arm and scene are what the real ones would be, as far as they go."""

from __future__ import annotations

import numpy as np
import pytest

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.geometry.rays import project, ray_grid
from mt3dnet_ros.guidance.ecm import Ecm
from mt3dnet_ros.guidance.simulated_arm import SPEED, SimulatedArm
from mt3dnet_ros.guidance.simulated_scene import SimulatedScene, height, on_surface, seen_from

START = np.array([0.1, -0.1, 0.1, 0.0])
CAMERA = Camera.from_field_of_view(48, 36, np.radians(60.0))


@pytest.fixture
def arm() -> SimulatedArm:
    return SimulatedArm(Ecm(), START)


def run(arm: SimulatedArm, seconds: float) -> np.ndarray:
    """Return the velocities (n, 4) of the time."""
    velocities = []
    for _ in range(round(seconds / 0.01)):
        arm.step(0.01)
        velocities.append(arm.velocity)
    return np.stack(velocities)


def test_increments_add_up(arm: SimulatedArm) -> None:
    for _ in range(3):
        arm.servo_jr(np.array([0.01, 0.0, 0.001, 0.0]))
    run(arm, 0.5)
    np.testing.assert_allclose(arm.joints, START + (0.03, 0.0, 0.003, 0.0), atol=1e-9)


def test_a_move_reaches_its_goal_within_the_drivers_speeds(arm: SimulatedArm) -> None:
    goal = np.array([-0.2, 0.3, 0.15, 0.5])
    arm.move_jp(goal)
    velocities = run(arm, 3.0)
    np.testing.assert_allclose(arm.joints, goal, atol=1e-6)
    assert (np.abs(velocities) <= SPEED + 1e-9).all()


def test_joints_stay_within_their_limits(arm: SimulatedArm) -> None:
    arm.servo_jr(np.array([9.0, -9.0, 9.0, -9.0]))
    run(arm, 1.0)
    lower, upper = Ecm().limits
    np.testing.assert_allclose(arm.joints, [upper[0], lower[1], upper[2], lower[3]], atol=1e-9)


def test_frozen_joints_stay_where_they_are(arm: SimulatedArm) -> None:
    arm.freeze(True)
    arm.servo_jr(np.array([0.1, 0.0, 0.0, 0.0]))
    assert not run(arm, 0.2).any()
    np.testing.assert_array_equal(arm.joints, START)


def test_joints_that_are_let_go_do_not_spring_to_what_was_commanded(arm: SimulatedArm) -> None:
    arm.freeze(True)
    arm.servo_jr(np.array([0.1, 0.0, 0.0, 0.0]))
    arm.freeze(False)
    assert not run(arm, 0.2).any()


def test_the_depth_of_the_scene_lies_on_its_surface() -> None:
    pose = Ecm().camera_pose(START)
    _, depth = SimulatedScene(CAMERA).view(pose, on_surface(0.0, 0.0))
    x, y, z = (pose[:3, :3] @ (depth[..., None] * ray_grid(CAMERA)).reshape(-1, 3).T) + pose[:3, 3:]
    np.testing.assert_allclose(z, height(x, y), atol=2e-5)


def test_the_target_is_drawn_where_it_is_seen() -> None:
    pose, target = Ecm().camera_pose(START), on_surface(0.02, -0.01)
    picture, _ = SimulatedScene(CAMERA).view(pose, target)
    rows, columns = np.nonzero(picture[..., 1] > picture[..., 0])
    expected = project(CAMERA, seen_from(pose, target))
    np.testing.assert_allclose((columns.mean(), rows.mean()), expected, atol=1.0)
