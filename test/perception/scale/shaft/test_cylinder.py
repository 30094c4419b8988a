"""A cylinder from the planes that touch it, and its surface along rays."""

from __future__ import annotations

import numpy as np
import pytest

from mt3dnet_ros.perception.scale.shaft.cylinder import Cylinder, cylinder_of

RADIUS = 0.0043
ALONG = np.array([0.6, 0.0, 0.8])
NEAREST = np.array([-0.04, 0.012, 0.03])  # at a right angle to ALONG
CYLINDER = Cylinder(NEAREST, ALONG, RADIUS)


def touching_planes(cylinder):
    """Return the inward unit normals of the planes through the origin that touch a cylinder."""
    distance = np.linalg.norm(cylinder.nearest)
    towards, beside = cylinder.nearest / distance, np.cross(cylinder.direction, cylinder.nearest) / distance
    angle = np.arcsin(cylinder.radius / distance)
    return [np.sin(angle) * towards + sign * np.cos(angle) * beside for sign in (1, -1)]


def test_planes_give_the_cylinder_back():
    found = cylinder_of(*touching_planes(CYLINDER), RADIUS)
    assert found.nearest == pytest.approx(NEAREST, abs=1e-12)
    assert abs(found.direction @ ALONG) == pytest.approx(1.0)


def test_front_is_on_the_surface_and_faces_the_camera():
    points = NEAREST + np.linspace(0.0, 0.05, 9)[:, None] * ALONG + [0.001, 0.002, 0.0]
    seen = points / points[:, 2:]
    depth, off_axis = CYLINDER.front(seen)
    off = seen * depth[:, None] - NEAREST
    off -= np.outer(off @ ALONG, ALONG)
    assert np.linalg.norm(off, axis=1) == pytest.approx(np.full(9, RADIUS))
    assert (np.einsum('ij,ij->i', off, seen) < 0).all()
    assert ((off_axis >= 0) & (off_axis < 1)).all()


def test_ray_beside_the_cylinder_meets_nothing():
    depth, off_axis = CYLINDER.front(np.array([[0.0, -1.0, 1.0]]))
    assert np.isnan(depth).all()
    assert off_axis[0] > 1


def test_point_of_the_axis_at_a_ray():
    point = NEAREST + 0.03 * ALONG
    assert CYLINDER.point_seen_at(point / point[2]) == pytest.approx(point)
