"""The instruments of each class: da Vinci tools, and laparoscopic tools and probes from simple parts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from mt3dnet_ros.errors import MissingFileError
from mt3dnet_ros.renderer.meshes import METAL, SHAFT, cylinder, ellipsoid
from mt3dnet_ros.renderer.tools.kinematics import CLASPER_PART, SHAFT_PART, WRIST_PART, Instrument, Piece
from mt3dnet_ros.renderer.tools.laparoscopic import mesh_hand_held
from mt3dnet_ros.renderer.tools.primitives import simple_instruments
from mt3dnet_ros.renderer.tools.urdf import load_dvrk

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


@dataclass(frozen=True)
class Assets:
    """Where meshes are; see ``instruments_of_class``."""

    data: Path | None
    dvrk_model: Path | None = None


@cache
def suction() -> Instrument:
    """Build a suction tube: a long thin metal tube with a wider shaft behind."""
    tube = Piece('roll_link', CLASPER_PART, cylinder(0.0022, 0.045, METAL, -0.03))
    shaft = Piece('roll_link', SHAFT_PART, cylinder(0.0042, 0.3, SHAFT, -0.33))
    return Instrument('suction', SUCTION, (tube, shaft), tip=(0.0, 0.0, 0.015))


@cache
def ultrasound_probe() -> Instrument:
    """Build a drop-in ultrasound probe: a blunt curved body on a cable-thin shaft."""
    body = Piece('roll_link', CLASPER_PART, ellipsoid((0.0052, 0.0065, 0.02), (0.0, 0.0, 0.0), METAL))
    neck = Piece('roll_link', WRIST_PART, cylinder(0.0032, 0.014, METAL, -0.03))
    cable = Piece('roll_link', SHAFT_PART, cylinder(0.0024, 0.3, SHAFT, -0.33))
    return Instrument('ultrasound probe', ULTRASOUND_PROBE, (body, neck, cable), tip=(0.0, 0.0, 0.02))


def instruments_of_class(class_id: int, data: Path | None, dvrk_model: Path | None = None) -> tuple[Instrument, ...]:
    """Return the tools of one class id.

    :param data: folder that holds ``dvrk_model/`` and, where present, ``laparoscopy/``; None for tools of simple shapes
    :param dvrk_model: folder of the dVRK model (``urdf_flat/``, ``meshes/``) in place of the one in ``data``
    :raises FileNotFoundError: when a folder is given that has no dVRK model
    """
    if class_id == SUCTION:
        return (suction(),)
    if class_id == ULTRASOUND_PROBE:
        return (ultrasound_probe(),)
    model = dvrk_model or (data / 'dvrk_model' if data else None)
    if model is None:
        return simple_instruments(class_id)
    if not (model / 'urdf_flat').is_dir():
        raise MissingFileError(
            f"dVRK model '{model}' has no folder urdf_flat; name the folder that holds it, "
            'or none at all for tools of simple shapes'
        )
    tools = tuple(load_dvrk(model, code, class_id) for code in DVRK_CODES[class_id])
    if class_id == OTHER and data:
        tools += mesh_hand_held(data / 'laparoscopy' / 'lapgym_instruments')
    return tools
