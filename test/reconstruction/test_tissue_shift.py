"""A shift of tissue is told from a turn, and from a wrong pose."""

from __future__ import annotations

import numpy as np
import pytest
from support.bumpy_tissue import pose_on_the_way, shot

from mt3dnet_ros.reconstruction.tissue_shift import shift_between, shifted

STILL = np.zeros(3)


def test_a_shift_is_what_it_was() -> None:
    pose = pose_on_the_way(0.2)
    shift = np.array([0.001, -0.002, 0.003])
    found = shift_between(shot(pose), 1.0, pose, STILL, shifted(pose, shift))
    np.testing.assert_allclose(found, shift, rtol=0.05)


def test_noise_is_hardly_taken_for_a_shift() -> None:
    pose, noise = np.eye(4), np.array([0.0, 0.0, 1e-4])
    found = shift_between(shot(pose), 1.0, pose, STILL, shifted(pose, noise))
    assert found is not None and 0.0 < found[2] < 0.1 * noise[2]


def test_a_turn_about_the_middle_of_the_view_is_no_shift() -> None:
    view, angle = shot(np.eye(4)), 0.02
    middle = np.array([0.0, 0.0, np.median(view.depth)])
    turned = np.eye(4)
    turned[:3, :3] = [[np.cos(angle), 0, np.sin(angle)], [0, 1, 0], [-np.sin(angle), 0, np.cos(angle)]]
    turned[:3, 3] = middle - turned[:3, :3] @ middle
    found = shift_between(view, 1.0, np.eye(4), STILL, turned)
    np.testing.assert_allclose(found, 0.0, atol=1e-4)


@pytest.mark.parametrize(('before', 'now'), [(0.0, 0.005), (0.013, 0.016)])
def test_what_is_too_far_or_too_fast_is_not_believed(before: float, now: float) -> None:
    given = np.eye(4)
    found = shifted(given, np.array([0.0, 0.0, now]))
    assert shift_between(shot(given), 1.0, given, np.array([0.0, 0.0, before]), found) is None
