"""What surgeons and robots train on: blocks, organs and bowls of silicone and foam, suture pads, peg boards, rings."""

from __future__ import annotations

import numpy as np

from mt3dnet_ros.renderer.bench.colours import DRAPES, FLESH, any_colour, any_hue, dark, one_of, pale
from mt3dnet_ros.renderer.bench.patterns import CLOTHS, HARD, material, mottled, plain, speckled, wooden
from mt3dnet_ros.renderer.bench.prints import suture_lines
from mt3dnet_ros.renderer.bench.shapes import (
    Shape,
    arc_of,
    box,
    cylinder_of,
    joined,
    plate,
    pose_of,
    prism,
    sheet,
    turned,
)
from mt3dnet_ros.renderer.bench.solids import Solid, Thing, any_finish, finish_of, plastic
from mt3dnet_ros.renderer.noise import fractal_noise
from mt3dnet_ros.renderer.scene.contents import WRAP


def _phantom_colour(rng: np.random.Generator) -> np.ndarray:
    return one_of(rng, FLESH) if rng.random() < 0.6 else pale(rng) if rng.random() < 0.4 else any_colour(rng)


def block(rng: np.random.Generator) -> Thing:
    """Sample a block, slab, wedge or disc of foam, silicone, wood or plastic."""
    width, depth = rng.uniform(0.015, 0.11, 2)
    height, kind = rng.uniform(0.003, 0.05), rng.random()
    if kind < 0.6:
        shape = box(width, depth, height)
    elif kind < 0.8:
        shape = cylinder_of(0.5 * width, height)
    else:
        n = int(rng.integers(3, 9))
        shape = prism(_polygon(n, 0.5 * width, rng.uniform(0, 1)), height, rng.uniform(0.4, 1.0))
    picture = material(rng, (plain, mottled, speckled, speckled, wooden), _phantom_colour(rng), 50)
    return (Solid(shape, finish_of(rng, picture, (0.0, 0.5)), rng.uniform(0.03, 0.12), WRAP * rng.random()),)


def _polygon(corners: int, radius: float, turn: float) -> np.ndarray:
    angle = turn + np.linspace(0, 2 * np.pi, corners, endpoint=False)
    return radius * np.stack([np.cos(angle), np.sin(angle)], -1)


def organ(rng: np.random.Generator) -> Thing:
    """Sample a lump like an organ: of silicone, of meat, or an inflated glove."""
    theta, height = np.linspace(0, 2 * np.pi, 40), np.linspace(0, 0.5 * np.pi, 14)[::-1]
    angle, rise = np.meshgrid(theta, height)
    swell = 1 + rng.uniform(0.05, 0.25) * _closed_noise(rng, angle.shape)
    axes = rng.uniform(0.008, 0.06) * rng.uniform(0.5, 1.4, 3)
    points = np.stack([np.cos(angle) * np.cos(rise), np.sin(angle) * np.cos(rise), np.sin(rise)], -1)
    points = points * swell[..., None] * axes
    picture = material(rng, (plain, mottled, mottled), _phantom_colour(rng), 40)
    finish = finish_of(rng, picture, (0.0, 1.0))
    return (Solid(sheet(points, points[..., :2] + 0.5 * points[..., 2:]), finish, rng.uniform(0.03, 0.1), WRAP),)


