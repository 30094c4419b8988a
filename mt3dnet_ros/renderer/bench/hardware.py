"""What else lies on a lab's table: buttons, boxes, screws, bottles, cables, threads, pens, papers, boards, scraps."""

from __future__ import annotations

import numpy as np

from mt3dnet_ros.renderer.bench.colours import PLASTICS as PLASTIC_COLOURS
from mt3dnet_ros.renderer.bench.colours import any_colour, any_hue, dark, one_of, pale
from mt3dnet_ros.renderer.bench.prints import BOARDS, PAPERS, drawing, panel, printed, text_page
from mt3dnet_ros.renderer.bench.shapes import (
    Shape,
    arc_of,
    box,
    cylinder_of,
    joined,
    lying,
    plate,
    pose_of,
    prism,
    sheet,
    tube,
    turned,
)
from mt3dnet_ros.renderer.bench.solids import Solid, Thing, any_finish, finish_of, metal_finish, plastic
from mt3dnet_ros.renderer.noise import fractal_noise
from mt3dnet_ros.renderer.swept import arc, curve


def button(rng: np.random.Generator) -> Thing:
    """Sample an emergency stop, a push button, a knob or a switch on its box."""
    width, depth, high = rng.uniform(0.03, 0.08), rng.uniform(0.03, 0.09), rng.uniform(0.015, 0.06)
    body = np.array([0.95, 0.8, 0.1]) if rng.random() < 0.5 else any_colour(rng)
    head = np.array([0.85, 0.1, 0.08]) if rng.random() < 0.6 else any_colour(rng)
    radius = rng.uniform(0.2, 0.42) * min(width, depth)
    neck, cap = rng.uniform(0.3, 0.8) * radius, radius * rng.uniform(0.3, 0.9)
    stem = cylinder_of(0.7 * radius, neck).moved(pose_of([0, 0, high]))
    dome = turned(
        [[0.75 * radius, 0], [radius, 0.15 * cap], [0.97 * radius, 0.6 * cap]],
        [[0.97 * radius, 0.6 * cap], [0.75 * radius, 0.92 * cap], [0, cap]],
    ).moved(pose_of([0, 0, high + neck]))
    corners = [(x * 0.42 * width, y * 0.42 * depth) for x in (-1, 1) for y in (-1, 1)]
    screws = joined([cylinder_of(0.003, 0.0015, 10).moved(pose_of([x, y, high])) for x, y in corners])
    label = plate(0.8 * width, 0.25 * depth, high + 2e-4).moved(pose_of([0, -0.33 * depth, 0]))
    return (
        Solid(box(width, depth, high), plastic(rng, body), 0.08),
        Solid(stem, plastic(rng, dark(rng)), 0.03),
        Solid(dome, plastic(rng, head), 0.05),
        Solid(screws, metal_finish(rng), 0.02),
        Solid(label, finish_of(rng, drawing(rng))),
    )


def crate(rng: np.random.Generator) -> Thing:
    """Sample a box, device or case; its top or its front may be printed."""
    width, depth, high = rng.uniform(0.015, 0.14), rng.uniform(0.015, 0.12), rng.uniform(0.006, 0.07)
    body = Solid(box(width, depth, high), any_finish(rng), rng.uniform(0.03, 0.15))
    if rng.random() < 0.4:
        return (body,)
    picture = printed(rng, (panel, drawing, text_page))
    front = plate(0.92 * width, 0.92 * high).moved(_upright(-0.5 * depth - 2e-4, 0.5 * high))
    return body, Solid(joined([plate(0.9 * width, 0.9 * depth, high + 2e-4), front]), finish_of(rng, picture))


def _upright(y: float, z: float) -> np.ndarray:
    return pose_of([0.0, y, z], lean=(0.5 * np.pi, 0.0))


