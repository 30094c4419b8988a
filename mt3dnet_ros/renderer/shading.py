"""Light and colour: from what the rays hit to linear radiance."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from mt3dnet_ros.renderer.noise import fractal_noise, sample_texture
from mt3dnet_ros.renderer.raycast import Hits, Raycaster, SceneMesh, unit
from mt3dnet_ros.renderer.scene.lighting import Lighting
from mt3dnet_ros.renderer.scene.world import World
from mt3dnet_ros.renderer.tools.finishes import TEXTURE as TOOL_TEXTURE
from mt3dnet_ros.renderer.tools.finishes import Finish

REFERENCE = np.float32(0.08)  # metres at which light has strength 1
WRAP = 0.25  # light that bleeds round the edge of soft tissue


class ShadingPoints(NamedTuple):
    """N visible points of one mesh, and how they reflect light.

    :param points: (N, 3) float32 metres, camera frame
    :param normals: (N, 3) unit vectors
    :param albedo: (N, 3) linear colour
    :param specular: (N, 1) strength of the highlight
    :param gloss: Blinn-Phong exponent
    :param mirror: strength of the reflected surroundings
    :param wrap: light that bleeds round the edge, see ``WRAP``
    :param sheen: strength of reflections that do not take the colour
    """

    points: np.ndarray
    normals: np.ndarray
    albedo: np.ndarray
    specular: np.ndarray
    gloss: float
    mirror: float = 0.0
    wrap: float = 0.0
    sheen: float = 0.0


def shade(rng: np.random.Generator, world: World, caster: Raycaster, hits: Hits) -> np.ndarray:
    """Return linear RGB radiance (H, W, 3) float32; black where nothing was hit."""
    image = np.zeros(hits.points.shape, np.float32)
    surroundings = fractal_noise(rng, TOOL_TEXTURE, 4, 4, 0.6)
    start = world.lighting.shadow_start
    visibility = [caster.light_visibility(hits.points, position, start) for position in world.lighting.positions]
    for number, shown in enumerate(hits.meshes):
        mask = hits.mesh_index == number
        if mask.any():
            points = _shading_points(world, hits, mask, shown)
            image[mask] = _illuminate(world.lighting, [v[mask] for v in visibility], points, hits.eye, surroundings)
    return image


def _shading_points(world: World, hits: Hits, mask: np.ndarray, shown: SceneMesh) -> ShadingPoints:
    if shown.prop >= 0:
        return _prop_points(world, hits, mask, shown.prop)
    if shown.tool >= 0:
        return _tool_points(world, hits, mask, shown.tool, shown.mesh.material)
    return _tissue_points(world, hits, mask, shown.texture)


def _illuminate(
    lighting: Lighting, visibility: list[np.ndarray], look: ShadingPoints, eye: np.ndarray, surroundings: np.ndarray
) -> np.ndarray:
    view = unit(eye - look.points)
    reflection = look.mirror * _reflection(lighting, view, look.normals, surroundings) if look.mirror else 0.0
    total = np.zeros_like(look.albedo)
    for position, lit in zip(lighting.positions, visibility, strict=True):
        way = (position - look.points).astype(np.float32)
        distance = np.sqrt(_dot(way, way)) + np.float32(1e-6)
        light, lit = way / distance, lit[:, None]
        strength = (REFERENCE / distance) ** np.float32(lighting.falloff)
        diffuse = np.clip((_dot(look.normals, light) + look.wrap) / (1 + look.wrap), 0, 1)
        half = np.clip(_dot(look.normals, unit(light + view)), 0, 1)
        glare = look.specular * half ** np.float32(look.gloss) * lit
        shadow = lit + (1 - lit) * np.float32(lighting.ambient)
        total += strength * (shadow * (look.albedo * diffuse) + glare + reflection * (look.albedo + look.sheen))
    return total / len(visibility)


def _dot(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    return np.einsum('ni,ni->n', first, second)[:, None]


def _reflection(lighting: Lighting, view: np.ndarray, normals: np.ndarray, surroundings: np.ndarray) -> np.ndarray:
    direction = 2 * _dot(normals, view) * normals - view
    u, v = 0.5 + 0.5 * direction[:, 0], 0.5 + 0.5 * direction[:, 1]
    tone = np.clip(0.35 + 0.8 * sample_texture(surroundings, u, v), 0, None)[:, None]
    towards_lens = np.clip(-direction[:, 2:3], 0, 1)  # the endoscope's own light comes from there
    return (tone * lighting.surroundings + 2.5 * towards_lens**4).astype(np.float32)


def _tissue_points(world: World, hits: Hits, mask: np.ndarray, index: int) -> ShadingPoints:
    tissue, points = world.tissue, hits.points[mask]
    x, y, z = tissue.anchored(points).T
    u = (x + 0.5 * z) / tissue.texture_size + 0.37 * index
    v = (y - 0.4 * z) / tissue.texture_size + 0.61 * index
    albedo = sample_texture(tissue.albedo[index], u, v)
    slopes = sample_texture(tissue.bumps[index], u, v)
    normals = hits.normals[mask].copy()
    normals[:, :2] += slopes
    shine = world.lighting.shine * sample_texture(tissue.wetness[index], u, v)[:, None]
    return ShadingPoints(points, unit(normals), albedo, shine, world.lighting.gloss, wrap=WRAP)


def _tool_points(world: World, hits: Hits, mask: np.ndarray, tool: int, material: int) -> ShadingPoints:
    local = hits.local[mask]
    turn = np.arctan2(local[:, 1], local[:, 0]) / (2 * np.pi)
    return _finish_points(hits, mask, world.tools[tool].finishes[material], turn, local[:, 2] / 0.06)


def _prop_points(world: World, hits: Hits, mask: np.ndarray, number: int) -> ShadingPoints:
    prop = world.props[number]
    u, v, _ = hits.local[mask].T / np.float32(prop.texture_size)
    return _finish_points(hits, mask, prop.finish, u, v)._replace(wrap=prop.wrap)


def _finish_points(hits: Hits, mask: np.ndarray, finish: Finish, u: np.ndarray, v: np.ndarray) -> ShadingPoints:
    marks = sample_texture(finish.scratches, u, v).reshape(len(u), -1)  # one column, or three of a coloured texture
    albedo = finish.albedo * marks
    if finish.stain:
        albedo += sample_texture(finish.stain.share, u, v)[:, None] * (finish.stain.colour - albedo)
    return ShadingPoints(
        hits.points[mask],
        hits.normals[mask],
        albedo,
        np.full((len(u), 1), finish.specular, np.float32),
        finish.gloss,
        finish.mirror,
        sheen=finish.sheen,
    )
