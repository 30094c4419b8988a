"""The light on a bench: of a room, broad and from several directions; of an endoscope; or of both."""

from __future__ import annotations

import numpy as np

from mt3dnet_ros.renderer.bench.table import Table
from mt3dnet_ros.renderer.domains.bench import Bench
from mt3dnet_ros.renderer.domains.domain import Lights
from mt3dnet_ros.renderer.scene.lighting import Lighting, sample_lighting

SHADOW = 0.0015  # metres before a surface at which what casts a shadow on it begins
AWAY = (0.6, 2.0)  # metres from a table to a room's lamps


def sample_bench_lighting(rng: np.random.Generator, table: Table, lights: Lights, bench: Bench) -> Lighting:
    """Sample the light on a table."""
    endoscope, kind = sample_lighting(rng, lights), rng.random()
    if kind >= bench.room_light + bench.both_lights:
        return endoscope
    lamps = np.stack([_lamp(rng, table) for _ in range(rng.integers(1, 4))])
    if kind >= bench.room_light:
        lamps = np.concatenate([lamps[:1], endoscope.positions[:1]])
    away = float(np.linalg.norm(lamps[0] - table.pose[:3, 3]))
    return Lighting(
        lamps,
        rng.uniform(0.0, 0.6),
        rng.uniform(*bench.ambient),
        rng.uniform(0.2, 1.2) * (1 + 0.15 * rng.standard_normal(3)),
        endoscope.gloss,
        endoscope.shine,
        SHADOW / away,
    )


def _lamp(rng: np.random.Generator, table: Table) -> np.ndarray:
    """Return the place (3,) of a lamp above a table, camera frame, metres."""
    way = np.array([*rng.normal(0, 0.7, 2), 1.0])
    way *= rng.uniform(*AWAY) / np.linalg.norm(way)
    place: np.ndarray = table.pose[:3, :3] @ way + table.pose[:3, 3]
    return place