def screws(rng: np.random.Generator) -> Thing:
    """Sample screws, nuts, washers, bolts and clips that lie about."""
    shapes = []
    for _ in range(rng.integers(1, 9)):
        radius, length = rng.uniform(0.001, 0.0025), rng.uniform(0.004, 0.02)
        kind = rng.integers(4)
        if kind == 0:
            shape = lying(joined([cylinder_of(radius, length, 10), cylinder_of(2 * radius, radius, 6)]), 2 * radius)
        elif kind == 1:
            angle = np.linspace(0, 2 * np.pi, 6, endpoint=False)
            shape = prism(2 * radius * np.stack([np.cos(angle), np.sin(angle)], -1), 1.5 * radius)
        elif kind == 2:
            shape = turned(arc_of(0.4 * radius, 0.4 * radius, (-np.pi, np.pi), 2 * radius), sides=16)
        else:
            shape = joined([cylinder_of(2 * radius, radius, 12), cylinder_of(radius, 2.5 * radius, 6)])
        at = rng.normal(0, rng.uniform(0.005, 0.04), 2)
        shapes.append(shape.moved(pose_of([*at, 0.0], rng.uniform(0, 6))))
    return (Solid(joined(shapes), metal_finish(rng), 0.02),)


def container(rng: np.random.Generator) -> Thing:
    """Sample a bottle, cup, can, cap, jar, roll of tape or spool, standing or lying."""
    radius, high = rng.uniform(0.006, 0.04), rng.uniform(0.008, 0.1)
    neck, lid = rng.uniform(0.3, 1.0) * radius, rng.uniform(0.1, 0.3) * high
    body = turned([[radius, 0], [radius, high]], [[radius, high], [neck, high + 0.3 * lid]], [[neck, high], [0, high]])
    top = cylinder_of(neck, lid).moved(pose_of([0, 0, high]))
    label = turned([[radius + 2e-4, 0.2 * high], [radius + 2e-4, 0.75 * high]])
    label = Shape(label.mesh, label.uv / max(float(np.ptp(label.uv[:, 0])), 1e-6))
    thing: Thing = (Solid(body, any_finish(rng), 0.08), Solid(top, plastic(rng), 0.03))
    if rng.random() < 0.5:
        thing = (*thing, Solid(label, finish_of(rng, printed(rng, (drawing, text_page)))))
    if rng.random() < 0.3:
        thing = tuple(Solid(lying(s.shape, radius), s.finish, s.texture_size, s.wrap) for s in thing)
    return thing


def cables(rng: np.random.Generator) -> Thing:
    """Sample cables, cords, tubing: in bends and coils over the table, single or several."""
    radius, finish = float(np.exp(rng.uniform(*np.log([0.0006, 0.0035])))), plastic(rng, _cable_colour(rng))
    shapes = [_cord(rng, radius, rng.uniform(0.1, 0.6)) for _ in range(rng.integers(1, 4))]
    return (Solid(joined(shapes), finish, 0.05),)


def _cable_colour(rng: np.random.Generator) -> np.ndarray:
    style = rng.random()
    return dark(rng) if style < 0.3 else pale(rng) if style < 0.5 else any_colour(rng)


def _cord(rng: np.random.Generator, radius: float, length: float) -> Shape:
    n = int(rng.integers(5, 14))
    curl = rng.choice([-1, 1]) * rng.uniform(0.1, 0.6) + rng.uniform(0.0, 0.7) * rng.standard_normal(n)
    heading = rng.uniform(0, 2 * np.pi) + np.cumsum(curl)
    way = np.cumsum(np.stack([np.cos(heading), np.sin(heading)], -1), 0) * length / n
    rise = radius + np.abs(rng.normal(0, rng.choice([0.3, 3.0]) * radius, n))
    return tube(curve(np.column_stack([way - way.mean(0), rise]), 6 * n), radius, 8)


def threads(rng: np.random.Generator) -> Thing:
    """Sample thin threads, sutures with a needle, rubber bands, wires."""
    radius = float(np.exp(rng.uniform(*np.log([0.00012, 0.0006]))))
    cords = joined([_cord(rng, radius, rng.uniform(0.04, 0.3)) for _ in range(rng.integers(1, 4))])
    colour = dark(rng) if rng.random() < 0.4 else any_hue(rng)
    thing: Thing = (Solid(cords, plastic(rng, colour), 0.03),)
    if rng.random() < 0.6:
        bow = arc(rng.uniform(0.005, 0.015), rng.uniform(1.6, 3.2)) + [0, 0, 0.0008]
        needle = tube(bow, np.linspace(0.0005, 0.0001, len(bow)), 6)
        thing = (*thing, Solid(needle, metal_finish(rng), 0.02))
    return thing