def _closed_noise(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Return noise over a grid whose first and last column are alike and whose upper row is one value."""
    rows, columns = shape
    noise = fractal_noise(rng, max(shape), 3, 3)[:rows, :columns].astype(float)
    fade = np.linspace(0, 1, columns)
    noise = noise + fade * (noise[:, :1] - noise[:, -1:])
    return noise * np.linspace(0, 1, rows)[:, None]


def bowl(rng: np.random.Generator) -> Thing:
    """Sample a bowl, dish, tray or lid."""
    radius, height, wall = rng.uniform(0.015, 0.08), rng.uniform(0.005, 0.05), rng.uniform(0.001, 0.004)
    share = np.linspace(0, 1, 9)
    foot, power = rng.uniform(0.3, 0.95) * radius, rng.uniform(1.0, 4.0)
    side = np.stack([foot + (radius - foot) * share, height * share**power], -1)
    inner = (side - [wall, -wall])[::-1]
    rim = [[radius, height], [radius - wall, height + wall]]
    shape = turned(side, rim, inner, [[foot - wall, wall], [0, wall]], sides=36)
    return (Solid(shape, any_finish(rng), 0.1),)


def suture_pad(rng: np.random.Generator) -> Thing:
    """Sample a pad with printed lines, cuts and dots."""
    width, depth, height = rng.uniform(0.03, 0.14), rng.uniform(0.03, 0.12), rng.uniform(0.002, 0.025)
    picture = suture_lines(rng)
    top = Solid(plate(width, depth, height + 1e-4), finish_of(rng, picture, (0.0, 0.6)), wrap=WRAP)
    body = Solid(box(width, depth, height), plastic(rng, picture[0, 0]), 0.1, WRAP)
    return top, body


def ring_shape(radius: float, width: float) -> Shape:
    """Return a ring that lies on z = 0, from the middle of its section at a radius; ``width`` is half its section's."""
    return turned(arc_of(width, width, (-np.pi, np.pi), radius, 13), sides=24)


def triangle_shape(size: float, height: float) -> Shape:
    """Return one of the triangles with a hole that are moved from peg to peg, without its hole."""
    outline = _polygon(3, size, 0.0)
    after = np.roll(outline, -1, 0)
    cut = np.stack([0.85 * outline + 0.15 * after, 0.15 * outline + 0.85 * after], 1)  # corners are cut off
    return prism(cut.reshape(-1, 2), height, 0.9)


def _trinket(rng: np.random.Generator) -> Shape:
    if rng.random() < 0.5:
        return ring_shape(rng.uniform(0.004, 0.014), rng.uniform(0.0008, 0.003))
    return triangle_shape(rng.uniform(0.006, 0.014), rng.uniform(0.006, 0.02))


def peg_board(rng: np.random.Generator) -> Thing:
    """Sample a board with pegs, on some of which rings and triangles lie."""
    columns, rows = rng.integers(2, 6, 2)
    pitch, high, peg = rng.uniform(0.014, 0.03), rng.uniform(0.008, 0.035), rng.uniform(0.001, 0.0025)
    thick = rng.uniform(0.002, 0.02)
    board = box(pitch * (columns + 1), pitch * (rows + 1), thick)
    places = [
        [(i - 0.5 * (columns - 1)) * pitch, (j - 0.5 * (rows - 1)) * pitch]
        for i in range(columns)
        for j in range(rows)
        if rng.random() < 0.85
    ] or [[0.0, 0.0]]
    leans = 0.05 * rng.standard_normal((len(places), 2))
    pegs = [
        cylinder_of(peg, high, 12).moved(pose_of([*place, thick], lean=lean))
        for place, lean in zip(places, leans, strict=True)
    ]
    colours = [one_of(rng, DRAPES) if rng.random() < 0.3 else any_hue(rng) for _ in range(2)]
    peg_colour = dark(rng) if rng.random() < 0.5 else any_colour(rng)
    thing = [
        Solid(
            board, finish_of(rng, material(rng, HARD, pale(rng) if rng.random() < 0.5 else any_colour(rng), 40)), 0.1
        ),
        Solid(joined(pegs), plastic(rng, peg_colour), 0.03),
    ]
    worn = [_trinket(rng).moved(pose_of([*place, thick], rng.uniform(0, 6))) for place in places if rng.random() < 0.5]
    for colour in colours:
        if own := [shape for shape in worn if rng.random() < 0.6]:
            thing.append(Solid(joined(own), plastic(rng, colour), 0.03, WRAP))
            worn = [shape for shape in worn if all(shape is not other for other in own)]
    return tuple(thing)


def rings(rng: np.random.Generator) -> Thing:
    """Sample a few rings, triangles, beads or cubes of rubber or plastic, scattered."""
    spread = rng.uniform(0.01, 0.06)
    shapes = []
    for _ in range(rng.integers(1, 9)):
        shape = _trinket(rng) if rng.random() < 0.8 else box(*rng.uniform(0.004, 0.014, 3))
        shapes.append(shape.moved(pose_of([*rng.normal(0, spread, 2), 0.0], rng.uniform(0, 6))))
    split = int(rng.integers(len(shapes) + 1))
    groups = [group for group in (shapes[:split], shapes[split:]) if group]
    return tuple(Solid(joined(group), plastic(rng, any_hue(rng)), 0.03, WRAP) for group in groups)


def cloth(rng: np.random.Generator) -> Thing:
    """Sample a crumpled or folded cloth, gauze or paper towel."""
    n, size = 40, rng.uniform(0.03, 0.2)
    u, v = np.meshgrid(np.linspace(-0.5, 0.5, n), np.linspace(-0.5, 0.5, n))
    height = np.abs(fractal_noise(rng, n, int(rng.integers(1, 6)), 3)) * rng.uniform(0.01, 0.08) * size + 0.0006
    points = np.stack([u * size, v * size * rng.uniform(0.4, 1.0), height], -1)
    picture = material(rng, CLOTHS, one_of(rng, DRAPES) if rng.random() < 0.5 else any_colour(rng), 70)
    return (Solid(sheet(points, points[..., :2]), finish_of(rng, picture, (0.0, 0.1)), rng.uniform(0.02, 0.1), WRAP),)
