"""Shapes: closed, facing outward, with a place on their texture for every vertex."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip('open3d', reason='open3d is not installed; the renderer needs it')

from mt3dnet_ros.renderer.bench.shapes import (
    arc_of,
    box,
    cylinder_of,
    joined,
    lying,
    plate,
    pose_of,
    prism,
    tube,
    turned,
)

TRIANGLE = np.array([[0.02, 0.0], [-0.01, 0.015], [-0.01, -0.015]])
SHAPES = {
    'box': box(0.02, 0.03, 0.01),
    'prism': prism(TRIANGLE, 0.01, 0.5),
    'cylinder': cylinder_of(0.01, 0.02),
    'ring': turned(arc_of(0.002, 0.002, (-np.pi, np.pi), 0.01)),
    'tube': tube(np.array([[0.0, 0, 0.01], [0.01, 0, 0.01], [0.02, 0.01, 0.01]]), 0.002),
    'lying': lying(cylinder_of(0.01, 0.02), 0.01),
    'two': joined([box(0.01, 0.01, 0.01), cylinder_of(0.005, 0.01).moved(pose_of([0.03, 0.0, 0.0]))]),
}


@pytest.mark.parametrize('name', SHAPES)
def test_a_shape_stands_on_its_ground_with_unit_normals_and_texture_coordinates(name):
    mesh, uv = SHAPES[name].mesh, SHAPES[name].uv
    assert mesh.vertices[:, 2].min() > -1e-9
    assert uv.shape == (len(mesh.vertices), 2) and np.isfinite(uv).all()
    assert mesh.triangles.max() < len(mesh.vertices)
    np.testing.assert_allclose(np.linalg.norm(mesh.normals, axis=1), 1.0, atol=1e-6)


@pytest.mark.parametrize('name', ['box', 'prism', 'cylinder', 'lying'])
def test_normals_of_a_convex_shape_point_away_from_its_middle(name):
    mesh = SHAPES[name].mesh
    middle = 0.5 * (mesh.vertices.min(0) + mesh.vertices.max(0))
    rim = np.linalg.norm(mesh.vertices - middle, axis=1) > 1e-9
    assert np.all(((mesh.vertices - middle) * mesh.normals).sum(1)[rim] > -1e-9)


def test_a_plate_shows_its_whole_texture_the_right_way_up():
    shape = plate(0.04, 0.02, 0.01)
    upper_left = np.argmin(np.linalg.norm(shape.mesh.vertices - [-0.02, 0.01, 0.01], axis=1))
    np.testing.assert_allclose(shape.uv[upper_left], [0.0, 0.0])
    assert shape.uv.min() == 0 and shape.uv.max() == 1


def test_what_is_moved_keeps_its_size():
    shape = SHAPES['box']
    there = shape.moved(pose_of([0.1, 0.2, 0.3], 0.7, (0.4, -0.2)))
    gaps = [np.linalg.norm(np.diff(s.mesh.vertices, axis=0), axis=1) for s in (shape, there)]
    np.testing.assert_allclose(*gaps, atol=1e-12)
