"""One rendered frame: the picture and its ground truth."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, replace

import cv2
import numpy as np

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.renderer.camera.capture import Capture
from mt3dnet_ros.renderer.camera.chain import film
from mt3dnet_ros.renderer.camera.optics import with_distortion
from mt3dnet_ros.renderer.camera.shutter import after_random_motion, sample_timing
from mt3dnet_ros.renderer.domains.domain import Domain
from mt3dnet_ros.renderer.flow import flow_field
from mt3dnet_ros.renderer.raycast import Hits, Raycaster, scene_meshes
from mt3dnet_ros.renderer.scene.world import World
from mt3dnet_ros.renderer.shading import shade
from mt3dnet_ros.renderer.streams import stream
from mt3dnet_ros.renderer.tips import Tip, find_tips


@dataclass(frozen=True)
class RenderedFrame:
    """A picture with exact labels, all (H, W); what the optics or the recorder leave black is background.

    :param image: (H, W, 3) uint8 RGB
    :param types: uint8 class ids of the taxonomy endovis2018, 0 background
    :param parts: uint8 part ids, 0 background, 1 shaft, 2 wrist, 3 clasper
    :param instances: uint8, 1 for the first tool
    :param depth: float32 metres along the optical axis, 0 where nothing was hit or where it is farther than is known
    :param tips: one for each tool, whether in view or not
    :param right: (H, W, 3) uint8, what a second camera to the right of the first sees; None where there is none
    :param pose: (4, 4) of the camera, in the frame that it has at rest
    :param shaft_diameters: of each tool, metres
    """

    camera: Camera
    image: np.ndarray
    types: np.ndarray
    parts: np.ndarray
    instances: np.ndarray
    depth: np.ndarray
    tips: tuple[Tip, ...] = ()
    right: np.ndarray | None = None
    pose: np.ndarray | None = None
    shaft_diameters: tuple[float, ...] = ()


@dataclass(frozen=True)
class Shot:
    """How a scene is filmed.

    :param width: columns of the frame, and ``height`` its rows
    :param baseline: distance of a second camera to the right of the first, metres; 0 for none
    :param grain: draws the noise of a frame that shares everything else with others; None for the frame's own generator
    :param later: returns the scene ``FLOW_INTERVAL`` later; None where it has no motion of its own, and one is drawn
    :param time: seconds since a sequence's first frame
    """

    width: int
    height: int
    baseline: float = 0.0
    grain: np.random.Generator | None = None
    later: Callable[[], World] | None = None
    time: float = 0.0


def render(rng: np.random.Generator, world: World, domain: Domain, shot: Shot) -> RenderedFrame:
    """Render a world; its camera may be larger than the frame, the picture is then averaged (anti-aliasing)."""
    world = replace(world, camera=with_distortion(rng, world.camera, domain.camera.lens))
    caster, again = Raycaster(world), copy.deepcopy(rng)
    hits = caster.hits()
    capture = _capture(rng, world, domain, shot, hits)
    image = _picture(world, caster, hits, capture)
    right = None
    if shot.baseline:
        other = caster.hits((shot.baseline, 0.0, 0.0))
        second = _capture(again, world, domain, replace(shot, grain=stream(capture.grain, 'right')), other)
        right = _picture(world, caster, other, second)
    shown = capture.visible > 0.5
    types, parts, instances = (np.where(shown, labels, np.uint8(0)) for labels in _labels(world, hits, shot))
    depth = np.where(shown & (capture.depth <= world.known_depth), capture.depth, np.float32(0))
    tips = find_tips(world.tools, capture.camera, capture.depth, shown)
    diameters = tuple(tool.instrument.shaft_diameter for tool in world.tools)
    return RenderedFrame(capture.camera, image, types, parts, instances, depth, tips, right, shaft_diameters=diameters)


def _capture(rng: np.random.Generator, world: World, domain: Domain, shot: Shot, hits: Hits) -> Capture:
    timing = sample_timing(rng, domain.camera.shutter)
    camera, flow, pick = world.camera.resized(shot.width, shot.height), None, _pixels(hits, shot)
    if timing.span:
        later = shot.later() if shot.later else after_random_motion(rng, world, domain.camera.shutter)
        flow = flow_field(camera, hits, scene_meshes(later), pick)
    grain = shot.grain or rng
    return Capture(rng, grain, domain.camera, camera, hits.depth[pick], timing, flow, shot.time)


def _picture(world: World, caster: Raycaster, hits: Hits, capture: Capture) -> np.ndarray:
    radiance = np.clip(shade(capture.rng, world, caster, hits), 0, 8)
    return film(cv2.resize(radiance, capture.depth.shape[::-1], interpolation=cv2.INTER_AREA), capture)


def _pixels(hits: Hits, shot: Shot) -> tuple[np.ndarray, ...]:
    """Return the rows and columns of the rays that pixels of the frame take their labels from."""
    sizes = zip((shot.height, shot.width), hits.depth.shape, strict=True)
    return np.ix_(*(((np.arange(n) + 0.5) * full / n).astype(int) for n, full in sizes))


def _table(values: list[int]) -> np.ndarray:
    return np.array([*values, 0], np.uint8)  # index -1, nothing hit, is background


def _labels(world: World, hits: Hits, shot: Shot) -> tuple[np.ndarray, ...]:
    mesh_index = hits.mesh_index[_pixels(hits, shot)]
    tools = [mesh.tool for mesh in hits.meshes]
    types = [world.tools[t].instrument.class_id if t >= 0 else 0 for t in tools]
    parts = [mesh.part for mesh in hits.meshes]
    return tuple(_table(values)[mesh_index] for values in (types, parts, [t + 1 for t in tools]))
