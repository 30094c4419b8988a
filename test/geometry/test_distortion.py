"""Distortions at the border of what floats can hold."""

from __future__ import annotations

import numpy as np
import pytest

from mt3dnet_ros.geometry.camera import Camera, CameraError
from mt3dnet_ros.geometry.rays import ray_grid


@pytest.mark.parametrize(
    ('model', 'distortion'),
    [
        ('equidistant', (0.1, 0.0, 0.0, 5e-324)),
        ('plumb_bob', (0.1, 1e-320, 0.0, 0.0, 5e-324)),
        ('rational_polynomial', (0.0,) * 7 + (5e-324,)),
    ],
)
def test_a_coefficient_of_nearly_nothing_is_nothing(model, distortion):
    camera = Camera(64, 48, 60.0, 60.0, 31.5, 23.5, model, distortion)
    assert np.isfinite(ray_grid(camera)).all()


@pytest.mark.parametrize(
    'change',
    [
        {'fx': 5e-324}, {'fy': 1e300}, {'cx': 1e300}, {'cy': float('nan')}, {'distortion': (1e30, 0.0, 0.0, 0.0, 0.0)},
        {'distortion_model': 'rational_polynomial', 'distortion': (0.1,) * 12 + (1.5707963, 0.0)},
    ],
)  # fmt: skip
def test_a_camera_with_which_nothing_can_be_computed_is_refused(change):
    values = {'fx': 60.0, 'fy': 60.0, 'cx': 31.5, 'cy': 23.5, 'distortion_model': 'plumb_bob', 'distortion': (0.0,) * 5}
    with pytest.raises(CameraError, match='calibrate the camera'):
        Camera(64, 48, **(values | change))
