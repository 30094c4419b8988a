"""Wristed tools of simple shapes, for machines without meshes: one or more for each class of a da Vinci tool."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from mt3dnet_ros.renderer.meshes import COVER, METAL, SHAFT, Mesh, cylinder
from mt3dnet_ros.renderer.swept import curve, swept
from mt3dnet_ros.renderer.tools.kinematics import CLASPER_PART, SHAFT_PART, WRIST_PART, Instrument, Joint, Piece

X_AXIS, Y_AXIS = np.eye(3)[:2]
PITCH_TO_YAW, YAW_TO_JAW = 0.0095, 0.004  # metres along the wrist


@dataclass(frozen=True)
class Jaw:
    """The shape of one of two mirrored jaws, metres.

    :param length: from the hinge to the tip
    :param base: half axes at the hinge, across the opening and along it
    :param tip: the same at the tip
    :param bend: how far the tip is bent sideways
    :param hook: how far the end turns towards the other jaw
    """

    length: float
    base: tuple[float, float]
    tip: tuple[float, float]
    bend: float = 0.0
    hook: float = 0.0

    def mesh(self, side: int, material: int = COVER) -> Mesh:
        """Return the jaw on one side (1 or -1) of the plane x, z, from the hinge at 0 towards z."""
        share = np.linspace(0, 1, 14)
        half = np.outer(1 - share, self.base) + np.outer(share, self.tip)
        half[-1] *= 0.6
        height = half[:, 1] + self.hook * (share < 0.9)
        return swept(np.column_stack([self.bend * share**2, side * height, self.length * share]), half, 10, material)


JAWS = {
    'bipolar forceps': (1, Jaw(0.019, (0.0026, 0.0018), (0.0007, 0.0006), bend=0.004)),
    'ProGrasp forceps': (2, Jaw(0.022, (0.0034, 0.0016), (0.0026, 0.0008))),
    'large needle driver': (3, Jaw(0.0105, (0.0026, 0.0018), (0.0013, 0.0012))),
    'monopolar curved scissors': (4, Jaw(0.014, (0.0012, 0.0017), (0.0004, 0.0005), bend=0.003)),
    'clip applier': (7, Jaw(0.021, (0.0018, 0.0014), (0.0012, 0.0007), hook=0.0012)),
    'Cadiere forceps': (8, Jaw(0.021, (0.0030, 0.0012), (0.0022, 0.0006))),
}


def joint(name: str, parent: str, axis: np.ndarray, along: float, lower: float, upper: float) -> Joint:
    """Return a hinge ``along`` metres up its parent's z axis, for angles in radians."""
    origin = np.eye(4)
    origin[2, 3] = along
    return Joint(name, 'revolute', parent, f'{name}_link', origin, axis, lower, upper, name, 1.0, 0.0)


def hinged_jaws(parent: str, along: float) -> tuple[Joint, ...]:
    """Return the drive ``jaw`` and two joints that share its angle, ``along`` metres up the parent's z axis."""
    drive = joint('jaw', parent, X_AXIS, along, 0.0, 1.0)
    sides = (replace(joint(f'jaw_{side}', parent, X_AXIS, along, 0.0, 1.0), source='jaw') for side in (0, 1))
    return (drive, *(replace(one, factor=factor) for one, factor in zip(sides, (0.5, -0.5), strict=True)))


def fixed_tip(parent: str, along: float) -> Joint:
    """Return a tool tip ``along`` metres up the parent's z axis."""
    return replace(joint('tool_tip', parent, X_AXIS, along, 0.0, 0.0), kind='fixed')


def _wrist() -> tuple[tuple[Piece, ...], tuple[Joint, ...]]:
    z = np.array([-0.001, 0.004, PITCH_TO_YAW])
    clevis = swept(np.outer(z, [0, 0, 1]), np.array([[0.0036, 0.0036], [0.0030, 0.0036], [0.0022, 0.0034]]), 12)
    knuckle = swept(
        np.outer([-0.003, 0.0, 0.005], [0, 0, 1]), np.array([[0.002, 0.003], [0.003, 0.003], [0.0024, 0.0022]])
    )
    pieces = (
        Piece('roll_link', SHAFT_PART, cylinder(0.0042, 0.3, SHAFT, -0.306)),
        Piece('roll_link', WRIST_PART, cylinder(0.0041, 0.007, METAL, -0.0065)),
        Piece('wrist_pitch_link', WRIST_PART, clevis),
        Piece('wrist_yaw_link', WRIST_PART, knuckle),
    )
    pitch = joint('wrist_pitch', 'roll_link', Y_AXIS, 0.0, -1.3, 1.3)
    return pieces, (pitch, joint('wrist_yaw', 'wrist_pitch_link', X_AXIS, PITCH_TO_YAW, -1.3, 1.3))


def _forceps(name: str, class_id: int, jaw: Jaw) -> Instrument:
    pieces, joints = _wrist()
    jaws = (Piece(f'jaw_{i}_link', CLASPER_PART, jaw.mesh(side)) for i, side in enumerate((-1, 1)))
    tip = fixed_tip('wrist_yaw_link', YAW_TO_JAW + jaw.length)
    return Instrument(name, class_id, (*pieces, *jaws), (*joints, *hinged_jaws('wrist_yaw_link', YAW_TO_JAW), tip))


def _cautery(name: str, end: Mesh, length: float) -> Instrument:
    pieces, joints = _wrist()
    blade = Piece('wrist_yaw_link', CLASPER_PART, end)
    return Instrument(name, 8, (*pieces, blade), (*joints, fixed_tip('wrist_yaw_link', length)))


def hook(length: float, reach: float, radius: float) -> Mesh:
    """Return a rod along z whose end turns sideways, an L, metres."""
    knots = [[0, 0, 0], [0, 0, 0.6 * length], [0, 0, 0.95 * length], [0.4 * reach, 0, length], [reach, 0, length]]
    return swept(curve(np.array(knots), 20), radius, 8)


def spatula(length: float, width: float) -> Mesh:
    """Return a flat blade along z, metres."""
    half = np.array(
        [[0.001, 0.001], [0.001, 0.001], [0.5 * width, 0.0004], [0.4 * width, 0.0004], [0.1 * width, 0.0003]]
    )
    return swept(np.outer([0.0, 0.4, 0.6, 0.9, 1.0], [0, 0, length]), half, 10)


@cache
def simple_instruments(class_id: int) -> tuple[Instrument, ...]:
    """Return the wristed tools of simple shapes of a class id of the taxonomy endovis2018; none for 5 and 6."""
    tools = [_forceps(name, one, jaw) for name, (one, jaw) in JAWS.items() if one == class_id]
    if class_id == 8:
        tools += [_cautery('cautery hook', hook(0.016, 0.004, 0.0006), 0.016)]
        tools += [_cautery('cautery spatula', spatula(0.018, 0.004), 0.018)]
    return tuple(tools)
