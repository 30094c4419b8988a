"""Ray casting of a world: which mesh each pixel sees, where, and which lights reach it."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np

from mt3dnet_ros.errors import needs_extra
from mt3dnet_ros.geometry.rays import ray_grid
from mt3dnet_ros.renderer.meshes import Mesh
from mt3dnet_ros.renderer.scene.world import World

with needs_extra('render'):
    import open3d as o3d

NO_HIT = 0xFFFFFFFF


@dataclass(frozen=True)
class SceneMesh:
    """A mesh in the camera frame, and what it belongs to.

    :param tool: index of the tool, or -1 for tissue
    :param part: part id
    :param local: (V, 3) vertices in the link's own frame, for textures that move with the tool
    :param texture: index of the tissue's texture that it has
    :param prop: index of the prop, or -1 for tissue and tools
    """

    mesh: Mesh
    tool: int
    part: int
    local: np.ndarray
    texture: int = 0
    prop: int = -1


@dataclass(frozen=True)
class Hits:
    """What the rays of an image hit, (H, W) each.

    :param mesh_index: index into ``meshes``, -1 where nothing is hit
    :param depth: metres along the optical axis, 0 where nothing is hit
    :param points: (H, W, 3) float32 metres
    :param normals: (H, W, 3) float32 unit vectors towards the camera
    :param local: (H, W, 3) float32 metres in the link's frame
    :param eye: (3,) float32 metres, where the rays come from
    """

    meshes: tuple[SceneMesh, ...]
    mesh_index: np.ndarray
    depth: np.ndarray
    points: np.ndarray
    normals: np.ndarray
    local: np.ndarray
    eye: np.ndarray = field(default_factory=lambda: np.zeros(3, np.float32))


def scene_meshes(world: World) -> tuple[SceneMesh, ...]:
    """Bring all meshes of the world into the camera frame."""
    meshes = [SceneMesh(mesh, -1, 0, mesh.vertices, i) for i, mesh in enumerate(world.tissue_meshes())]
    for number, tool in enumerate(world.tools):
        for piece in tool.instrument.pieces:
            mesh = piece.mesh.moved(world.link_pose(number, piece.link))
            meshes.append(SceneMesh(mesh, number, piece.part, piece.mesh.vertices))
    for number, prop in enumerate(world.props):
        meshes.append(SceneMesh(prop.placed(world.link_pose), -1, 0, prop.local, prop=number))
    return tuple(meshes)


def _vertex_values(shown: SceneMesh | None) -> np.ndarray:
    """Return normals and local positions of a mesh's vertices, (V, 6) float32; V is 0 without a mesh."""
    if shown is None:
        return np.zeros((0, 6), np.float32)
    return np.hstack([shown.mesh.normals, shown.local]).astype(np.float32)


def unit(vectors: np.ndarray) -> np.ndarray:
    """Return vectors (..., 3) at length 1."""
    return vectors / np.sqrt(np.einsum('...i,...i->...', vectors, vectors) + np.float32(1e-18))[..., None]


class Raycaster:
    """Casts rays into one world."""

    def __init__(self, world: World) -> None:
        self.meshes = scene_meshes(world)
        self.camera = world.camera
        self._scene = o3d.t.geometry.RaycastingScene(nthreads=1)
        for placed in self.meshes:
            vertices, triangles = placed.mesh.vertices, placed.mesh.triangles
            self._scene.add_triangles(vertices.astype(np.float32), triangles.astype(np.uint32))

    def directions(self) -> np.ndarray:
        """Rays through the pixel centres, (H, W, 3) float32, z = 1."""
        c = self.camera
        if c.distortion_model != 'none':
            return np.nan_to_num(ray_grid(c))  # a ray without direction, where the lens images nothing, meets nothing
        x = (np.arange(c.width, dtype=np.float32) - c.cx) / c.fx
        y = (np.arange(c.height, dtype=np.float32) - c.cy) / c.fy
        return np.stack([*np.meshgrid(x, y), np.ones((c.height, c.width), np.float32)], -1)

    def hits(self, eye: tuple[float, float, float] = (0.0, 0.0, 0.0)) -> Hits:
        """Cast one ray through every pixel.

        :param eye: where the rays come from, metres; another place than 0 is that of a second, parallel camera
        """
        origin, directions = np.array(eye, np.float32), self.directions()
        rays = np.concatenate([np.broadcast_to(origin, directions.shape), directions], -1)
        answer = {k: v.numpy() for k, v in self._scene.cast_rays(o3d.core.Tensor.from_numpy(rays), nthreads=1).items()}
        hit = answer['geometry_ids'] != NO_HIT
        mesh_index = np.where(hit, answer['geometry_ids'].astype(np.int64), -1)
        depth = np.where(hit, answer['t_hit'], 0).astype(np.float32)
        normals, local = self._interpolate(answer, mesh_index)
        away = np.einsum('...i,...i->...', normals, directions) > 0
        np.negative(normals, out=normals, where=away[..., None])
        points = origin + directions * depth[..., None]
        return Hits(self.meshes, mesh_index, depth, points, normals, local, origin)

    def _interpolate(self, answer: dict[str, np.ndarray], mesh_index: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return unit normals and local positions, (H, W, 3) float32 each."""
        shown = set(np.unique(mesh_index))  # most of a scene's triangles belong to meshes out of sight
        hit_meshes = [x if number in shown else None for number, x in enumerate(self.meshes)]
        values = [_vertex_values(x) for x in hit_meshes]
        triangles = [np.zeros((0, 3), np.int32) if x is None else x.mesh.triangles for x in hit_meshes]
        starts = np.cumsum([0] + [len(t) for t in triangles[:-1]])
        offsets = np.cumsum([0] + [len(v) for v in values[:-1]])
        corners = np.concatenate([t + o for t, o in zip(triangles, offsets, strict=True)])
        hit, table = mesh_index >= 0, np.concatenate(values)
        a, b, c = corners[answer['primitive_ids'][hit].astype(np.int64) + starts[mesh_index[hit]]].T
        u, v = answer['primitive_uvs'][hit].T[:, :, None]
        blended = table[a] * (1 - u - v) + table[b] * u + table[c] * v
        out = np.zeros((*mesh_index.shape, 6), np.float32)
        out[hit] = blended
        return unit(out[..., :3]), out[..., 3:]

    def light_visibility(self, points: np.ndarray, light: np.ndarray, start: float) -> np.ndarray:
        """Return how much of a light at a position (3,) reaches points (H, W, 3); float32 (H, W) in [0, 1].

        A shadow ray is cast for every second point in each direction: an endoscope's shadows have soft borders.

        :param start: share of the way to the light after which something casts a shadow
        """
        coarse = points[::2, ::2]
        way = (light - coarse).astype(np.float32)
        rays = o3d.core.Tensor.from_numpy(np.concatenate([coarse + np.float32(start) * way, way], -1))
        free = ~self._scene.test_occlusions(rays, tnear=0.0, tfar=0.98, nthreads=1).numpy()
        return cv2.resize(free.astype(np.float32), points.shape[1::-1], interpolation=cv2.INTER_LINEAR)
