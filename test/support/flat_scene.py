"""Worlds small enough to check: a wall across the view and suction tubes, which need no meshes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.renderer.domains.file import load_domain
from mt3dnet_ros.renderer.meshes import TISSUE, Mesh
from mt3dnet_ros.renderer.scene.lighting import Lighting
from mt3dnet_ros.renderer.scene.world import PlacedTool, World
from mt3dnet_ros.renderer.tissue.tissue import Tissue
from mt3dnet_ros.renderer.tissue.vessels import TEXTURE
from mt3dnet_ros.renderer.tools.finishes import sample_finishes
from mt3dnet_ros.renderer.tools.instruments import suction

ENDOSCOPE = load_domain('endoscope')
TUBES = replace(ENDOSCOPE, tools=replace(ENDOSCOPE.tools, classes={6: 1}, counts={2: 1}))
CAMERA = Camera(160, 128, 130.0, 130.0, 79.5, 63.5)


def flat_world(distance: float, *tools, light: tuple = (0.0, 0.0, 0.0), falloff: float = 1.0) -> World:
    """Put a wall across the view, so that every depth is known."""
    corners = np.array([[x, y, distance] for x in (-1.0, 1.0) for y in (-1.0, 1.0)])
    wall = Mesh(corners, np.array([[0, 1, 2], [1, 3, 2]]), np.tile([0.0, 0.0, -1.0], (4, 1)), TISSUE)
    flat = np.zeros((TEXTURE, TEXTURE), np.float32)
    albedo = np.full((1, TEXTURE, TEXTURE, 3), 0.4, np.float32)
    tissue = Tissue((wall,), albedo, np.stack([flat, flat], -1)[None], flat[None], 0.1)
    lighting = Lighting(np.array([light]), falloff, 0.3, np.full(3, 0.3), 50.0, 0.5)
    return World(CAMERA, tissue, lighting, tools)


def suction_at(tip: np.ndarray) -> PlacedTool:
    """Put a suction tube with its tip at a point in metres."""
    finishes = sample_finishes(np.random.default_rng(0), ENDOSCOPE.finishes, 6)
    return PlacedTool(suction(), np.asarray(tip), np.array([0.1, 0.0, 0.0]), 0.3, {}, finishes)


def folder_without_meshes(folder: Path) -> Path:
    """Make a folder of meshes that holds none: enough for the suction tubes of ``TUBES``."""
    (folder / 'dvrk_model' / 'urdf_flat').mkdir(parents=True)
    return folder
