"""A surface in files: points with their age as PLY, triangles with colours as GLB."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

from mt3dnet_ros.errors import needs_extra
from mt3dnet_ros.media.ply import write_aged_ply
from mt3dnet_ros.media.whole_file import write_whole
from mt3dnet_ros.reconstruction.surface import Surface

with needs_extra('render'):
    import open3d as o3d

POINTS, MESH = 'surface.ply', 'surface.glb'


def write_surface(folder: Path, surface: Surface) -> int:
    """Write a surface; return the number of its points. Where there is no triangle, there is no file of them.

    :raises OSError: a file cannot be written
    """
    points = surface.points()
    count = write_aged_ply(folder / POINTS, points.xyz, points.rgb, points.age)
    mesh = surface.mesh()
    if len(mesh.triangles):
        write_whole(folder / MESH, _glb(mesh.vertices, mesh.triangles, mesh.rgb))
    return count


def _glb(vertices: np.ndarray, triangles: np.ndarray, rgb: np.ndarray) -> bytes:
    mesh = o3d.geometry.TriangleMesh(
        o3d.utility.Vector3dVector(vertices.astype(float)), o3d.utility.Vector3iVector(triangles)
    )
    mesh.vertex_colors = o3d.utility.Vector3dVector(rgb / 255.0)
    mesh.compute_vertex_normals()
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch, MESH)
        o3d.io.write_triangle_mesh(str(path), mesh)
        return path.read_bytes()
