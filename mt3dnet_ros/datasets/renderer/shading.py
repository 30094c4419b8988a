"""Light and colour: from what the rays met to linear radiance."""

from __future__ import annotations

import numpy as np

from mt3dnet_ros.datasets.renderer.materials import TEXTURE as TOOL_TEXTURE
from mt3dnet_ros.datasets.renderer.noise import fractal, lookup
from mt3dnet_ros.datasets.renderer.raycast import Hits, Raycaster
from mt3dnet_ros.datasets.renderer.world import Lighting, World

WRAP = 0.25  # light that bleeds round the edge of soft tissue


def _unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / (np.linalg.norm(vectors, axis=-1, keepdims=True) + 1e-9)


def shade(rng: np.random.Generator, world: World, caster: Raycaster, hits: Hits) -> np.ndarray:
    """Return linear RGB radiance (H, W, 3) float32; black where nothing was met."""
    image = np.zeros(hits.points.shape, np.float32)
    surroundings = fractal(rng, TOOL_TEXTURE, 4, 4, 0.6)
    reach = [caster.lit(hits.points, position) for position in world.lighting.positions]
    for number, layer in enumerate(hits.layers):
        mask = hits.layer == number
        if not mask.any():
            continue
        if layer.tool < 0:
            surface = _tissue(world, hits, mask, layer.index)
        else:
            surface = _tool(world, hits, mask, layer.tool, layer.surface.material)
        image[mask] = _illuminate(world.lighting, hits.points[mask], [r[mask] for r in reach], *surface, surroundings)
    return image


def _illuminate(
    lighting: Lighting, points: np.ndarray, reach: list[np.ndarray], normals: np.ndarray, albedo: np.ndarray,
    specular: np.ndarray, gloss: float, mirror: float, wrap: float, surroundings: np.ndarray,
) -> np.ndarray:
    view = -_unit(points)
    total = np.zeros_like(albedo)
    for position, lit in zip(lighting.positions, reach, strict=True):
        way = (position - points).astype(np.float32)
        distance = np.linalg.norm(way, axis=-1, keepdims=True) + 1e-6
        light = way / distance
        strength = (0.08 / distance) ** lighting.falloff * np.where(lit, 1.0, lighting.ambient)[:, None]
        cosine = np.sum(normals * light, -1, keepdims=True)
        diffuse = np.clip((cosine + wrap) / (1 + wrap), 0, 1)
        half = np.clip(np.sum(normals * _unit(light + view), -1, keepdims=True), 0, 1)
        glare = specular * half**gloss * (lit[:, None] > 0)
        total += strength * (albedo * diffuse + glare)
    if mirror:
        total += mirror * _reflection(lighting, view, normals, surroundings) * albedo
    return total / len(reach)


def _reflection(lighting: Lighting, view: np.ndarray, normals: np.ndarray, surroundings: np.ndarray) -> np.ndarray:
    direction = 2 * np.sum(normals * view, -1, keepdims=True) * normals - view
    tone = np.clip(0.35 + 0.8 * lookup(surroundings, 0.5 + 0.5 * direction[:, 0], 0.5 + 0.5 * direction[:, 1]), 0, None)[:, None]
    towards_lens = np.clip(-direction[:, 2:3], 0, 1)  # the endoscope's own light comes from there
    return (tone * lighting.surroundings + 2.5 * towards_lens**4).astype(np.float32)


def _tissue(world: World, hits: Hits, mask: np.ndarray, index: int) -> tuple:
    tissue, points = world.tissue, hits.points[mask]
    u = (points[:, 0] + 0.5 * points[:, 2]) / tissue.texture_size + 0.37 * index
    v = (points[:, 1] - 0.4 * points[:, 2]) / tissue.texture_size + 0.61 * index
    albedo = lookup(tissue.albedo[index], u, v)
    slopes = lookup(tissue.bumps, 2 * u, 2 * v)
    normals = hits.normals[mask].copy()
    normals[:, :2] += slopes
    shine = world.lighting.shine * lookup(tissue.wetness, u, v)[:, None]
    return _unit(normals), albedo, shine, world.lighting.gloss, 0.0, WRAP


def _tool(world: World, hits: Hits, mask: np.ndarray, tool: int, material: int) -> tuple:
    finish, local = world.tools[tool].finishes[material], hits.local[mask]
    turn = np.arctan2(local[:, 1], local[:, 0]) / (2 * np.pi)
    marks = lookup(finish.scratches, turn, local[:, 2] / 0.06)[:, None]
    specular = np.full_like(marks, finish.specular)
    return hits.normals[mask], finish.albedo * marks, specular, finish.gloss, finish.mirror, 0.0
