"""The world before the camera: what is rendered, sampled at random."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.renderer.bench.light import sample_bench_lighting
from mt3dnet_ros.renderer.bench.workplace import above_table, sample_workplace
from mt3dnet_ros.renderer.domains.domain import Domain, Optics
from mt3dnet_ros.renderer.meshes import Mesh
from mt3dnet_ros.renderer.scene.contents import sample_props
from mt3dnet_ros.renderer.scene.lighting import Lighting, lit_by_tissue, sample_lighting
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
class World:
    """Everything in view, in the camera's optical frame.

    :param props: what is neither tissue nor tool
    :param contacts: where tools deform the tissue; None where they pass through it
    :param known_depth: beyond this depth, labels say that it is unknown, metres
    """

    camera: Camera
    tissue: Tissue
    lighting: Lighting
    tools: tuple[PlacedTool, ...] = ()
    props: tuple[Prop, ...] = ()
    contacts: Contacts | None = None
    known_depth: float = math.inf

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


def sample_world(
    rng: np.random.Generator, domain: Domain, width: int, height: int, data: Path | None, dvrk_model: Path | None = None
) -> World:
    """Sample a scene; for ``data`` and ``dvrk_model`` see ``instruments_of_class``."""
    camera = sample_camera(rng, width, height, domain.optics)
    distance = float(np.exp(rng.uniform(*np.log(domain.ground.distance))))
    tools = sample_tools(rng, camera, distance, domain, Assets(data, dvrk_model))
    if (own := stream(rng, 'bench')).random() < domain.bench.share:
        return _bench_world(own, domain, camera, distance, tools)
    photographs, shapes = (_photographs(data), organ_meshes(data)) if data else ((), ())
    tissue = sample_tissue(rng, distance, domain.ground, domain.skin, photographs, domain.flesh, shapes)
    lighting = lit_by_tissue(stream(rng, 'glow'), sample_lighting(rng, domain.lights), tissue, domain.looks)
    tools, contacts = sample_handling(stream(rng, 'handling'), tools, tissue.meshes[0], domain.handling)
    props = _props(rng, domain, tissue.meshes[0], distance, tools, data)
    return World(camera, tissue, lighting, tools, props, contacts)


def _bench_world(
    rng: np.random.Generator, domain: Domain, camera: Camera, distance: float, tools: tuple[PlacedTool, ...]
) -> World:
    table, surface, props = sample_workplace(rng, camera, distance, domain.bench)
    lighting = sample_bench_lighting(stream(rng, 'light'), table, domain.lights, domain.bench)
    tools = above_table(tools, table, distance)
    return World(camera, surface, lighting, tools, props, known_depth=domain.bench.known_depth)


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
