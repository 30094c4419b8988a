"""Shapes with a finish: what things on a bench are made of."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from mt3dnet_ros.renderer.bench.colours import any_colour
from mt3dnet_ros.renderer.bench.patterns import HARD, Pattern, material, plain
from mt3dnet_ros.renderer.bench.shapes import Shape
from mt3dnet_ros.renderer.domains import Range
from mt3dnet_ros.renderer.scene.props import RigidProp
from mt3dnet_ros.renderer.tools.finishes import Finish

PRINTED = 1.0  # width of the texture of a shape whose texture coordinates go from 0 to 1


@dataclass(frozen=True)
class Solid:
    """A shape with a finish.

    :param texture_size: width of the finish's texture, metres
    :param wrap: light that bleeds round its edges, see ``shading.WRAP``
    """

    shape: Shape
    finish: Finish
    texture_size: float = PRINTED
    wrap: float = 0.0

    def moved(self, pose: np.ndarray) -> Solid:
        """Return the solid after a rigid motion (4, 4)."""
        return replace(self, shape=self.shape.moved(pose))

    def prop(self) -> RigidProp:
        """Return the solid as a scene has it."""
        uv = self.shape.uv
        return RigidProp(
            self.shape.mesh, np.column_stack([uv, np.zeros(len(uv))]), self.finish, self.texture_size, self.wrap
        )


Thing = tuple[Solid, ...]  # in a frame of its own, standing on z = 0, metres


def moved(thing: Thing, pose: np.ndarray) -> Thing:
    """Return a thing after a rigid motion (4, 4)."""
    return tuple(solid.moved(pose) for solid in thing)


def height_of(thing: Thing) -> float:
    """Return how high a thing stands, metres."""
    return max(float(solid.shape.mesh.vertices[:, 2].max()) for solid in thing)


def reach_of(thing: Thing) -> float:
    """Return how far a thing reaches from the z axis, metres."""
    return max(float(np.hypot(*solid.shape.mesh.vertices[:, :2].T).max()) for solid in thing)


def finish_of(rng: np.random.Generator, picture: np.ndarray, shine: Range = (0.0, 1.0)) -> Finish:
    """Return the finish of a picture (S, S, 3) sRGB; how shiny it is lies between 0 for paper and 1 for lacquer."""
    amount = rng.uniform(*shine)
    linear = np.clip(picture, 0, 1).astype(np.float32) ** np.float32(2.2)
    gloss = float(np.exp(rng.uniform(np.log(6), np.log(8 + 120 * amount))))
    mirror, sheen = (amount * rng.uniform(0, 0.4), amount * rng.uniform(0, 0.15)) if rng.random() < 0.6 else (0.0, 0.0)
    return Finish(np.ones(3, np.float32), amount * rng.uniform(0.0, 0.8), gloss, mirror, linear, sheen)


def metal_finish(rng: np.random.Generator) -> Finish:
    """Sample bare metal, from dull and brushed to chromed, steel or brass."""
    grey = rng.uniform(0.05, 0.45) * (np.array([1.0, 0.8, 0.4]) if rng.random() < 0.15 else np.ones(3))
    picture = plain(rng, np.clip(grey, 0, 1) ** (1 / 2.2), 0)
    return replace(
        finish_of(rng, picture),
        specular=rng.uniform(0.3, 2.0),
        gloss=rng.uniform(10, 120),
        mirror=rng.uniform(0.2, 2.0),
    )


def plastic(
    rng: np.random.Generator, colour: np.ndarray | None = None, patterns: tuple[Pattern, ...] = (plain,)
) -> Finish:
    """Sample plastic, rubber or lacquer in a colour (3,) sRGB, or any."""
    return finish_of(rng, material(rng, patterns, any_colour(rng) if colour is None else colour, 60))


def any_finish(rng: np.random.Generator) -> Finish:
    """Sample the finish of anything: metal, wood, plastic, stone, painted or patterned."""
    return metal_finish(rng) if rng.random() < 0.2 else plastic(rng, patterns=HARD)
