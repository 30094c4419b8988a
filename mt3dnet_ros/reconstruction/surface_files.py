"""A surface in files: points with their age as PLY, triangles with colours as GLB."""

from __future__ import annotations

from pathlib import Path

from mt3dnet_ros.media.shapes.glb import write_glb
from mt3dnet_ros.media.shapes.ply import write_aged_ply
from mt3dnet_ros.reconstruction.surface import TissueSurface

POINTS, MESH = 'surface.ply', 'surface.glb'


def write_surface(folder: Path, surface: TissueSurface) -> int:
    """Write a surface; return the number of its points. Where there is no triangle, there is no file of them.

    :raises OSError: a file cannot be written
    """
    points = surface.points()
    count = write_aged_ply(folder / POINTS, points.xyz, points.rgb, points.age)
    mesh = surface.mesh()
    if len(mesh.triangles):
        write_glb(folder / MESH, mesh.vertices, mesh.rgb, mesh.triangles)
    return count
