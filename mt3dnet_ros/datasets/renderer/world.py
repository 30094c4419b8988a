"""The world before the camera: what is rendered, sampled at random."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np

from mt3dnet_ros.datasets.renderer.domain import Domain, Lights, Optics, Tools
from mt3dnet_ros.datasets.renderer.instruments import instruments_of_class
from mt3dnet_ros.datasets.renderer.kinematics import Instrument, entry_pose
from mt3dnet_ros.datasets.renderer.materials import Finish, sample_finishes
from mt3dnet_ros.datasets.renderer.tissue import Tissue, load_photographs, sample_tissue
from mt3dnet_ros.geometry.camera import Camera


@dataclass(frozen=True)
class PlacedTool:
    """A tool in the camera frame, placed by its tip and by the port that its shaft comes through.

    :param tip: (3,) metres
    :param port: (3,) a point far up the shaft, metres
    :param roll: turn about the shaft, radians
    :param joints: joint values, radians
    :param finishes: its look by material
    """

    instrument: Instrument
    tip: np.ndarray
    port: np.ndarray
    roll: float
    joints: Mapping[str, float]
    finishes: Mapping[int, Finish]

    @cached_property
    def pose(self) -> np.ndarray:
        """Pose (4, 4) of its ``roll_link``, metres."""
        return entry_pose(self.tip, self.port, self.roll, self.instrument.tip_position(self.joints))


@dataclass(frozen=True)
class Lighting:
    """Lights beside the lens.

    :param positions: (n, 3) metres, camera frame
    :param falloff: exponent of the fall with distance
    :param ambient: light that shadows keep, in [0, 1]
    :param surroundings: linear colour of what metal reflects
    :param gloss: Blinn-Phong exponent of wet tissue
    :param shine: strength of highlights on tissue
    """

    positions: np.ndarray
    falloff: float
    ambient: float
    surroundings: np.ndarray
    gloss: float
    shine: float


@dataclass(frozen=True)
class World:
    """Everything in view, in the camera's optical frame."""

    camera: Camera
    tissue: Tissue
    lighting: Lighting
    tools: tuple[PlacedTool, ...] = field(default_factory=tuple)


@lru_cache(maxsize=1)
def _photographs(data: Path) -> tuple[np.ndarray, ...]:
    return load_photographs(data)


def sample_camera(rng: np.random.Generator, width: int, height: int, optics: Optics) -> Camera:
    """Sample an ideal endoscope camera."""
    focal = width * rng.uniform(*optics.focal_per_width)
    cx, cy = (0.5 + rng.uniform(*optics.centre_x)) * width, (0.5 + rng.uniform(*optics.centre_y)) * height
    return Camera(width, height, focal, focal, cx, cy)


def sample_lighting(rng: np.random.Generator, lights: Lights) -> Lighting:
    """Sample the endoscope's lights: one outlet beside the lens, or two on either side."""
    angle, offset = rng.uniform(0, 2 * math.pi), rng.uniform(*lights.offset)
    light = offset * np.array([math.cos(angle), math.sin(angle), 0.0])
    positions = np.stack([light, -light]) if rng.random() < 0.5 else light[None]
    surroundings = np.array([0.55, 0.3, 0.28]) * rng.uniform(*lights.surroundings) + rng.uniform(0, 0.3)
    return Lighting(
        positions,
        rng.uniform(*lights.falloff),
        rng.uniform(*lights.ambient),
        surroundings,
        rng.uniform(*lights.gloss),
        rng.uniform(*lights.shine),
    )


def sample_joints(rng: np.random.Generator, instrument: Instrument, tools: Tools) -> dict[str, float]:
    """Sample joint values: how far the wrist is bent and the jaws are open."""
    joints = {}
    for name, (lower, upper) in instrument.limits().items():
        bend = float(np.clip(tools.wrist_bend * rng.standard_normal(), lower, upper))
        joints[name] = rng.uniform(*tools.jaw_opening) * upper if name == 'jaw' else bend
    return joints


def sample_port(rng: np.random.Generator, tools: Tools) -> np.ndarray:
    """Sample where a shaft comes from: beside the endoscope, more often left and right than above."""
    side = rng.choice([0.0, math.pi]) + rng.normal(0, tools.port_spread)
    reach = rng.uniform(*tools.port_reach)
    return np.array([reach * math.cos(side), reach * math.sin(side), rng.uniform(*tools.port_ahead)])


def sample_tip(rng: np.random.Generator, camera: Camera, distance: float, port: np.ndarray, tools: Tools) -> np.ndarray:
    """Sample a tip in or just outside the view, for tissue at a distance in metres."""
    lean = tools.tip_lean * port[:2] / np.linalg.norm(port[:2])
    u, v = rng.normal(0.5 + lean, tools.tip_spread)
    z = distance * rng.uniform(*tools.tip_depth)
    return np.array(
        [(u * camera.width - camera.cx) * z / camera.fx, (v * camera.height - camera.cy) * z / camera.fy, z]
    )


def _draw(rng: np.random.Generator, frequencies: Mapping[int, float]) -> int:
    weights = np.array(list(frequencies.values()), float)
    return int(rng.choice(list(frequencies), p=weights / weights.sum()))


def sample_tool(rng: np.random.Generator, camera: Camera, distance: float, domain: Domain, data: Path) -> PlacedTool:
    """Sample one tool of a random class."""
    class_id = _draw(rng, domain.tools.classes)
    tools = instruments_of_class(class_id, data)
    instrument = tools[rng.integers(len(tools))]
    port = sample_port(rng, domain.tools)
    return PlacedTool(
        instrument,
        sample_tip(rng, camera, distance, port, domain.tools),
        port,
        rng.uniform(0, 2 * math.pi),
        sample_joints(rng, instrument, domain.tools),
        sample_finishes(rng, domain.finishes, class_id),
    )


def sample_world(rng: np.random.Generator, domain: Domain, width: int, height: int, data: Path) -> World:
    """Sample a scene; ``data`` is the folder that holds ``dvrk_model/``."""
    camera = sample_camera(rng, width, height, domain.optics)
    distance = float(np.exp(rng.uniform(*np.log(domain.ground.distance))))
    tools = tuple(sample_tool(rng, camera, distance, domain, data) for _ in range(_draw(rng, domain.tools.counts)))
    tissue = sample_tissue(rng, distance, domain.ground, domain.skin, _photographs(data), domain.flesh)
    return World(camera, tissue, sample_lighting(rng, domain.lights), tools)
