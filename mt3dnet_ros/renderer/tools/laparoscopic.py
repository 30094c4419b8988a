"""Hand-held laparoscopic tools: a straight shaft, no wrist; all of the class *other*."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np

from mt3dnet_ros.renderer.meshes import COVER, METAL, SHAFT, Mesh, cylinder, load_meshes
from mt3dnet_ros.renderer.swept import swept
from mt3dnet_ros.renderer.tools.kinematics import CLASPER_PART, SHAFT_PART, WRIST_PART, Instrument, Joint, Piece
from mt3dnet_ros.renderer.tools.primitives import Jaw, fixed_tip, hinged_jaws, hook, spatula

OTHER = 8
MESH_JAWS = (
    ('maryland_dissector_jaw_left', 'maryland_dissector_jaw_right'),
    ('forceps_jaw_left', 'forceps_jaw_right'),
    ('atraumatic_forceps_jaw_left', 'atraumatic_forceps_jaw_right'),
    ('scissors_jaw_left', 'scissors_jaw_right'),
)
# Jaws, radius of the shaft and length of the bright collar before it, metres.
GRASPERS = {
    'dissector': (Jaw(0.018, (0.0021, 0.0016), (0.0006, 0.0005), bend=0.003), 0.0025, 0.004),
    'grasper': (Jaw(0.024, (0.0024, 0.0014), (0.0018, 0.0006)), 0.0025, 0.008),
    'scissors': (Jaw(0.016, (0.0012, 0.0018), (0.0004, 0.0004), bend=0.002), 0.0025, 0.003),
    'sealing device': (Jaw(0.020, (0.0024, 0.0020), (0.0018, 0.0012), bend=0.002), 0.0026, 0.005),
    'stapler': (Jaw(0.045, (0.0052, 0.0040), (0.0044, 0.0022)), 0.006, 0.010),
    'mini grasper': (Jaw(0.014, (0.0014, 0.0009), (0.0010, 0.0005)), 0.0015, 0.003),
}
RODS = {'hook electrode': 0.0025, 'spatula electrode': 0.0025, 'dissecting sealer': 0.0026, 'pencil': 0.005}


def straight_shaft(radius: float, collar: float) -> tuple[Piece, ...]:
    """Return a shaft of a radius that ends in a bright collar before z = 0, metres."""
    shaft = cylinder(radius, 0.3, SHAFT, -0.3 - collar)
    ring = cylinder(0.96 * radius, collar, METAL, -collar)
    return Piece('roll_link', SHAFT_PART, shaft), Piece('roll_link', WRIST_PART, ring)


@cache
def mesh_grasper(folder: Path, left: str, right: str) -> Instrument:
    """Build a tool with hinged jaws from meshes in millimetres."""
    scale, identity = (0.001,) * 3, tuple(np.eye(4).ravel())
    loaded = (load_meshes(folder / f'{stem}.stl', scale, identity)[0] for stem in (left, right))
    jaws = [Piece(f'jaw_{i}_link', CLASPER_PART, replace(one, material=COVER)) for i, one in enumerate(loaded)]
    collar = Piece('roll_link', WRIST_PART, cylinder(0.0024, 0.006, METAL, -0.006))
    shaft = Piece('roll_link', SHAFT_PART, cylinder(0.0025, 0.3, SHAFT, -0.302))
    return Instrument(left, OTHER, (shaft, collar, *jaws), hinged_jaws('roll_link', 0.0), (0.0, 0.0, 0.02))


def _grasper(name: str, jaw: Jaw, radius: float, collar: float) -> Instrument:
    jaws = (Piece(f'jaw_{i}_link', CLASPER_PART, jaw.mesh(side)) for i, side in enumerate((-1, 1)))
    joints: tuple[Joint, ...] = (*hinged_jaws('roll_link', 0.001), fixed_tip('roll_link', 0.001 + jaw.length))
    return Instrument(name, OTHER, (*straight_shaft(radius, collar), *jaws), joints)


def _taper(radius: float, length: float, end: float) -> Mesh:
    share = np.linspace(0, 1, 8)
    return swept(np.outer(share, [0, 0, length]), radius * (1 - share) + end * share, 14, COVER)


def _rod(name: str, radius: float) -> Instrument:
    ends = {
        'hook electrode': hook(0.014, 0.005, 0.0006),
        'spatula electrode': spatula(0.014, 0.004),
        'dissecting sealer': swept(np.outer([0.0, 1.0], [0, 0, 0.015]), np.array([0.0012, 0.0008])),
        'pencil': swept(np.outer([0.0, 1.0], [0, 0, 0.012]), np.array([0.0005, 0.0004])),
    }
    taper = Piece('roll_link', CLASPER_PART, _taper(radius, 0.012 if radius < 0.004 else 0.022, 0.0011))
    end = Piece('end_link', CLASPER_PART, ends[name])
    start = 0.011 if radius < 0.004 else 0.021
    to_end = replace(fixed_tip('roll_link', start), name='end', child='end_link')
    tip = fixed_tip('roll_link', start + float(ends[name].vertices[:, 2].max()))
    return Instrument(name, OTHER, (*straight_shaft(radius, 0.003), taper, end), (to_end, tip))


@cache
def hand_held() -> tuple[Instrument, ...]:
    """Return the hand-held tools of simple shapes."""
    graspers = (_grasper(name, *spec) for name, spec in GRASPERS.items())
    return (*graspers, *(_rod(name, radius) for name, radius in RODS.items()))


def mesh_hand_held(folder: Path) -> tuple[Instrument, ...]:
    """Return the hand-held tools whose jaws are meshes of a folder; none where it is not there."""
    return tuple(mesh_grasper(folder, *jaws) for jaws in MESH_JAWS) if folder.is_dir() else ()
