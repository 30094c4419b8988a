"""A surface in files says what the surface says, to a reader that is not ours."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from support.bumpy_tissue import shot

from mt3dnet_ros.reconstruction.surface import TissueSurface
from mt3dnet_ros.reconstruction.surface_files import MESH, POINTS, write_surface

o3d = pytest.importorskip('open3d')


def test_points_and_triangles_come_back(tmp_path: Path) -> None:
    surface = TissueSurface()
    for time in (1.0, 2.0):
        surface.fuse(shot(np.eye(4)), np.eye(4), time)
    count = write_surface(tmp_path, surface)
    read = o3d.t.io.read_point_cloud(str(tmp_path / POINTS))
    assert len(read.point.positions) == count == len(surface.points().xyz) > 1000
    in_order = (np.sort(xyz.view('f4,f4,f4'), axis=0) for xyz in (read.point.positions.numpy(), surface.points().xyz))
    np.testing.assert_array_equal(*in_order)
    assert read.point['age'].numpy().max() == 0.0
    mesh = o3d.io.read_triangle_mesh(str(tmp_path / MESH))
    assert len(mesh.triangles) == len(surface.mesh().triangles) and mesh.has_vertex_colors()
    middle = surface.mesh().vertices.mean(0) * [1.0, -1.0, -1.0]  # glTF looks along -z, with y up
    np.testing.assert_allclose(np.asarray(mesh.vertices).mean(0), middle, atol=1e-5)


def test_an_empty_surface_is_a_file_without_points(tmp_path: Path) -> None:
    assert write_surface(tmp_path, TissueSurface()) == 0
    assert (tmp_path / POINTS).exists() and not (tmp_path / MESH).exists()
