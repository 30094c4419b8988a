"""Instruments with their kinematics: da Vinci tools from URDF, laparoscopic tools and probes from simple parts."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
from scipy.spatial.transform import Rotation

from mt3dnet_ros.datasets.renderer.surfaces import METAL, SHAFT, Surface, capsule, cylinder, load_surfaces

BACKGROUND, SHAFT_PART, WRIST_PART, CLASPER_PART = range(4)
PART_OF_LINK = {'roll_link': SHAFT_PART, 'wrist_pitch_link': WRIST_PART, 'wrist_yaw_link': WRIST_PART}
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
class Joint:
    """A joint of the tree; ``source`` is the joint whose value it follows as factor * value + offset."""

    name: str
    kind: str
    parent: str
    child: str
    origin: np.ndarray
    axis: np.ndarray
    lower: float
    upper: float
    source: str
    factor: float
    offset: float


@dataclass(frozen=True)
class Piece:
    """A surface that moves with a link and belongs to a part of the instrument."""

    link: str
    part: int
    surface: Surface


@dataclass(frozen=True)
class Instrument:
    """A tool in the frame of its ``roll_link``: z runs along the shaft towards the tip.

    :param class_id: id in the taxonomy endovis2018
    :param joints: in an order that goes from root to leaf
    """

    name: str
    class_id: int
    pieces: tuple[Piece, ...]
    joints: tuple[Joint, ...] = ()
    tip: tuple[float, float, float] = (0.0, 0.0, 0.0)

    def limits(self) -> dict[str, tuple[float, float]]:
        """Range of every joint that moves by itself, radians."""
        return {j.name: (j.lower, j.upper) for j in self.joints if j.kind == 'revolute' and j.source == j.name}

    def link_poses(self, values: Mapping[str, float]) -> dict[str, np.ndarray]:
        """Pose (4, 4) of every link for joint values in radians; joints not named are at 0."""
        poses = {'roll_link': np.eye(4)}
        for joint in self.joints:
            value = joint.factor * values.get(joint.source, 0.0) + joint.offset
            poses[joint.child] = poses[joint.parent] @ joint.origin @ _motion(joint, value)
        return poses

    def tip_position(self, values: Mapping[str, float]) -> np.ndarray:
        """Position of the tool tip, metres."""
        poses = self.link_poses(values)
        return poses['tool_tip_link'][:3, 3] if 'tool_tip_link' in poses else np.asarray(self.tip)


def _motion(joint: Joint, value: float) -> np.ndarray:
    pose = np.eye(4)
    if joint.kind == 'revolute':
        pose[:3, :3] = Rotation.from_rotvec(joint.axis * value).as_matrix()
    elif joint.kind == 'prismatic':
        pose[:3, 3] = joint.axis * value
    return pose


def _numbers(element: ElementTree.Element | None, key: str, default: str) -> np.ndarray:
    return np.array([float(v) for v in (default if element is None else element.get(key, default)).split()])


def _origin(element: ElementTree.Element | None) -> np.ndarray:
    pose = np.eye(4)
    pose[:3, :3] = Rotation.from_euler('xyz', _numbers(element, 'rpy', '0 0 0')).as_matrix()
    pose[:3, 3] = _numbers(element, 'xyz', '0 0 0')
    return pose


def _joint(element: ElementTree.Element) -> Joint:
    name, mimic, limit = element.get('name', ''), element.find('mimic'), element.find('limit')
    parent, child = element.find('parent'), element.find('child')
    assert parent is not None
    assert child is not None
    return Joint(
        name,
        element.get('type', 'fixed'),
        parent.get('link', ''),
        child.get('link', ''),
        _origin(element.find('origin')),
        _numbers(element.find('axis'), 'xyz', '1 0 0'),
        float(_numbers(limit, 'lower', '0')[0]),
        float(_numbers(limit, 'upper', '0')[0]),
        name if mimic is None else mimic.get('joint', ''),
        float(_numbers(mimic, 'multiplier', '1')[0]),
        float(_numbers(mimic, 'offset', '0')[0]),
    )


def _pieces(link: ElementTree.Element, model: Path) -> list[Piece]:
    name, pieces = link.get('name', ''), []
    for visual in link.findall('visual'):
        mesh = visual.find('geometry/mesh')
        if mesh is None:
            continue
        path = model / mesh.get('filename', '').removeprefix('package://dvrk_model/')
        scale = _numbers(mesh, 'scale', '1 1 1')
        surfaces = load_surfaces(path, tuple(scale), tuple(_origin(visual.find('origin')).ravel()))
        pieces += [Piece(name, PART_OF_LINK.get(name, CLASPER_PART), surface) for surface in surfaces]
    return pieces


@cache
def load_dvrk(model: Path, code: str, class_id: int) -> Instrument:
    """Load a da Vinci tool from the dVRK model's folder (``urdf_flat/``, ``meshes/``).

    :param code: last six digits of the instrument's model number
    """
    root = ElementTree.parse(model / 'urdf_flat' / f'{code}.urdf').getroot()
    pieces = [piece for link in root.findall('link') for piece in _pieces(link, model)]
    joints = tuple(_joint(j) for j in root.findall('joint') if j.get('name') != 'roll')
    return Instrument(code, class_id, tuple(pieces), joints)


def _hinge(name: str, factor: float, origin: np.ndarray, opening: float) -> Joint:
    return Joint(
        name,
        'revolute',
        'roll_link',
        f'{name}_link',
        origin,
        np.array([1.0, 0.0, 0.0]),
        0.0,
        opening,
        'jaw',
        factor,
        0.0,
    )


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
    master = Joint(
        'jaw', 'revolute', 'roll_link', 'jaw_link', np.eye(4), np.array([1.0, 0.0, 0.0]), 0.0, 1.0, 'jaw', 1.0, 0.0
    )
    joints = (master, _hinge('jaw_0', 0.5, np.eye(4), 1.0), _hinge('jaw_1', -0.5, np.eye(4), 1.0))
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


def entry_pose(tip: np.ndarray, port: np.ndarray, roll: float, offset: np.ndarray) -> np.ndarray:
    """Return the pose (4, 4) of ``roll_link`` for a tool that comes through a port.

    :param tip: where the tool tip is to be, metres
    :param port: a point far up the shaft, metres
    :param roll: turn about the shaft, radians
    :param offset: the tool tip in the frame of ``roll_link``, metres
    """
    z = (tip - port) / np.linalg.norm(tip - port)
    x = np.cross(z, [0.0, 1.0, 0.0] if abs(z[1]) < 0.9 else [1.0, 0.0, 0.0])
    x /= np.linalg.norm(x)
    pose = np.eye(4)
    pose[:3, :3] = np.column_stack([x, np.cross(z, x), z]) @ Rotation.from_euler('z', roll % (2 * math.pi)).as_matrix()
    pose[:3, 3] = tip - pose[:3, :3] @ offset
    return pose
