"""Triangle meshes: loaded from files, simplified, moved; cylinders and ellipsoids."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np

from mt3dnet_ros.errors import MissingFileError, needs_extra

with needs_extra('render'):
    import open3d as o3d

MOST_TRIANGLES = 2500
METAL, SHAFT, CABLE, TISSUE, COVER, PAD = range(6)  # materials; a cover is the surface of jaws, metal unless insulated
SHAFT_NAME, CABLE_NAME = 'shaft', 'rope'


@dataclass(frozen=True)
class Mesh:
    """A triangle mesh of one material.

    :param vertices: (V, 3) float64 metres
    :param triangles: (T, 3) int32
    :param normals: (V, 3) float64 unit vectors
    :param material: METAL, SHAFT, CABLE, TISSUE, COVER or PAD
    """

    vertices: np.ndarray
    triangles: np.ndarray
    normals: np.ndarray
    material: int = METAL

    def moved(self, pose: np.ndarray) -> Mesh:
        """Return the mesh after a rigid motion (4, 4)."""
        rotation = pose[:3, :3]
        return replace(self, vertices=self.vertices @ rotation.T + pose[:3, 3], normals=self.normals @ rotation.T)


def mesh_from_open3d(full: o3d.geometry.TriangleMesh, pose: np.ndarray, scale: np.ndarray, material: int) -> Mesh:
    """Simplify a mesh to ``MOST_TRIANGLES``, scale it and bring it into its link's frame."""
    mesh = o3d.geometry.TriangleMesh(full.vertices, full.triangles)
    mesh.merge_close_vertices(1e-6 * float(np.linalg.norm(mesh.get_max_bound() - mesh.get_min_bound())))
    if len(mesh.triangles) > MOST_TRIANGLES:
        mesh = mesh.simplify_quadric_decimation(MOST_TRIANGLES)
    mesh.vertices = o3d.utility.Vector3dVector(np.asarray(mesh.vertices) * scale)
    mesh.transform(pose)
    mesh.compute_vertex_normals()
    return Mesh(np.asarray(mesh.vertices), np.asarray(mesh.triangles), np.asarray(mesh.vertex_normals), material)


def load_mesh(path: Path, material: int) -> Mesh:
    """Load a mesh file of one material as it is, its unit taken for metres."""
    return mesh_from_open3d(o3d.io.read_triangle_mesh(str(path)), np.eye(4), np.ones(3), material)


@cache
def load_meshes(path: Path, scale: tuple[float, float, float], pose: tuple[float, ...]) -> tuple[Mesh, ...]:
    """Load a mesh file, one mesh for each of its materials.

    :param scale: factors to metres
    :param pose: the 16 numbers of the motion from the file's frame to the link's
    :raises FileNotFoundError: when the file is not there
    """
    if not path.is_file():
        raise MissingFileError(f'mesh {path} is missing; is the folder of meshes complete?')
    matrix, factors = np.reshape(pose, (4, 4)), np.asarray(scale)
    if path.suffix == '.stl':
        return (mesh_from_open3d(o3d.io.read_triangle_mesh(str(path)), matrix, factors, METAL),)
    model = o3d.io.read_triangle_model(str(path))  # read_triangle_mesh would skip faces of more than three corners
    return tuple(mesh_from_open3d(m.mesh, matrix, factors, _material(m.mesh_name)) for m in model.meshes)


def _material(mesh_name: str) -> int:
    if SHAFT_NAME in mesh_name:
        return SHAFT
    return CABLE if CABLE_NAME in mesh_name else METAL


def cylinder(radius: float, length: float, material: int, start: float = 0.0) -> Mesh:
    """Return a closed cylinder about z from ``start`` to ``start + length``, metres."""
    mesh = o3d.geometry.TriangleMesh.create_cylinder(radius, length, resolution=24, split=1)
    pose = np.eye(4)
    pose[2, 3] = start + 0.5 * length
    return mesh_from_open3d(mesh, pose, np.ones(3), material)


def ellipsoid(radii: tuple[float, float, float], centre: tuple[float, float, float], material: int) -> Mesh:
    """Return an ellipsoid with half axes ``radii`` about ``centre``, metres."""
    mesh = o3d.geometry.TriangleMesh.create_sphere(1.0, resolution=14)
    pose = np.eye(4)
    pose[:3, 3] = centre
    return mesh_from_open3d(mesh, pose, np.asarray(radii), material)
