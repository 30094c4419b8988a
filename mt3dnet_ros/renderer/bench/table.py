"""The table: where it is, its surface, and what it is covered with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mt3dnet_ros.errors import needs_extra
from mt3dnet_ros.renderer.bench.colours import DRAPES, any_colour, one_of, pale
from mt3dnet_ros.renderer.bench.patterns import CLOTHS, HARD, TEXTURE, material
from mt3dnet_ros.renderer.domains.bench import Bench
from mt3dnet_ros.renderer.noise import fractal_noise, ridge_noise
from mt3dnet_ros.renderer.tissue.ground import GRID, grid_mesh
from mt3dnet_ros.renderer.tissue.tissue import Tissue

with needs_extra('render'):
    from scipy.spatial.transform import Rotation

NEAR, FAR = (
    0.06,
    0.25,
)  # metres: a camera at the former looks down by up to half of ``Bench.tilt``, at the latter by all
INNER = 0.5  # of ``Table.half``: what lies so far from the middle is on the table, whatever its outline
FLOOR = (0.6, 1.6)  # metres to the floor where a room has no table


@dataclass(frozen=True)
class Table:
    """A table's plane in the camera frame.

    :param pose: (4, 4) of its frame: origin where the optical axis meets it, z up from it, y away from the camera
    :param half: half the length of its sides, metres
    :param floor: whether it is the floor of a room without a table
    """

    pose: np.ndarray
    half: float
    floor: bool = False

    @property
    def eye(self) -> np.ndarray:
        """The camera's place (3,) in the table's frame, metres."""
        eye: np.ndarray = -self.pose[:3, :3].T @ self.pose[:3, 3]
        return eye

    def fills(self, directions: np.ndarray) -> bool:
        """Return whether all of some directions (N, 3) surely lead to the table."""
        way = [self.meets(direction) for direction in directions]
        if None in way:
            return False
        points = np.array(way)[:, None] * directions - self.pose[:3, 3]
        return bool(np.linalg.norm(points, axis=1).max() < INNER * self.half)

    def meets(self, direction: np.ndarray) -> float | None:
        """Return how many times a direction (3,) leads from the camera to the plane; None where it does not."""
        normal, origin = self.pose[:3, 2], self.pose[:3, 3]
        slope = float(normal @ direction)
        return float(normal @ origin) / slope if slope < -1e-3 * np.linalg.norm(direction) else None


def sample_table(rng: np.random.Generator, distance: float, bench: Bench) -> Table:
    """Sample where a table is whose plane the optical axis meets at a distance in metres."""
    floor = rng.random() < bench.bare_room
    if floor:
        distance = max(distance, rng.uniform(*FLOOR))
    wide = float(np.clip((distance - NEAR) / (FAR - NEAR), 0, 1))
    least, most = bench.tilt
    tilt = least + (most - least) * (0.45 + 0.55 * wide) * rng.random() ** (0.2 if floor else 0.6)
    roll = rng.uniform(-np.pi, np.pi) if rng.random() < bench.rolled else rng.normal(0, 0.15)
    facing = Rotation.from_rotvec([np.pi, 0, 0])  # z towards the camera, y away in the picture
    pose = np.eye(4)
    pose[:3, :3] = (Rotation.from_euler('z', roll) * Rotation.from_euler('x', -tilt) * facing).as_matrix()
    pose[2, 3] = distance
    half = 3.0 if floor else max(rng.uniform(*bench.table_size), 0.7 * distance)
    return Table(pose, half, floor)


def surface(rng: np.random.Generator, table: Table, bench: Bench, most: float) -> Tissue:
    """Sample a table's surface, in the camera frame.

    :param most: threads to the metre that the camera can still tell apart
    """
    covered = rng.random() < bench.cloth and not table.floor
    points = _points(rng, table, bench, covered)
    size = rng.uniform(0.4, 1.3) * float(table.pose[2, 3])
    if covered:
        colour = one_of(rng, DRAPES) if rng.random() < 0.4 else any_colour(rng)
    else:
        colour = pale(rng) if rng.random() < 0.25 else any_colour(rng)
    picture = material(rng, CLOTHS if covered else HARD, colour, int(most * size))
    relief = rng.uniform(0.0, 0.5 if covered else 0.06) * fractal_noise(rng, TEXTURE, int(rng.integers(4, 40)), 4, 0.7)
    down, across = np.gradient(relief * 6)
    wetness = np.full((TEXTURE, TEXTURE), rng.uniform(0, 0.25) if covered else rng.uniform(0, 1.0) ** 2, np.float32)
    bumps = np.stack([across, down], -1).astype(np.float32)
    linear = picture ** np.float32(2.2)
    tissue = Tissue((grid_mesh(points),), linear[None], bumps[None], wetness[None], size)
    return tissue.moved(table.pose)


def _points(rng: np.random.Generator, table: Table, bench: Bench, covered: bool) -> np.ndarray:
    """Return the surface's points (GRID, GRID, 3) in the table's frame, metres."""
    turn, sides = rng.uniform(0, 2 * np.pi), table.half * rng.uniform(0.6, 1.0, 2)
    u, v = np.meshgrid(np.linspace(-1, 1, GRID), np.linspace(-1, 1, GRID))
    x, y, z = u * sides[0], v * sides[1], np.zeros_like(u)
    if covered:
        height, cells = rng.uniform(*bench.folds), int(max(1, 2 * table.half / rng.uniform(0.04, 0.3)))
        folds = ridge_noise(rng, GRID, min(cells, 12), 3, rng.uniform(1.0, 4.0)).astype(float)
        z = height * (folds - folds[GRID // 2, GRID // 2]) + 0.2 * height * fractal_noise(rng, GRID, min(cells, 12), 3)
    if rng.random() < bench.draped and not table.floor:
        bulge = rng.uniform(0.05, 0.6) * np.array([rng.random(), rng.random()])
        z = z - (bulge[0] * u**2 + bulge[1] * v**2) * table.half * rng.uniform(0.3, 1.0)
    points = np.stack([x, y, z], -1)
    return points @ Rotation.from_euler('z', turn).as_matrix().T
