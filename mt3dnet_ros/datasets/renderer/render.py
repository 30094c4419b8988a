"""One rendered frame: the picture and its ground truth."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from mt3dnet_ros.datasets.renderer.domain import Video
from mt3dnet_ros.datasets.renderer.lens import develop
from mt3dnet_ros.datasets.renderer.raycast import Hits, Raycaster
from mt3dnet_ros.datasets.renderer.shading import shade
from mt3dnet_ros.datasets.renderer.world import World
from mt3dnet_ros.geometry.camera import Camera


@dataclass(frozen=True)
class RenderedFrame:
    """A picture with exact labels, all (H, W).

    :param image: (H, W, 3) uint8 RGB
    :param types: uint8 class ids of the taxonomy endovis2018, 0 background
    :param parts: uint8 part ids, 0 background, 1 shaft, 2 wrist, 3 clasper
    :param instances: uint8, 1 for the first tool
    :param depth: float32 metres along the optical axis, 0 where nothing was met
    """

    camera: Camera
    image: np.ndarray
    types: np.ndarray
    parts: np.ndarray
    instances: np.ndarray
    depth: np.ndarray


def _table(values: list[int]) -> np.ndarray:
    return np.array([*values, 0], np.uint8)  # layer -1, nothing met, is background


def _labels(world: World, hits: Hits, rows: np.ndarray, columns: np.ndarray) -> tuple[np.ndarray, ...]:
    layer = hits.layer[np.ix_(rows, columns)]
    tools = [layer.tool for layer in hits.layers]
    types = [world.tools[t].instrument.class_id if t >= 0 else 0 for t in tools]
    parts = [layer.part for layer in hits.layers]
    return tuple(_table(values)[layer] for values in (types, parts, [t + 1 for t in tools]))


def render(
    rng: np.random.Generator,
    world: World,
    video: Video,
    width: int,
    height: int,
    grain: np.random.Generator | None = None,
) -> RenderedFrame:
    """Render a world; its camera may be larger than the frame, the picture is then averaged (anti-aliasing).

    :param grain: draws the sensor's noise alone, see ``develop``
    """
    caster = Raycaster(world)
    hits = caster.hits()
    radiance = shade(rng, world, caster, hits)
    image = cv2.resize(np.clip(radiance, 0, 8), (width, height), interpolation=cv2.INTER_AREA)
    rows, columns = (
        ((np.arange(n) + 0.5) * full / n).astype(int) for n, full in zip((height, width), hits.depth.shape, strict=True)
    )
    types, parts, instances = _labels(world, hits, rows, columns)
    depth = hits.depth[np.ix_(rows, columns)]
    picture = develop(rng, image, video, grain)
    return RenderedFrame(world.camera.resized(width, height), picture, types, parts, instances, depth)
