"""The world before the camera: what is rendered, sampled at random."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.renderer.domains.domain import Domain, Lights, Optics
from mt3dnet_ros.renderer.domains.tools import Looks
from mt3dnet_ros.renderer.meshes import Mesh
from mt3dnet_ros.renderer.scene.contents import sample_props
from mt3dnet_ros.renderer.scene.props import Prop
from mt3dnet_ros.renderer.streams import stream
from mt3dnet_ros.renderer.tissue.ground import organ_meshes
from mt3dnet_ros.renderer.tissue.plain_textures import load_photographs
from mt3dnet_ros.renderer.tissue.tissue import Tissue, sample_tissue
from mt3dnet_ros.renderer.tools.handling import Contacts, sample_handling
from mt3dnet_ros.renderer.tools.instruments import Assets
from mt3dnet_ros.renderer.tools.needles import sample_needle
from mt3dnet_ros.renderer.tools.placed_tool import PlacedTool, sample_tools


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
    """Everything in view, in the camera's optical frame.

    :param props: what is neither tissue nor tool
    :param contacts: where tools deform the tissue; None where they pass through it
    """

    camera: Camera
    tissue: Tissue
    lighting: Lighting
    tools: tuple[PlacedTool, ...] = ()
    props: tuple[Prop, ...] = ()
    contacts: Contacts | None = None

    def link_pose(self, tool: int, link: str) -> np.ndarray:
        """Return the pose (4, 4) of a tool's link, metres."""
        placed = self.tools[tool]
        pose: np.ndarray = placed.pose @ placed.link_poses[link]
        return pose

    def tissue_meshes(self) -> tuple[Mesh, ...]:
        """Return the tissue's surfaces as the tools deform them."""
        field, *others = self.tissue.meshes
        return (self.contacts.deformed(field, self.tools) if self.contacts else field, *others)


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


def lit_by_tissue(rng: np.random.Generator, lighting: Lighting, tissue: Tissue, looks: Looks) -> Lighting:
    """Return a lighting whose surroundings take the tissue's colour, as far as ``looks`` says."""
    share = rng.uniform(*looks.tissue_glow)
    colour = tissue.albedo[0, ::16, ::16].mean((0, 1))
    colour = colour / (colour.mean() + 1e-6) * lighting.surroundings.mean()
    return replace(lighting, surroundings=lighting.surroundings + share * (colour - lighting.surroundings))


def sample_world(
    rng: np.random.Generator, domain: Domain, width: int, height: int, data: Path | None, dvrk_model: Path | None = None
) -> World:
    """Sample a scene; for ``data`` and ``dvrk_model`` see ``instruments_of_class``."""
    camera = sample_camera(rng, width, height, domain.optics)
    distance = float(np.exp(rng.uniform(*np.log(domain.ground.distance))))
    tools = sample_tools(rng, camera, distance, domain, Assets(data, dvrk_model))
    photographs, shapes = (_photographs(data), organ_meshes(data)) if data else ((), ())
    tissue = sample_tissue(rng, distance, domain.ground, domain.skin, photographs, domain.flesh, shapes)
    lighting = lit_by_tissue(stream(rng, 'glow'), sample_lighting(rng, domain.lights), tissue, domain.looks)
    tools, contacts = sample_handling(stream(rng, 'handling'), tools, tissue.meshes[0], domain.handling)
    props = _props(rng, domain, tissue.meshes[0], distance, tools, data)
    return World(camera, tissue, lighting, tools, props, contacts)


def _props(
    rng: np.random.Generator,
    domain: Domain,
    field: Mesh,
    distance: float,
    tools: tuple[PlacedTool, ...],
    data: Path | None,
) -> tuple[Prop, ...]:
    instruments = [tool.instrument for tool in tools]
    needle = sample_needle(stream(rng, 'needle'), domain.contents, field, distance, instruments, data)
    return (*needle, *sample_props(stream(rng, 'things'), domain.contents, field, distance))
