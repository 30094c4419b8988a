"""Rotations there and back."""

from __future__ import annotations

import numpy as np
import pytest

from mt3dnet_ros.errors import InputError
from mt3dnet_ros.geometry.rotation import quaternion_of, rotation_of


def test_a_quarter_turn_about_z() -> None:
    matrix = rotation_of(0.0, 0.0, np.sqrt(0.5), np.sqrt(0.5))
    np.testing.assert_allclose(matrix, [[0, -1, 0], [1, 0, 0], [0, 0, 1]], atol=1e-12)
    np.testing.assert_allclose(quaternion_of(matrix), [0, 0, np.sqrt(0.5), np.sqrt(0.5)], atol=1e-12)


def test_there_and_back_whatever_the_length() -> None:
    for quaternion in np.random.default_rng(0).standard_normal((50, 4)):
        matrix = rotation_of(*quaternion)
        np.testing.assert_allclose(matrix @ matrix.T, np.eye(3), atol=1e-12)
        unit = quaternion / np.linalg.norm(quaternion) * (1.0 if quaternion[3] > 0.0 else -1.0)
        np.testing.assert_allclose(quaternion_of(matrix), unit, atol=1e-7)


@pytest.mark.parametrize('quaternion', [(0.0, 0.0, 0.0, 0.0), (np.nan, 0.0, 0.0, 1.0), (np.inf, 0.0, 0.0, 1.0)])
def test_what_is_no_rotation_is_refused(quaternion: tuple[float, float, float, float]) -> None:
    with pytest.raises(InputError, match='is no rotation'):
        rotation_of(*quaternion)
