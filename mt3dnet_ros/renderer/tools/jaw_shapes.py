"""Jaws of large and disposable tools: plated, serrated and fenestrated ones, halves of a stapler, blades and pads.

Each runs from its hinge at 0 towards z, on one side (1 or -1) of the plane x, z. Lengths are metres.
"""

from __future__ import annotations

import numpy as np

from mt3dnet_ros.renderer.meshes import COVER, METAL, PAD, Mesh
from mt3dnet_ros.renderer.revolved import block
from mt3dnet_ros.renderer.swept import curve, swept


def _path(side: int, length: float, height: np.ndarray | float, bend: float = 0.0, points: int = 24) -> np.ndarray:
    share = np.linspace(0, 1, points)
    return np.column_stack([bend * share**2, side * np.broadcast_to(height, points), length * share])


def plated(side: int, length: float, width: float, bend: float, cover: int = COVER) -> tuple[Mesh, ...]:
    """Return a jaw of a sealing device: an insulated back, and two bright plates with a slot between them."""
    share = np.linspace(0, 1, 24)
    thickness = 0.55 * width * (1 - 0.45 * share)
    half = np.column_stack([width * (1 - 0.35 * share), thickness])
    half[-1] *= 0.5
    back = swept(_path(side, length, thickness + 0.0004, bend), half, 12, cover)
    rails = (_path(side, 0.96 * length, 0.0002, bend) + [shift, 0, 0] for shift in (-0.42 * width, 0.42 * width))
    return (back, *(block(rail, half[:, :1] * [0.36, 0.0] + [0.0, 0.0005], METAL) for rail in rails))


def serrated(side: int, length: float, width: float, teeth: int, cover: int = COVER) -> tuple[Mesh, ...]:
    """Return a jaw with teeth along its inner face."""
    points = 4 * teeth + 1
    share = np.linspace(0, 1, points)
    depth = 0.22 * width * (np.arange(points) % 4 >= 2)
    thickness = 0.6 * width * (1 - 0.5 * share)
    half = np.column_stack([width * (1 - 0.3 * share), thickness - 0.5 * depth])
    half[-1] *= 0.6
    return (swept(_path(side, length, thickness + 0.5 * depth, points=points), half, 12, cover),)


def fenestrated(side: int, length: float, width: float, rail: float, cover: int = COVER) -> tuple[Mesh, ...]:
    """Return a jaw with a window: a rail that runs out to the tip and back."""
    outline = [[-0.5, 0.0], [-1.0, 0.22], [-1.0, 0.8], [-0.55, 0.97], [0.55, 0.97], [1.0, 0.8], [1.0, 0.22], [0.5, 0.0]]
    across, along = np.array(outline).T
    ring = curve(np.column_stack([width * across, np.full(8, 1.1 * side * rail), length * along]), 48)
    root = block(_path(side, 0.25 * length, 1.1 * rail, points=2), np.array([0.8 * width, 0.9 * rail]), cover)
    return swept(ring, rail, 8, cover), root


def cartridge(length: float, radius: float) -> tuple[Mesh, ...]:
    """Return the half of a stapler that holds the staples: a channel, a coloured deck and the knife's slot."""
    share = np.array([0.0, 0.05, 0.9, 1.0])
    taper = np.array([0.8, 1.0, 1.0, 0.6])[:, None]
    path = np.column_stack([np.zeros(4), np.full(4, -0.45 * radius), length * share])
    channel = swept(path, taper * [0.92 * radius, 0.5 * radius], 14, METAL)
    deck = block(path + [0, 0.3 * radius, 0], taper * [0.78 * radius, 0.22 * radius], PAD)
    slot = block(path[:3] + [0, 0.44 * radius, 0], np.array([0.07 * radius, 0.1 * radius]), COVER)
    return channel, deck, slot


def anvil(length: float, radius: float) -> tuple[Mesh, ...]:
    """Return the half of a stapler that forms the staples: thinner, its tip turned up."""
    share = np.linspace(0, 1, 12)
    height = radius * (0.42 + 0.25 * np.clip(share - 0.85, 0, 1) / 0.15)
    half = radius * np.column_stack([0.86 - 0.35 * share**4, 0.36 - 0.16 * share])
    return (swept(_path(1, length, height, points=12), half, 14, METAL),)


def blade(length: float, radius: float, bend: float) -> tuple[Mesh, ...]:
    """Return a bright, curved rod that tapers: the blade of ultrasonic shears."""
    share = np.linspace(1, 0.65, 16)
    return (swept(_path(-1, length, 0.9 * radius, bend, 16), radius * share, 12, METAL),)


def padded(length: float, width: float, bend: float) -> tuple[Mesh, ...]:
    """Return the arm that presses tissue on a blade, with its pale pad."""
    share = np.linspace(0, 1, 16)
    half = np.column_stack([width * (1 - 0.3 * share), 0.6 * width * (1 - 0.5 * share)])
    arm = swept(_path(1, length, 0.9 * width, bend, 16), half, 12, COVER)
    return arm, block(_path(1, 0.95 * length, 0.25 * width, bend, 16), half * [0.7, 0.5], PAD)


def clip_arm(side: int, length: float, width: float) -> tuple[Mesh, ...]:
    """Return an arm of a clip applier: slim, bowed outward, its end hooked inward."""
    knots = np.array([[0.3, 0.0], [0.9, 0.25], [1.0, 0.7], [0.85, 0.93], [0.45, 1.0]])
    path = curve(np.column_stack([np.zeros(5), side * width * knots[:, 0], length * knots[:, 1]]), 20)
    return (swept(path, np.tile([0.35 * width, 0.25 * width], (20, 1)), 10, COVER),)
