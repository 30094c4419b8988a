"""The control law brings the target to the centre and to the working distance."""

from __future__ import annotations

import numpy as np
import pytest

from mt3dnet_ros.guidance.ecm import Ecm
from mt3dnet_ros.guidance.visual_servo import FREE_CAMERA, ServoLaw, interaction, outside_dead_band

LAW = ServoLaw(working_distance=0.1, centring_gain=2.0, distance_gain=1.0, dead_band=0.0, distance_dead_band=0.0)
TARGETS = [np.array(target) for target in ([0.02, -0.01, 0.12], [-0.03, 0.02, 0.06], [0.0, 0.03, 0.1])]
BASES = {
    'free': FREE_CAMERA,
    'arm': Ecm().jacobian(np.array([0.3, -0.2, 0.1, 0.4]))[:, :3],
    'oblique': Ecm('down').jacobian(np.array([0.3, -0.2, 0.1, 0.4]))[:, :3],
}


def features(target: np.ndarray) -> np.ndarray:
    return np.array([target[0] / target[2], target[1] / target[2], target[2]])


def after(target: np.ndarray, twist: np.ndarray, time: float) -> np.ndarray:
    """Return where a point at rest is seen after the camera has moved for a short time."""
    return target - time * (twist[:3] + np.cross(twist[3:], target))


@pytest.mark.parametrize('target', TARGETS)
def test_the_interaction_matrix_is_the_derivative_of_the_features(target: np.ndarray) -> None:
    twist, step = np.array([0.01, -0.02, 0.03, 0.2, -0.1, 0.3]), 1e-6
    change = (features(after(target, twist, step)) - features(after(target, twist, -step))) / (2 * step)
    np.testing.assert_allclose(interaction(target) @ twist, change, atol=1e-7)


@pytest.mark.parametrize('basis', BASES.values(), ids=BASES)
@pytest.mark.parametrize('target', TARGETS)
def test_every_error_decays_at_its_gain(target: np.ndarray, basis: np.ndarray) -> None:
    rate = interaction(target) @ basis @ LAW.speeds(target, basis)
    error = features(target) - (0.0, 0.0, 0.1)
    np.testing.assert_allclose(rate, -np.array([2.0, 2.0, 1.0]) * error, rtol=0.01, atol=1e-4)


@pytest.mark.parametrize('basis', BASES.values(), ids=BASES)
@pytest.mark.parametrize('target', TARGETS)
def test_the_turns_alone_centre_a_target_as_fast(target: np.ndarray, basis: np.ndarray) -> None:
    speeds = LAW.speeds(target, basis, in_depth=False)
    assert speeds[2] == 0.0
    rate = interaction(target) @ basis @ speeds
    np.testing.assert_allclose(rate[:2], -2.0 * features(target)[:2], rtol=0.01, atol=1e-4)


@pytest.mark.parametrize('scale', [0.5, 2.0])
def test_the_turns_of_a_free_camera_need_only_the_direction(scale: float) -> None:
    target = np.array([0.03, -0.02, 0.1])
    right, guessed = (LAW.speeds(each, FREE_CAMERA, in_depth=False) for each in (target, scale * target))
    np.testing.assert_allclose(guessed, right)


def test_a_target_to_the_right_turns_a_free_camera_right() -> None:
    turn_x, turn_y, _ = LAW.speeds(np.array([0.02, 0.0, 0.1]), FREE_CAMERA)
    assert turn_y > 0.0  # about y, which points down
    assert turn_x == pytest.approx(0.0, abs=1e-6)


def test_within_the_dead_bands_nothing_moves() -> None:
    law = ServoLaw(0.1, 2.0, 1.0, dead_band=0.02, distance_dead_band=0.005)
    np.testing.assert_array_equal(law.speeds(np.array([0.0012, 0.0012, 0.104]), FREE_CAMERA), np.zeros(3))


def test_a_dead_band_has_no_step_at_its_edge() -> None:
    np.testing.assert_allclose(outside_dead_band(np.array([0.0, 0.0201]), 0.02), (0.0, 0.0001), atol=1e-12)
