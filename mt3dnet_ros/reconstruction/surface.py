"""A surface that grows, is corrected and forgets: a truncated signed distance function in blocks of voxels (open3d)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mt3dnet_ros.errors import MT3DNetError, needs_extra
from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.reconstruction.settings import SurfaceSettings
from mt3dnet_ros.reconstruction.tissue_view import TissueView

with needs_extra('render'):
    import open3d as o3d
    import open3d.core as o3c

# It would write a line for every picture whose range of depths is a little larger than that of the one before.
o3d.utility.set_verbosity_level(o3d.utility.VerbosityLevel.Error)

_BLOCK = 8  # voxels along an edge
_ATTRIBUTES = ('tsdf', 'weight', 'color'), (o3c.float32,) * 3, (1, 1, 3)
_NEIGHBOURS = 'index', 'mask', 'interp_ratio'  # of the eight voxels around a point, their places and shares in it
_NEAREST = 0.005  # metres from the camera, nearer than which nothing is looked for
_LEAST_SHARE = 1e-6
_METRES = 1.0  # depth's unit, in open3d's terms
_SPARED = 0.1  # of the blocks is forgotten where there is no room


@dataclass(frozen=True, eq=False)
class SurfaceLook:
    """The surface as a camera sees it.

    :param depth: (h, w) float32 metres along the optical axis, 0 where there is no surface
    :param rgb: (h, w, 3) uint8
    """

    depth: np.ndarray
    rgb: np.ndarray


@dataclass(frozen=True, eq=False)
class SurfacePoints:
    """The surface as points in the fixed frame.

    :param xyz: (n, 3) float32 metres
    :param rgb: (n, 3) uint8
    :param age: (n,) float32 seconds since they were last seen
    """

    xyz: np.ndarray
    rgb: np.ndarray
    age: np.ndarray


@dataclass(frozen=True, eq=False)
class SurfaceMesh:
    """The surface as triangles in the fixed frame.

    :param vertices: (n, 3) float32 metres, with colours ``rgb`` (n, 3) uint8
    :param triangles: (m, 3) int32 vertices
    """

    vertices: np.ndarray
    rgb: np.ndarray
    triangles: np.ndarray


class SurfaceError(MT3DNetError, ValueError):
    """A view cannot be fused."""


class TissueSurface:
    """Fuses views of one scene whose camera's pose is known."""

    def __init__(self, settings: SurfaceSettings | None = None) -> None:
        self.settings = settings or SurfaceSettings()
        self._grid = o3d.t.geometry.VoxelBlockGrid(*_ATTRIBUTES, self.settings.voxel, _BLOCK, self.settings.blocks)
        self._seen_at = np.zeros(self.settings.blocks)  # seconds, by the block's place in memory
        self._now, self._frames = 0.0, 0
        self._last_look: tuple[tuple[Camera, bytes], SurfaceLook] | None = None  # since the surface changed

    @property
    def blocks(self) -> int:
        """How many blocks of voxels there are."""
        return int(self._grid.hashmap().size())

    def fuse(self, view: TissueView, pose: np.ndarray, time: float) -> None:
        """Take a view into the surface.

        :param pose: motion (4, 4) from the camera's optical frame to the fixed frame
        :param time: seconds, of the view; not before that of the last one
        :raises SurfaceError: there is no room for as much as is in view
        """
        depth, color = _image(view.depth), _image(view.rgb.astype(np.float32) / 255.0)
        lens = _lens(view.camera, pose)
        seen = self._grid.compute_unique_block_coordinates(
            depth, *lens, _METRES, self.settings.reach, self.settings.truncation
        )
        self._make_room(len(seen), time)
        self._now, self._frames, self._last_look = time, self._frames + 1, None
        emptied = self._in_front(view, pose)
        coordinates = o3c.concatenate([seen, o3c.Tensor(emptied)]) if len(emptied) else seen
        nearest = _nearest_pixel(view.camera), lens[1]
        self._grid.integrate(
            coordinates, depth, color, *nearest, _METRES, self.settings.reach, self.settings.truncation
        )
        places, found = self._grid.hashmap().find(coordinates)
        touched = places.numpy()[found.numpy()]
        self._limit_weight(touched)
        self._seen_at[touched] = time

    def look(self, camera: Camera, pose: np.ndarray) -> SurfaceLook:
        """Return what a camera without distortion sees of the surface.

        Asked for the same again while the surface stays, it gives what it has given, which must not be written to.

        :param pose: motion (4, 4) from its optical frame to the fixed frame
        """
        asked = camera, pose.tobytes()
        if self._last_look is None or self._last_look[0] != asked:
            self._last_look = asked, self._look(camera, pose)
        return self._last_look[1]

    def _look(self, camera: Camera, pose: np.ndarray) -> SurfaceLook:
        shape = camera.height, camera.width
        if not self.blocks:
            return SurfaceLook(np.zeros(shape, np.float32), np.zeros((*shape, 3), np.uint8))
        seen = self._grid.ray_cast(
            self._coordinates(),
            *_lens(camera, pose),
            camera.width,
            camera.height,
            ['depth', 'color', *_NEIGHBOURS],
            _METRES,
            _NEAREST,
            self.settings.reach,
            self._support,
            self.settings.truncation,
        )
        return SurfaceLook(self._refined(seen), _colors(seen['color'].numpy()))

    def forget(self) -> int:
        """Forget what was not seen for longer than the memory; return how many blocks went."""
        return self._erase(self._now - self.settings.memory)

    def points(self) -> SurfacePoints:
        """Return the surface as points."""
        found = self._grid.extract_point_cloud(self._support) if self.blocks else None
        if found is None or not len(found.point.positions):
            return SurfacePoints(np.zeros((0, 3), np.float32), np.zeros((0, 3), np.uint8), np.zeros(0, np.float32))
        xyz = found.point.positions.numpy()
        return SurfacePoints(xyz, _colors(found.point.colors.numpy()), self._ages(xyz))

    def mesh(self) -> SurfaceMesh:
        """Return the surface as triangles."""
        found = self._grid.extract_triangle_mesh(self._support) if self.blocks else None
        if found is None or not len(found.vertex.positions):
            return SurfaceMesh(np.zeros((0, 3), np.float32), np.zeros((0, 3), np.uint8), np.zeros((0, 3), np.int32))
        triangles = found.triangle.indices.numpy().astype(np.int32)
        return SurfaceMesh(found.vertex.positions.numpy(), _colors(found.vertex.colors.numpy()), triangles)

    @property
    def _support(self) -> float:
        """The weight that a place needs; less at the beginning, where all is new."""
        return min(self.settings.support, self._frames) - 0.5

    def _refined(self, seen: o3d.t.geometry.TensorMap) -> np.ndarray:
        """Return the depth between voxels, (h, w) float32: open3d's ray stops at the nearest one, half a voxel off."""
        depth = seen['depth'].numpy()[..., 0]
        shares = seen['interp_ratio'].numpy() * seen['mask'].numpy()
        distances = self._grid.attribute('tsdf').numpy().reshape(-1)[seen['index'].numpy()]
        left = (distances * shares).sum(-1) / np.maximum(shares.sum(-1), _LEAST_SHARE)
        return np.where(depth > 0.0, depth + left * self.settings.truncation * self.settings.voxel, 0.0)

    def _coordinates(self) -> o3c.Tensor:
        table = self._grid.hashmap()
        return table.key_tensor()[table.active_buf_indices().to(o3c.int64)]

    def _in_front(self, view: TissueView, pose: np.ndarray) -> np.ndarray:
        """Return the blocks, (n, 3), in front of what the view shows: there is nothing there any more."""
        if not self.blocks:
            return np.zeros((0, 3), np.int32)
        coordinates = self._coordinates().numpy()
        edge = _BLOCK * self.settings.voxel
        centres = ((coordinates + 0.5) * edge - pose[:3, 3]) @ pose[:3, :3]
        columns, rows = _pixels(view.camera, centres)
        inside = (columns >= 0) & (columns < view.camera.width) & (rows >= 0) & (rows < view.camera.height)
        inside &= centres[:, 2] > _NEAREST
        behind = np.zeros(len(centres), np.float32)
        behind[inside] = view.depth[rows[inside], columns[inside]]
        return coordinates[behind > centres[:, 2]]

    def _limit_weight(self, places: np.ndarray) -> None:
        weight = self._grid.attribute('weight').numpy()  # the grid's own memory
        weight[places] = np.minimum(weight[places], self.settings.steadiness)

    def _make_room(self, wanted: int, time: float) -> None:
        """Forget blocks, for the grid would grow otherwise, and its blocks change their places in memory."""
        if self.blocks + wanted <= self.settings.blocks:
            return
        if wanted > self.settings.blocks:
            raise SurfaceError(
                f'one view takes {wanted} of {self.settings.blocks} blocks of voxels; allow more blocks, '
                'or make voxels larger'
            )
        kept = np.sort(self._seen_at[self._grid.hashmap().active_buf_indices().numpy()])
        needed = min(len(kept), wanted + round(_SPARED * self.settings.blocks))
        self._erase(min(time, np.nextafter(kept[needed - 1], np.inf)))

    def _erase(self, before: float) -> int:
        """Erase the blocks that were last seen before a time in seconds; return how many."""
        if not self.blocks:
            return 0
        places = self._grid.hashmap().active_buf_indices().numpy()
        old = self._seen_at[places] < before
        if old.any():
            self._last_look = None
            self._grid.hashmap().erase(o3c.Tensor(self._coordinates().numpy()[old]))
            for name in _ATTRIBUTES[0]:
                self._grid.attribute(name).numpy()[places[old]] = 0.0  # which blocks to come are given
        return int(old.sum())

    def _ages(self, xyz: np.ndarray) -> np.ndarray:
        coordinates = np.floor(xyz / (_BLOCK * self.settings.voxel)).astype(np.int32)
        places, found = self._grid.hashmap().find(o3c.Tensor(coordinates))
        ages = self._now - self._seen_at[places.numpy() * found.numpy()]
        return np.where(found.numpy(), ages, 0.0).astype(np.float32)


