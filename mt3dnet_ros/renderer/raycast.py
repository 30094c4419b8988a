"""Ray casting of a world: which surface each pixel sees, where, and in whose shadow."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
import open3d as o3d

from mt3dnet_ros.geometry.rays import ray_grid
from mt3dnet_ros.renderer.scene.world import World
from mt3dnet_ros.renderer.surfaces import Surface

NO_HIT = 0xFFFFFFFF


@dataclass(frozen=True)
class Layer:
    """A surface in the camera frame and whose it is.

    :param tool: index of the tool, or -1 for tissue
    :param part: part id
    :param local: (V, 3) vertices in the link's own frame, for textures that move with the tool
    :param index: which of the tissue's textures it wears
    :param thing: index of the thing, or -1 for tissue and tools
    """

    surface: Surface
    tool: int
    part: int
    local: np.ndarray
    index: int = 0
    thing: int = -1


@dataclass(frozen=True)
class Hits:
    """What the rays of an image meet, (H, W) each.

    :param layer: index into ``layers``, -1 where nothing is met
    :param depth: metres along the optical axis, 0 where nothing is met
    :param points: (H, W, 3) float32 metres
    :param normals: (H, W, 3) float32 unit vectors towards the camera
    :param local: (H, W, 3) float32 metres in the link's frame
    :param eye: (3,) float32 metres, where the rays come from
    """

    layers: tuple[Layer, ...]
    layer: np.ndarray
    depth: np.ndarray
    points: np.ndarray
    normals: np.ndarray
    local: np.ndarray
    eye: np.ndarray = field(default_factory=lambda: np.zeros(3, np.float32))


def world_layers(world: World) -> tuple[Layer, ...]:
    """Bring all surfaces of the world into the camera frame."""
    layers = [Layer(s, -1, 0, s.vertices, i) for i, s in enumerate(world.tissue_surfaces())]
    for number, tool in enumerate(world.tools):
        for piece in tool.instrument.pieces:
            surface = piece.surface.moved(world.link_pose(number, piece.link))
            layers.append(Layer(surface, number, piece.part, piece.surface.vertices))
    for number, thing in enumerate(world.things):
        layers.append(Layer(thing.placed(world.link_pose), -1, 0, thing.local, thing=number))
    return tuple(layers)


def _corner_values(layer: Layer | None) -> np.ndarray:
    """Return normals and local positions of a layer's vertices, (V, 6) float32; none of no layer."""
    if layer is None:
        return np.zeros((0, 6), np.float32)
    return np.hstack([layer.surface.normals, layer.local]).astype(np.float32)


def unit(vectors: np.ndarray) -> np.ndarray:
    """Return vectors (..., 3) at length 1."""
    return vectors / np.sqrt(np.einsum('...i,...i->...', vectors, vectors) + np.float32(1e-18))[..., None]


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
        seen = answer['geometry_ids'] != NO_HIT
        layer = np.where(seen, answer['geometry_ids'].astype(np.int64), -1)
        depth = np.where(seen, answer['t_hit'], 0).astype(np.float32)
        normals, local = self._interpolate(answer, layer)
        away = np.einsum('...i,...i->...', normals, directions) > 0
        np.negative(normals, out=normals, where=away[..., None])
        return Hits(self.layers, layer, depth, origin + directions * depth[..., None], normals, local, origin)

    def _interpolate(self, answer: dict[str, np.ndarray], layer: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return unit normals and local positions, (H, W, 3) float32 each."""
        shown = set(np.unique(layer))  # most of a scene's triangles belong to surfaces out of sight
        seen_layers = [x if number in shown else None for number, x in enumerate(self.layers)]
        values = [_corner_values(x) for x in seen_layers]
        triangles = [np.zeros((0, 3), np.int32) if x is None else x.surface.triangles for x in seen_layers]
        starts = np.cumsum([0] + [len(t) for t in triangles[:-1]])
        offsets = np.cumsum([0] + [len(v) for v in values[:-1]])
        corners = np.concatenate([t + o for t, o in zip(triangles, offsets, strict=True)])
        seen, table = layer >= 0, np.concatenate(values)
        a, b, c = corners[answer['primitive_ids'][seen].astype(np.int64) + starts[layer[seen]]].T
        u, v = answer['primitive_uvs'][seen].T[:, :, None]
        blended = table[a] * (1 - u - v) + table[b] * u + table[c] * v
        out = np.zeros((*layer.shape, 6), np.float32)
        out[seen] = blended
        return unit(out[..., :3]), out[..., 3:]

    def lit(self, points: np.ndarray, light: np.ndarray) -> np.ndarray:
        """Tell how much of a light at a position (3,) reaches points (H, W, 3); float32 (H, W) in [0, 1].

        Every second point in each direction is asked: shadows of an endoscope's lights have soft borders.
        """
        coarse = points[::2, ::2]
        way = (light - coarse).astype(np.float32)
        rays = o3d.core.Tensor.from_numpy(np.concatenate([coarse + np.float32(0.01) * way, way], -1))
        free = ~self._scene.test_occlusions(rays, tnear=0.0, tfar=0.98, nthreads=1).numpy()
        return cv2.resize(free.astype(np.float32), points.shape[1::-1], interpolation=cv2.INTER_LINEAR)
