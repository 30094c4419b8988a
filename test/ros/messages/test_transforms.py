"""Quaternions and rotation matrices are one thing."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from geometry_msgs.msg import Quaternion

from mt3dnet_ros.ros.messages.transforms import quaternion_of, rotation_of


@pytest.mark.parametrize('turned', [(0.0, 0.0, 0.0), (0.3, -0.2, 1.1), (0.0, 3.0, 0.0)])
@pytest.mark.parametrize('length', [1.0, 0.5])
def test_a_rotation_comes_back_from_its_quaternion(turned: tuple[float, ...], length: float) -> None:
    matrix = cv2.Rodrigues(np.array(turned))[0]
    x, y, z, w = (length * value for value in quaternion_of(matrix))
    np.testing.assert_allclose(rotation_of(Quaternion(x=x, y=y, z=z, w=w)), matrix, atol=1e-12)


def test_zeros_are_no_rotation() -> None:
    with pytest.raises(ValueError, match='quaternion 0 0 0 0'):
        rotation_of(Quaternion(w=0.0))
