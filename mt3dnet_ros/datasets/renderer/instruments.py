"""The instruments of each class: da Vinci tools, and laparoscopic tools and probes from simple parts."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np

from mt3dnet_ros.datasets.renderer.kinematics import CLASPER_PART, SHAFT_PART, WRIST_PART, Instrument, Joint, Piece
from mt3dnet_ros.datasets.renderer.surfaces import METAL, SHAFT, capsule, cylinder, load_surfaces
from mt3dnet_ros.datasets.renderer.urdf import load_dvrk

# dVRK instrument codes by class id of the taxonomy endovis2018 (8: other).
DVRK_CODES = {
    1: ('420172',),
    2: ('420093',),
    3: ('420006', '420194', '420309'),
    4: ('420179',),
    7: ('420327',),
    8: ('420049', '420183', '420184'),
}
ULTRASOUND_PROBE, SUCTION, OTHER = 5, 6, 8


def _hinge(name: str, factor: float) -> Joint:
    x = np.array([1.0, 0.0, 0.0])
    return Joint(name, 'revolute', 'roll_link', f'{name}_link', np.eye(4), x, 0.0, 1.0, 'jaw', factor, 0.0)


@cache
def load_laparoscopic(folder: Path, left: str, right: str) -> Instrument:
    """Build a hand-held laparoscopic tool (5 mm shaft, hinged jaws, no wrist) from meshes in millimetres."""
    shaft = cylinder(0.0025, 0.3, SHAFT, -0.302)
    scale, identity = (0.001,) * 3, tuple(np.eye(4).ravel())
    jaws = [
        Piece(f'jaw_{i}_link', CLASPER_PART, load_surfaces(folder / f'{stem}.stl', scale, identity)[0])
        for i, stem in enumerate((left, right))
    ]
    collar = Piece('roll_link', WRIST_PART, cylinder(0.0024, 0.006, METAL, -0.006))
    joints = (_hinge('jaw', 1.0), _hinge('jaw_0', 0.5), _hinge('jaw_1', -0.5))
    return Instrument(left, OTHER, (Piece('roll_link', SHAFT_PART, shaft), collar, *jaws), joints, (0.0, 0.0, 0.02))


@cache
def suction() -> Instrument:
    """Build a suction tube: a long thin metal tube with a wider shaft behind."""
    tube = Piece('roll_link', CLASPER_PART, cylinder(0.0022, 0.045, METAL, -0.03))
    shaft = Piece('roll_link', SHAFT_PART, cylinder(0.0042, 0.3, SHAFT, -0.33))
    return Instrument('suction', SUCTION, (tube, shaft), tip=(0.0, 0.0, 0.015))


@cache
def ultrasound_probe() -> Instrument:
    """Build a drop-in ultrasound probe: a blunt curved body on a cable-thin shaft."""
    body = Piece('roll_link', CLASPER_PART, capsule((0.0052, 0.0065, 0.02), (0.0, 0.0, 0.0), METAL))
    neck = Piece('roll_link', WRIST_PART, cylinder(0.0032, 0.014, METAL, -0.03))
    cable = Piece('roll_link', SHAFT_PART, cylinder(0.0024, 0.3, SHAFT, -0.33))
    return Instrument('ultrasound probe', ULTRASOUND_PROBE, (body, neck, cable), tip=(0.0, 0.0, 0.02))


LAPAROSCOPIC_JAWS = (
    ('maryland_dissector_jaw_left', 'maryland_dissector_jaw_right'),
    ('forceps_jaw_left', 'forceps_jaw_right'),
    ('atraumatic_forceps_jaw_left', 'atraumatic_forceps_jaw_right'),
    ('scissors_jaw_left', 'scissors_jaw_right'),
)


def instruments_of_class(class_id: int, data: Path) -> tuple[Instrument, ...]:
    """Return the tools of one class id; ``data`` holds ``dvrk_model/`` and, where present, ``laparoscopy/``.

    :raises FileNotFoundError: when ``data`` has no dVRK model
    """
    if not (data / 'dvrk_model' / 'urdf_flat').is_dir():
        raise FileNotFoundError(f'{data} has no dvrk_model/urdf_flat; give the folder that holds dvrk_model')
    if class_id == SUCTION:
        return (suction(),)
    if class_id == ULTRASOUND_PROBE:
        return (ultrasound_probe(),)
    tools = [load_dvrk(data / 'dvrk_model', code, class_id) for code in DVRK_CODES[class_id]]
    folder = data / 'laparoscopy' / 'lapgym_instruments'
    if class_id == OTHER and folder.is_dir():
        tools += [load_laparoscopic(folder, *jaws) for jaws in LAPAROSCOPIC_JAWS]
    return tuple(tools)