def pens(rng: np.random.Generator) -> Thing:
    """Sample pens, pencils, markers, straws, swabs, sticks and dowels of wood and plastic, lying in any direction."""
    solids = []
    for _ in range(rng.integers(1, 4)):
        radius, length = rng.uniform(0.0015, 0.009), rng.uniform(0.05, 0.18)
        tip = rng.uniform(0.0, 0.2) * length
        body = turned([[radius, 0], [radius, length]], [[radius, length], [0.3 * radius, length + tip]], sides=14)
        cap = turned([[0, -0.001], [1.06 * radius, 0]], [[1.06 * radius, 0], [1.06 * radius, 0.3 * length]], sides=14)
        pose = pose_of([*rng.normal(0, 0.02, 2), 0.0], rng.uniform(0, 2 * np.pi))
        centred = pose_of([-0.5 * length, 0.0, 0.0])
        solids += [
            Solid(lying(shape, radius).moved(pose @ centred), plastic(rng, any_hue(rng)), 0.05) for shape in (body, cap)
        ]
    return tuple(solids)


def board(rng: np.random.Generator) -> Thing:
    """Sample a calibration target on a stiff board, lying, leaning or held up."""
    width = float(np.exp(rng.uniform(*np.log([0.03, 0.3]))))
    depth, thick = width * rng.uniform(0.6, 1.0), rng.uniform(0.001, 0.006)
    back = Solid(box(width, depth, thick), plastic(rng, pale(rng)), 0.1)
    face = Solid(plate(width, depth, thick + 2e-4), finish_of(rng, printed(rng, BOARDS), (0.0, 0.5)))
    lean = rng.uniform(0.0, 1.0) if rng.random() < 0.6 else 0.0
    pose = pose_of([0, 0, 0.5 * depth * np.sin(lean)], 0.0, (lean, 0.0))
    return back.moved(pose), face.moved(pose)


def paper(rng: np.random.Generator) -> Thing:
    """Sample a printed sheet, card, note, photograph or mat, flat or bent."""
    width = float(np.exp(rng.uniform(*np.log([0.03, 0.35]))))
    u, v = np.meshgrid(np.linspace(0, 1, 16), np.linspace(0, 1, 16))
    bend = rng.uniform(0, 0.06) * width * (np.abs(fractal_noise(rng, 16, 1, 2)) if rng.random() < 0.6 else 0 * u)
    points = np.stack([(u - 0.5) * width, (0.5 - v) * width * rng.uniform(0.5, 1.4), bend + 0.0006], -1)
    return (Solid(sheet(points, np.stack([u, v], -1)), finish_of(rng, printed(rng, PAPERS), (0.0, 0.4))),)


def scraps(rng: np.random.Generator) -> Thing:
    """Sample something of any shape and colour: turned, extruded or piled up."""
    solids = []
    for _ in range(rng.integers(1, 4)):
        at = [*rng.normal(0, 0.015, 2), 0.0]
        shape = _any_turned(rng) if rng.random() < 0.5 else _any_extruded(rng)
        finish = any_finish(rng) if rng.random() < 0.7 else plastic(rng, one_of(rng, PLASTIC_COLOURS))
        solids.append(Solid(shape.moved(pose_of(at, rng.uniform(0, 6))), finish, rng.uniform(0.02, 0.1)))
    return tuple(solids)


def _any_turned(rng: np.random.Generator) -> Shape:
    n = int(rng.integers(3, 7))
    heights = np.cumsum(rng.uniform(0.001, 0.015, n)) - 0.001
    radii = rng.uniform(0.002, 0.025, n)
    profile = np.vstack([[radii[0], 0.0], np.column_stack([radii, heights]), [0.0, heights[-1]]])
    shape = turned(*[profile[i : i + 2] for i in range(len(profile) - 1)])
    return lying(shape, float(radii.max())) if rng.random() < 0.4 else shape


def _any_extruded(rng: np.random.Generator) -> Shape:
    n = int(rng.integers(3, 12))
    angle = (
        np.sort(rng.uniform(0, 2 * np.pi, n)) if rng.random() < 0.5 else np.linspace(0, 2 * np.pi, n, endpoint=False)
    )
    radius = rng.uniform(0.004, 0.03) * rng.uniform(0.5, 1.3, n)
    outline = radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], -1) * rng.uniform(0.3, 1.0, 2)
    return prism(outline, rng.uniform(0.001, 0.03), rng.uniform(0.5, 1.0))
