"""Ray casting of a world: which surface each pixel sees, where, and in whose shadow."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import open3d as o3d

from mt3dnet_ros.datasets.renderer.surfaces import Surface
from mt3dnet_ros.datasets.renderer.world import World

NO_HIT = 0xFFFFFFFF


@dataclass(frozen=True)
class Layer:
    """A surface in the camera frame and whose it is.

    :param tool: index of the tool, or -1 for tissue
    :param part: part id
    :param local: (V, 3) vertices in the link's own frame, for textures that move with the tool
    :param index: which of the tissue's textures it wears
    """

    surface: Surface
    tool: int
    part: int
    local: np.ndarray
    index: int = 0


@dataclass(frozen=True)
class Hits:
    """What the rays of an image meet, (H, W) each.

    :param layer: index into ``layers``, -1 where nothing is met
    :param depth: metres along the optical axis, 0 where nothing is met
    :param points: (H, W, 3) float32 metres
    :param normals: (H, W, 3) float32 unit vectors towards the camera
    :param local: (H, W, 3) float32 metres in the link's frame
    """

    layers: tuple[Layer, ...]
    layer: np.ndarray
    depth: np.ndarray
    points: np.ndarray
    normals: np.ndarray
    local: np.ndarray


def world_layers(world: World) -> tuple[Layer, ...]:
    """Bring all surfaces of the world into the camera frame."""
    layers = [Layer(s, -1, 0, s.vertices, i) for i, s in enumerate(world.tissue.surfaces)]
    for number, tool in enumerate(world.tools):
        poses = tool.instrument.link_poses(tool.joints)
        for piece in tool.instrument.pieces:
            surface = piece.surface.moved(tool.pose @ poses[piece.link])
            layers.append(Layer(surface, number, piece.part, piece.surface.vertices))
    return tuple(layers)


class Raycaster:
    """Casts rays into one world."""

    def __init__(self, world: World) -> None:
        self.layers = world_layers(world)
        self.camera = world.camera
        self._scene = o3d.t.geometry.RaycastingScene(nthreads=1)
        for layer in self.layers:
            surface = layer.surface
            self._scene.add_triangles(surface.vertices.astype(np.float32), surface.triangles.astype(np.uint32))

    def directions(self) -> np.ndarray:
        """Rays through the pixel centres, (H, W, 3) float32, z = 1."""
        c = self.camera
        x = (np.arange(c.width, dtype=np.float32) - c.cx) / c.fx
        y = (np.arange(c.height, dtype=np.float32) - c.cy) / c.fy
        return np.stack([*np.meshgrid(x, y), np.ones((c.height, c.width), np.float32)], -1)

    def hits(self) -> Hits:
        """Cast one ray through every pixel."""
        directions = self.directions()
        rays = np.concatenate([np.zeros_like(directions), directions], -1)
        answer = {k: v.numpy() for k, v in self._scene.cast_rays(o3d.core.Tensor.from_numpy(rays), nthreads=1).items()}
        seen = answer['geometry_ids'] != NO_HIT
        layer = np.where(seen, answer['geometry_ids'].astype(np.int64), -1)
        depth = np.where(seen, answer['t_hit'], 0).astype(np.float32)
        normals, local = (self._interpolate(answer, layer, field) for field in ('normals', 'local'))
        facing = np.sum(normals * directions, -1, keepdims=True)
        return Hits(
            self.layers, layer, depth, directions * depth[..., None], np.where(facing > 0, -normals, normals), local
        )

    def _interpolate(self, answer: dict[str, np.ndarray], layer: np.ndarray, field: str) -> np.ndarray:
        values = [x.surface.normals if field == 'normals' else x.local for x in self.layers]
        starts = np.cumsum([0] + [len(x.surface.triangles) for x in self.layers[:-1]])
        offsets = np.cumsum([0] + [len(v) for v in values[:-1]])
        corners = np.concatenate([x.surface.triangles + o for x, o in zip(self.layers, offsets, strict=True)])
        table = np.concatenate(values).astype(np.float32)
        seen = layer >= 0
        triangle = corners[answer['primitive_ids'][seen].astype(np.int64) + starts[layer[seen]]]
        u, v = answer['primitive_uvs'][seen].T[:, :, None]
        blended = table[triangle[:, 0]] * (1 - u - v) + table[triangle[:, 1]] * u + table[triangle[:, 2]] * v
        out = np.zeros((*layer.shape, 3), np.float32)
        out[seen] = blended
        if field == 'normals':
            out /= np.linalg.norm(out, axis=-1, keepdims=True) + 1e-9
        return out

    def lit(self, points: np.ndarray, light: np.ndarray) -> np.ndarray:
        """Tell which points (H, W, 3) a light at a position (3,) reaches; bool (H, W)."""
        way = (light - points).astype(np.float32)
        rays = np.concatenate([points + 0.01 * way, way], -1).astype(np.float32)
        return ~self._scene.test_occlusions(o3d.core.Tensor.from_numpy(rays), tnear=0.0, tfar=0.98, nthreads=1).numpy()
