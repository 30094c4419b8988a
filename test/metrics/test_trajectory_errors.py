"""Errors of a camera's path: none where it only stands elsewhere, and as large as what is wrong."""

from __future__ import annotations

import numpy as np
import pytest
from support.bumpy_tissue import pose_on_the_way

from mt3dnet_ros.metrics.trajectory_errors import absolute_trajectory_error, path_length, relative_pose_error

PATH = np.stack([pose_on_the_way(number / 40) for number in range(40)])


def test_another_fixed_frame_is_no_error() -> None:
    moved = pose_on_the_way(0.3) @ PATH
    assert absolute_trajectory_error(moved, PATH) < 1e-9
    assert relative_pose_error(moved, PATH) == pytest.approx((0.0, 0.0), abs=1e-7)


def test_a_path_that_is_too_long_errs_by_what_it_is_longer() -> None:
    longer = PATH.copy()
    longer[:, :3, 3] *= 1.1
    middle = PATH[:, :3, 3].mean(axis=0)
    expected = 0.1 * np.sqrt(np.mean(np.sum((PATH[:, :3, 3] - middle) ** 2, axis=-1)))
    assert absolute_trajectory_error(longer, PATH) == pytest.approx(expected, rel=0.05)
    assert path_length(longer) == pytest.approx(1.1 * path_length(PATH))


def test_a_jump_counts_in_the_motion_over_it() -> None:
    jumped = PATH.copy()
    jumped[20:, 0, 3] += 0.01
    distance, _ = relative_pose_error(jumped, PATH)
    assert distance == pytest.approx(0.01 / np.sqrt(39), rel=1e-6)


def test_a_mirrored_path_is_not_turned_into_the_true_one() -> None:
    mirrored = PATH.copy()
    mirrored[:, :3, 3] *= [1.0, 1.0, -1.0]
    assert absolute_trajectory_error(mirrored, PATH) > 1e-4
