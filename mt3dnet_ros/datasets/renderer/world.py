"""The world before the camera: what is rendered, sampled at random."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np

from mt3dnet_ros.datasets.renderer.instruments import instruments_of_class
from mt3dnet_ros.datasets.renderer.kinematics import Instrument, entry_pose
from mt3dnet_ros.datasets.renderer.materials import Finish, sample_finishes
from mt3dnet_ros.datasets.renderer.tissue import Tissue, load_photographs, sample_tissue
from mt3dnet_ros.geometry.camera import Camera

# How often each class id of endovis2018 is drawn; the grasping tools of dVRK practice most.
CLASS_WEIGHTS = {1: 0.18, 2: 0.17, 3: 0.2, 4: 0.15, 5: 0.06, 6: 0.07, 7: 0.07, 8: 0.1}
TOOL_COUNTS = {0: 0.04, 1: 0.26, 2: 0.46, 3: 0.2, 4: 0.04}
FOCAL_PER_WIDTH = (0.72, 1.0)  # SCARED, EndoVis and dVRK calibrations lie between 0.80 and 0.90


@dataclass(frozen=True)
class PlacedTool:
    """A tool in the camera frame.

    :param pose: (4, 4) pose of its ``roll_link``, metres
    :param joints: joint values, radians
    :param finishes: its look by material
    """

    instrument: Instrument
    pose: np.ndarray
    joints: Mapping[str, float]
    finishes: Mapping[int, Finish]


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


def sample_camera(rng: np.random.Generator, width: int, height: int) -> Camera:
    """Sample an ideal endoscope camera around the calibrations of da Vinci endoscopes."""
    focal = width * rng.uniform(*FOCAL_PER_WIDTH)
    cx, cy = (0.5 + rng.uniform(-0.05, 0.03)) * width, (0.5 + rng.uniform(-0.03, 0.03)) * height
    return Camera(width, height, focal, focal, cx, cy)


def sample_lighting(rng: np.random.Generator) -> Lighting:
    """Sample the endoscope's lights: one or two outlets up to 9 mm from the lens."""
    angle, offset = rng.uniform(0, 2 * math.pi), rng.uniform(0.002, 0.009)
    light = offset * np.array([math.cos(angle), math.sin(angle), 0.0])
    positions = np.stack([light, -light]) if rng.random() < 0.5 else light[None]
    surroundings = np.array([0.55, 0.3, 0.28]) * rng.uniform(0.3, 1.5) + rng.uniform(0, 0.3)
    return Lighting(
        positions,
        rng.uniform(0.6, 2.0),
        rng.uniform(0.15, 0.6),
        surroundings,
        rng.uniform(20, 180),
        rng.uniform(0.1, 1.3),
    )


def sample_joints(rng: np.random.Generator, instrument: Instrument) -> dict[str, float]:
    """Sample joint values: a wrist bent moderately, jaws from closed to wide open."""
    joints = {}
    for name, (lower, upper) in instrument.limits().items():
        bend = 0.45 * rng.standard_normal()
        joints[name] = rng.beta(0.8, 1.6) * upper if name == 'jaw' else float(np.clip(bend, lower, upper))
    return joints


def sample_port(rng: np.random.Generator) -> np.ndarray:
    """Sample where a shaft comes from: beside the endoscope, more often left and right than above."""
    side = rng.choice([0.0, math.pi]) + rng.normal(0, 0.6)
    reach = rng.uniform(0.06, 0.16)
    return np.array([reach * math.cos(side), reach * math.sin(side), rng.uniform(-0.1, 0.03)])


def sample_tip(rng: np.random.Generator, camera: Camera, depth: float) -> np.ndarray:
    """Sample a tip in or just outside the view, between the lens and a depth in metres."""
    u, v = (rng.normal(0.5, 0.27) for _ in range(2))
    z = depth * rng.uniform(0.55, 1.02)
    return np.array(
        [(u * camera.width - camera.cx) * z / camera.fx, (v * camera.height - camera.cy) * z / camera.fy, z]
    )


def place_tool(
    instrument: Instrument,
    tip: np.ndarray,
    port: np.ndarray,
    roll: float,
    joints: Mapping[str, float],
    finishes: Mapping[int, Finish],
) -> PlacedTool:
    """Place a tool by its tip and by the port that its shaft comes through."""
    pose = entry_pose(tip, port, roll, instrument.tip_position(joints))
    return PlacedTool(instrument, pose, joints, finishes)


def sample_tool(rng: np.random.Generator, camera: Camera, depth: float, data: Path) -> PlacedTool:
    """Sample one tool of a random class."""
    class_id = int(rng.choice(list(CLASS_WEIGHTS), p=list(CLASS_WEIGHTS.values())))
    tools = instruments_of_class(class_id, data)
    instrument = tools[rng.integers(len(tools))]
    return place_tool(
        instrument,
        sample_tip(rng, camera, depth),
        sample_port(rng),
        rng.uniform(0, 2 * math.pi),
        sample_joints(rng, instrument),
        sample_finishes(rng),
    )


def sample_world(rng: np.random.Generator, width: int, height: int, data: Path) -> World:
    """Sample a scene; ``data`` is the folder that holds ``dvrk_model/``."""
    camera = sample_camera(rng, width, height)
    depth = float(np.exp(rng.uniform(math.log(0.055), math.log(0.16))))
    count = int(rng.choice(list(TOOL_COUNTS), p=list(TOOL_COUNTS.values())))
    tools = tuple(sample_tool(rng, camera, depth, data) for _ in range(count))
    return World(camera, sample_tissue(rng, depth, _photographs(data)), sample_lighting(rng), tools)
