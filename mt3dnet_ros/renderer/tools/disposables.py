"""Large and disposable hand-held tools of simple shapes, with thick or pale shafts, and cannulas.

What is put in from outside and moved from there is an instrument, cannulas and trocars too. Parts are as in the other
tools: tubes are shaft, collars and joints are wrist, what works on tissue is clasper. A cannula is nothing but shaft.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np

from mt3dnet_ros.errors import needs_extra
from mt3dnet_ros.renderer.meshes import COVER, METAL, PAD, SHAFT, Mesh, cylinder, ellipsoid
from mt3dnet_ros.renderer.revolved import revolved
from mt3dnet_ros.renderer.swept import swept
from mt3dnet_ros.renderer.tools.jaw_shapes import (
    anvil,
    blade,
    cartridge,
    clip_arm,
    fenestrated,
    padded,
    plated,
    serrated,
)
from mt3dnet_ros.renderer.tools.kinematics import CLASPER_PART, SHAFT_PART, WRIST_PART, Instrument, Joint, Piece
from mt3dnet_ros.renderer.tools.laparoscopic import straight_shaft
from mt3dnet_ros.renderer.tools.primitives import fixed_tip, hinged_jaws

with needs_extra('render'):
    from scipy.spatial.transform import Rotation

SUCTION, CLIP_APPLIER, OTHER = 6, 7, 8
HINGE = 0.001  # metres from the collar's end
SLEEVES = 6  # places at which a cannula can end

JawMeshes = Callable[[int], tuple[Mesh, ...]]  # of the side, -1 or 1
# Jaws, their length, radius of the shaft, length of the collar, metres, and how far the head is turned, radians.
JAWED: dict[str, tuple[JawMeshes, float, float, float, float]] = {
    'vessel sealer': (lambda side: plated(side, 0.021, 0.0026, 0.003), 0.021, 0.0026, 0.006, 0.0),
    'straight sealer': (lambda side: plated(side, 0.026, 0.0028, 0.0), 0.026, 0.0026, 0.004, 0.0),
    'pale sealer': (lambda side: plated(side, 0.024, 0.0030, 0.002, PAD), 0.024, 0.0028, 0.008, 0.0),
    'large sealer': (lambda side: plated(side, 0.036, 0.0052, 0.004), 0.036, 0.005, 0.010, 0.0),
    'articulated sealer': (lambda side: plated(side, 0.022, 0.0028, 0.0, PAD), 0.022, 0.0028, 0.012, 0.35),
    'serrated grasper': (lambda side: serrated(side, 0.022, 0.0024, 9), 0.022, 0.0025, 0.004, 0.0),
    'large serrated grasper': (lambda side: serrated(side, 0.036, 0.0046, 10), 0.036, 0.005, 0.008, 0.0),
    'fenestrated grasper': (lambda side: fenestrated(side, 0.024, 0.0024, 0.0008), 0.024, 0.0025, 0.005, 0.0),
    'bowel grasper': (lambda side: fenestrated(side, 0.040, 0.0030, 0.0008), 0.040, 0.0025, 0.006, 0.0),
    'large fenestrated grasper': (lambda side: fenestrated(side, 0.038, 0.0052, 0.0013), 0.038, 0.005, 0.008, 0.0),
    'linear stapler': (lambda side: _stapling(side, 0.045, 0.0058), 0.045, 0.006, 0.010, 0.0),
    'long stapler': (lambda side: _stapling(side, 0.060, 0.0060), 0.060, 0.0062, 0.014, 0.0),
    'articulated stapler': (lambda side: _stapling(side, 0.047, 0.0058), 0.047, 0.006, 0.020, 0.5),
    'ultrasonic shears': (lambda side: _shearing(side, 0.015, 0.0013), 0.015, 0.0027, 0.003, 0.0),
    'long shears': (lambda side: _shearing(side, 0.018, 0.0016), 0.018, 0.0028, 0.010, 0.0),
    'hand-held clip applier': (lambda side: clip_arm(side, 0.024, 0.0034), 0.024, 0.005, 0.010, 0.0),
    'slim clip applier': (lambda side: clip_arm(side, 0.016, 0.0022), 0.016, 0.0026, 0.006, 0.0),
}
CLIP_APPLIERS = {'hand-held clip applier', 'slim clip applier'}
TUBES = {'suction-irrigator': 0.0026, 'large suction tube': 0.005}  # radius, metres
CANNULA_RADII = (0.0035, 0.0048, 0.0065, 0.0085)  # outer, metres


def _stapling(side: int, length: float, radius: float) -> tuple[Mesh, ...]:
    return anvil(length, radius) if side > 0 else cartridge(length, radius)


def _shearing(side: int, length: float, radius: float) -> tuple[Mesh, ...]:
    return padded(length, 1.2 * radius, 0.003) if side > 0 else blade(1.05 * length, radius, 0.003)


def _jawed(name: str, jaws: JawMeshes, length: float, radius: float, collar: float, turn: float) -> Instrument:
    class_id = CLIP_APPLIER if name in CLIP_APPLIERS else OTHER
    head = Joint('head', 'fixed', 'roll_link', 'head_link', _turned(turn), np.eye(3)[0], 0, 0, 'head', 1.0, 0.0)
    knuckle = ellipsoid((0.9 * radius,) * 2 + (1.2 * radius,), (0.0, 0.0, 0.0), COVER)  # hides the hinge
    claspers = [
        Piece(f'jaw_{index}_link', CLASPER_PART, mesh) for index, side in enumerate((-1, 1)) for mesh in jaws(side)
    ]
    pieces = (*straight_shaft(radius, collar), Piece('head_link', WRIST_PART, knuckle), *claspers)
    joints = (head, *hinged_jaws('head_link', HINGE), fixed_tip('head_link', HINGE + length))
    return Instrument(name, class_id, pieces, joints, disposable=True)


def _turned(angle: float) -> np.ndarray:
    pose = np.eye(4)
    pose[:3, :3] = Rotation.from_euler('y', angle).as_matrix()
    return pose


def _tube(name: str, radius: float) -> Instrument:
    """Build a suction tube as wide as its shaft, with dark holes near its rounded mouth and stripes farther back."""
    end, bore = 0.028, 0.55 * radius
    mouth = np.array([[radius, -end], [radius, -0.001], [0.9 * radius, 0.0], [bore, 0.0], [bore, -0.01]])
    holes = [_hole(radius, along, turn) for along in (-0.005, -0.010, -0.015) for turn in (0.0, 2.1, 4.2)]
    stripes = [cylinder(1.02 * radius, 0.0025, PAD, start) for start in (-0.045, -0.055, -0.065, -0.095)]
    pieces = (
        Piece('roll_link', SHAFT_PART, cylinder(radius, 0.3, SHAFT, -0.3 - end)),
        *(Piece('roll_link', SHAFT_PART, stripe) for stripe in stripes),
        Piece('roll_link', CLASPER_PART, revolved(mouth, METAL)),
        *(Piece('roll_link', CLASPER_PART, hole) for hole in holes),
    )
    return Instrument(name, SUCTION, pieces, disposable=True)


def _hole(radius: float, along: float, turn: float) -> Mesh:
    centre = (0.93 * radius * float(np.cos(turn)), 0.93 * radius * float(np.sin(turn)), along)
    return ellipsoid((0.28 * radius, 0.28 * radius, 0.0010), centre, COVER)


def _fan() -> Instrument:
    """Build a retractor: three rods that spread from a thick shaft."""
    spread = np.array([-0.25, 0.0, 0.25])
    fingers = (
        swept(0.045 * np.outer(np.linspace(0, 1, 6), [np.sin(a), 0.15 * a, np.cos(a)]), 0.0014, 10, METAL)
        for a in spread
    )
    pieces = (*straight_shaft(0.005, 0.006), *(Piece('roll_link', CLASPER_PART, finger) for finger in fingers))
    return Instrument('fan retractor', OTHER, pieces, tip=(0.0, 0.0, 0.045), disposable=True)


def _swab() -> Instrument:
    """Build a dissector with a pale swab at its end."""
    swab = Piece('roll_link', CLASPER_PART, ellipsoid((0.0032, 0.0032, 0.006), (0.0, 0.0, 0.004), PAD))
    return Instrument(
        'swab dissector', OTHER, (*straight_shaft(0.0026, 0.003), swab), tip=(0.0, 0.0, 0.01), disposable=True
    )


@cache
def disposables(class_id: int) -> tuple[Instrument, ...]:
    """Return the large and disposable tools of a class id of the taxonomy endovis2018: suction, clip applier, other."""
    tools = [_jawed(name, *spec) for name, spec in JAWED.items()]
    tools += [_tube(name, radius) for name, radius in TUBES.items()]
    return tuple(tool for tool in [*tools, _fan(), _swab()] if tool.class_id == class_id)


def _cannula(radius: float, material: int, mouth: float, ridges: int, bevel: float) -> Mesh:
    """Return a hollow tube whose mouth lies at ``mouth`` along z, with ridges behind it."""
    count = 2 * ridges
    ridged = np.column_stack(
        [radius * (1 + 0.05 * (np.arange(count) % 2)), mouth - 0.01 - 0.003 * np.arange(count)[::-1]]
    )
    outside = np.array([[radius, mouth - 0.24], *ridged, [radius, mouth - 0.004], [0.96 * radius, mouth]])
    inside = np.array([[0.82 * radius, mouth], [0.80 * radius, mouth - 0.05]])
    profile = np.concatenate([outside, inside])
    near_mouth = profile[:, 1] > mouth - 0.005
    return revolved(profile, material, slant=bevel * near_mouth)


@cache
def cannulas() -> tuple[Instrument, ...]:
    """Return cannulas that no tool is in: straight or bevelled, smooth or ridged."""
    kinds = [(radius, ridges, bevel) for radius in CANNULA_RADII for ridges, bevel in ((0, 0.0), (0, 0.8), (9, 0.5))]
    return tuple(
        Instrument(
            f'cannula of {2000 * radius:.0f} mm',
            OTHER,
            (Piece('roll_link', SHAFT_PART, _cannula(radius, SHAFT, 0.0, ridges, bevel)),),
            disposable=True,
        )
        for radius, ridges, bevel in kinds
    )


def sleeved(tool: Instrument, place: int) -> Instrument:
    """Return a tool whose shaft comes out of a cannula, which counts to its shaft.

    :param place: 0 to ``SLEEVES`` - 1, from the nearest to the farthest from the jaws
    """
    mouth = -(0.035 + 0.014 * place)
    sleeve = _cannula(1.35 * tool.radius + 0.0006, PAD, mouth, 9 * (place % 2), 0.4 * (place % 3))
    return replace(tool, pieces=(*tool.pieces, Piece('roll_link', SHAFT_PART, sleeve)))
