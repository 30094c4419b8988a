"""da Vinci tools from the URDF files and meshes of the dVRK model."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import numpy as np

from mt3dnet_ros.errors import needs_extra
from mt3dnet_ros.renderer.meshes import load_meshes
from mt3dnet_ros.renderer.tools.kinematics import CLASPER_PART, SHAFT_PART, WRIST_PART, Instrument, Joint, Piece

with needs_extra('render'):
    from scipy.spatial.transform import Rotation

PART_OF_LINK = {'roll_link': SHAFT_PART, 'wrist_pitch_link': WRIST_PART, 'wrist_yaw_link': WRIST_PART}


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
        geometry = visual.find('geometry/mesh')
        if geometry is None:
            continue
        path = model / geometry.get('filename', '').removeprefix('package://dvrk_model/')
        scale = _numbers(geometry, 'scale', '1 1 1')
        meshes = load_meshes(path, tuple(scale), tuple(_origin(visual.find('origin')).ravel()))
        pieces += [Piece(name, PART_OF_LINK.get(name, CLASPER_PART), mesh) for mesh in meshes]
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
