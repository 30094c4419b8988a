"""Hands, bare or gloved, of simple shapes: a palm, fingers that bend, a wrist with a sleeve."""

from __future__ import annotations

import cv2
import numpy as np

from mt3dnet_ros.renderer.bench.colours import GLOVES, SKIN, any_hue, one_of, pale
from mt3dnet_ros.renderer.bench.patterns import CLOTHS, TEXTURE, material
from mt3dnet_ros.renderer.bench.shapes import Shape, joined, pose_of, tube
from mt3dnet_ros.renderer.bench.solids import Solid, Thing, finish_of
from mt3dnet_ros.renderer.noise import fractal_noise
from mt3dnet_ros.renderer.scene.contents import WRAP
from mt3dnet_ros.renderer.swept import curve

FINGERS = ((-0.030, 0.066, 0.0083), (-0.010, 0.074, 0.0088), (0.011, 0.068, 0.0085), (0.030, 0.053, 0.0074))
"""Of each finger: place across the palm, length and radius, metres."""
PALM = 0.085  # metres from the wrist to the knuckles


def hand(rng: np.random.Generator) -> Thing:
    """Sample a hand that lies on its side of z = 0, its wrist at -x, with its middle near the origin."""
    size, side = rng.uniform(0.85, 1.15), rng.choice([-1.0, 1.0])
    bend, spread = rng.uniform(0.0, 0.9), rng.uniform(0.0, 0.25)
    fingers = [_finger(rng, place, length, radius, bend, spread) for place, length, radius in FINGERS]
    flesh = joined([_palm(), _thumb(rng), *fingers])
    points = flesh.mesh.vertices * size * [1.0, side, 1.0]
    lowest = points[:, 2].min()
    grown = Shape(
        type(flesh.mesh)(points - [0, 0, lowest], flesh.mesh.triangles, flesh.mesh.normals * [1, side, 1]), flesh.uv
    )
    skin = Solid(grown, finish_of(rng, _skin(rng), (0.0, 0.5)), 0.09, WRAP)
    return (skin, _sleeve(rng, size, -lowest)) if rng.random() < 0.6 else (skin,)


def _palm() -> Shape:
    path = np.array(
        [[-0.11, 0, 0], [-0.075, 0, 0], [-0.05, 0, 0.001], [-0.02, 0, 0.002], [0.0, 0, 0], [0.012, 0, -0.004]]
    )
    breadth = np.array([[0.027, 0.019], [0.03, 0.019], [0.038, 0.018], [0.043, 0.016], [0.042, 0.0125], [0.036, 0.006]])
    return tube(curve(path, 20), _ordered(path, curve(breadth, 20)), 18)


def _ordered(path: np.ndarray, axes: np.ndarray) -> np.ndarray:
    """Return half axes (N, 2) in the order in which ``tube`` takes them for a path along x: first z, then y."""
    return axes[:, ::-1] if abs(path[-1, 0] - path[0, 0]) > 0 else axes


def _finger(rng: np.random.Generator, place: float, length: float, radius: float, bend: float, spread: float) -> Shape:
    turn = spread * place / 0.03 + 0.04 * rng.standard_normal()
    angles = np.cumsum([0.3 * bend, 0.8 * bend, 0.6 * bend]) * rng.uniform(0.7, 1.2)
    steps = length * np.array([0.45, 0.32, 0.23])
    along = np.cumsum(np.concatenate([[0.0], steps * np.cos(angles)]))
    down = np.cumsum(np.concatenate([[0.0], steps * np.sin(angles)]))
    knots = np.stack([along * np.cos(turn), place + along * np.sin(turn), -down], -1)
    knots = np.vstack([[[-0.012, place * 0.9, 0.001]], knots])
    way = curve(knots, 22)
    share = np.linspace(0, 1, 22)
    tip = np.sqrt(np.clip(1 - ((share - 0.9) / 0.1).clip(0, 1) ** 2, 0.02, 1))
    knuckle = 1 + 0.07 * np.exp(-(((share - 0.55) / 0.06) ** 2)) + 0.05 * np.exp(-(((share - 0.78) / 0.05) ** 2))
    return tube(way, radius * tip * knuckle * (1.08 - 0.2 * share), 12)


def _thumb(rng: np.random.Generator) -> Shape:
    out = rng.uniform(0.4, 1.3)
    root, length = np.array([-0.06, -0.026, -0.002]), 0.075
    knots = root + np.outer([0.0, 0.4, 0.75, 1.0], [np.cos(out), -np.sin(out), -0.15]) * length
    share = np.linspace(0, 1, 18)
    tip = np.sqrt(np.clip(1 - ((share - 0.86) / 0.14).clip(0, 1) ** 2, 0.02, 1))
    return tube(curve(knots, 18), 0.0145 * tip * (1.1 - 0.35 * share), 12)


def _sleeve(rng: np.random.Generator, size: float, height: float) -> Solid:
    path = np.array([[-0.095, 0, height], [-0.16, 0, height], [-0.34, 0, height + 0.05]]) * [size, 1, 1]
    shape = tube(curve(path, 12), size * np.linspace(0.031, rng.uniform(0.035, 0.055), 12), 16)
    picture = material(rng, CLOTHS, any_hue(rng) if rng.random() < 0.7 else pale(rng), 70)
    return Solid(shape, finish_of(rng, picture, (0.0, 0.1)), 0.06, WRAP)


def _skin(rng: np.random.Generator) -> np.ndarray:
    """Return the picture of skin or of a glove: mottled, with creases across."""
    colour = one_of(rng, SKIN if rng.random() < 0.5 else GLOVES)
    tone = 1 + rng.uniform(0.01, 0.06) * fractal_noise(rng, TEXTURE, 12, 4)
    rows = _creases(rng)
    red = np.array([0.02, -0.03, -0.03]) * fractal_noise(rng, TEXTURE, 4, 3)[..., None]
    return np.clip(colour * (tone * rows)[..., None] + red * rng.random(), 0, 1).astype(np.float32)


def _creases(rng: np.random.Generator) -> np.ndarray:
    """Return a factor (TEXTURE, TEXTURE) with soft, uneven creases in groups along the rows."""
    tone = np.zeros((TEXTURE, 1), np.float32)
    for start in rng.integers(0, TEXTURE - 12, 7):
        tone[start + 3 * np.arange(int(rng.integers(1, 4)))] = rng.uniform(0.1, 0.5)
    soft = cv2.GaussianBlur(np.repeat(tone, TEXTURE, 1), (0, 0), 1.2)
    uneven = np.clip(0.5 + 0.5 * fractal_noise(rng, TEXTURE, 8, 2), 0, 1)
    return np.float32(1) - soft * uneven


def reaching(rng: np.random.Generator, lift: float) -> np.ndarray:
    """Return a pose (4, 4) on the table for a hand that reaches in from any side, lifted by some metres."""
    return pose_of([0.0, 0.0, lift], rng.uniform(0, 2 * np.pi), 0.25 * rng.standard_normal(2))
