"""The world before the camera: what is rendered, sampled at random."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np

from mt3dnet_ros.datasets.renderer.domain import Domain, Lights, Optics, Tools
from mt3dnet_ros.datasets.renderer.domain_scene import Looks
from mt3dnet_ros.datasets.renderer.ground import organ_meshes
from mt3dnet_ros.datasets.renderer.instruments import OTHER, Assets, instruments_of_class
from mt3dnet_ros.datasets.renderer.kinematics import Instrument, entry_pose
from mt3dnet_ros.datasets.renderer.laparoscopic import hand_held
from mt3dnet_ros.datasets.renderer.looks import dressed
from mt3dnet_ros.datasets.renderer.materials import Finish, sample_finishes
from mt3dnet_ros.datasets.renderer.primitives import simple_instruments
from mt3dnet_ros.datasets.renderer.streams import stream
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


def lit_by_tissue(rng: np.random.Generator, lighting: Lighting, tissue: Tissue, looks: Looks) -> Lighting:
    """Return a lighting whose surroundings take the tissue's colour, as far as ``looks`` says."""
    share = rng.uniform(*looks.tissue_glow)
    colour = tissue.albedo[0, ::16, ::16].mean((0, 1))
    colour = colour / (colour.mean() + 1e-6) * lighting.surroundings.mean()
    return replace(lighting, surroundings=lighting.surroundings + share * (colour - lighting.surroundings))


def _draw(rng: np.random.Generator, frequencies: Mapping[int, float]) -> int:
    weights = np.array(list(frequencies.values()), float)
    return int(rng.choice(list(frequencies), p=weights / weights.sum()))


def sample_instrument(
    rng: np.random.Generator, own: np.random.Generator, class_id: int, looks: Looks, assets: Assets
) -> Instrument:
    """Sample a tool of a class: of meshes, or by the chances of ``looks`` of simple shapes."""
    tools = instruments_of_class(class_id, assets.data, assets.dvrk_model)
    chosen = tools[rng.integers(len(tools))]
    if own.random() < looks.primitive:
        tools = simple_instruments(class_id) or tools
        chosen = tools[own.integers(len(tools))]
    if class_id == OTHER and own.random() < looks.laparoscopic:
        tools = hand_held()
        chosen = tools[own.integers(len(tools))]
    return chosen


def sample_tool(
    rng: np.random.Generator, number: int, camera: Camera, distance: float, domain: Domain, assets: Assets
) -> PlacedTool:
    """Sample one tool of a random class; ``number`` tells it from the scene's others."""
    own = stream(rng, f'tool {number}')
    class_id = _draw(rng, domain.tools.classes)
    instrument = sample_instrument(rng, own, class_id, domain.looks, assets)
    port = sample_port(rng, domain.tools)
    return PlacedTool(
        instrument,
        sample_tip(rng, camera, distance, port, domain.tools),
        port,
        rng.uniform(0, 2 * math.pi),
        sample_joints(rng, instrument, domain.tools),
        dressed(own, sample_finishes(rng, domain.finishes, class_id), domain.looks, instrument.wristed),
    )


def sample_world(
    rng: np.random.Generator, domain: Domain, width: int, height: int, data: Path | None, dvrk_model: Path | None = None
) -> World:
    """Sample a scene; for ``data`` and ``dvrk_model`` see ``instruments_of_class``."""
    assets = Assets(data, dvrk_model)
    camera = sample_camera(rng, width, height, domain.optics)
    distance = float(np.exp(rng.uniform(*np.log(domain.ground.distance))))
    count = _draw(rng, domain.tools.counts)
    tools = tuple(sample_tool(rng, number, camera, distance, domain, assets) for number in range(count))
    photographs, shapes = (_photographs(data), organ_meshes(data)) if data else ((), ())
    tissue = sample_tissue(rng, distance, domain.ground, domain.skin, photographs, domain.flesh, shapes)
    lighting = lit_by_tissue(stream(rng, 'glow'), sample_lighting(rng, domain.lights), tissue, domain.looks)
    return World(camera, tissue, lighting, tools)