def _lens(camera: Camera, pose: np.ndarray) -> tuple[o3c.Tensor, o3c.Tensor]:
    return o3c.Tensor(camera.matrix), o3c.Tensor(np.linalg.inv(pose))


def _nearest_pixel(camera: Camera) -> o3c.Tensor:
    """Return the lens for open3d's integration, which rounds pixels down: half a pixel on, it takes the nearest."""
    return o3c.Tensor(camera.matrix + np.array([[0.0, 0.0, 0.5], [0.0, 0.0, 0.5], [0.0, 0.0, 0.0]]))


def _image(array: np.ndarray) -> o3d.t.geometry.Image:
    return o3d.t.geometry.Image(o3c.Tensor(np.ascontiguousarray(array)))


def _colors(values: np.ndarray) -> np.ndarray:
    return (255.0 * np.clip(values, 0.0, 1.0) + 0.5).astype(np.uint8)


def _pixels(camera: Camera, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    depth = np.maximum(points[:, 2], 1e-9)
    columns = np.round(points[:, 0] / depth * camera.fx + camera.cx)
    rows = np.round(points[:, 1] / depth * camera.fy + camera.cy)
    far = 1e6
    return np.clip(columns, -far, far).astype(np.int64), np.clip(rows, -far, far).astype(np.int64)
