"""Which cameras a calibration file has, whatever tool wrote it: one, a pair side by side, or one per mapping."""

from __future__ import annotations

import re
from collections.abc import Mapping

from mt3dnet_ros.media.calibration.values import CalibrationValueError, NamedValues, Value, plain

INTRINSICS = ('camera_matrix', 'intrinsic_matrix', 'camera_intrinsics', 'intrinsics', 'K', 'M', 'mtx', 'fx')
_NUMBERED = {'1': 'left', '2': 'right', 'left': 'left', 'right': 'right', 'l': 'left', 'r': 'right'}
_OF_ONE_CAMERA = (
    *('camera_matrix', 'intrinsic_matrix', 'camera_intrinsics', 'intrinsics', 'K', 'M', 'mtx', 'cam_matrix'),
    *('distortion_coefficients', 'dist_coeffs', 'distortion', 'D', 'dist', 'P', 'projection_matrix'),
)


def cameras_of(document: NamedValues) -> dict[str, NamedValues]:
    """Return the cameras by their names; the only one of a file has the name ''.

    A pair in one mapping (M1 and M2, cameraMatrixL and cameraMatrixR) has the names left and right.

    :raises CalibrationValueError: there is none
    """
    if document.find(*INTRINSICS, 'Camera.fx', 'Camera1.fx'):
        return {'': document}
    if pair := _side_by_side(document):
        return pair
    if found := _one_per_mapping(document):
        return found
    raise CalibrationValueError(
        f'there is no camera matrix (camera_matrix, cameraMatrix, K, k, M1 or intrinsics); it has {_keys(document)}'
    )


def choose(cameras: Mapping[str, NamedValues], name: str) -> NamedValues:
    """Return the camera of a name, or the only one.

    :raises CalibrationValueError: there is no such camera, or no name and several cameras
    """
    if len(cameras) == 1 and not name:
        return next(iter(cameras.values()))
    known = ', '.join(filter(None, cameras)) or 'one without a name'
    for camera, section in cameras.items():
        if name and plain(_NUMBERED.get(name.lower(), name)) == plain(camera):
            return section
    if name:
        raise CalibrationValueError(f'there is no camera {name!r} (it has {known})')
    example = next(iter(cameras))
    raise CalibrationValueError(f'there are {len(cameras)} cameras ({known}); name one, as in FILE#{example}')


def choose_pair(cameras: Mapping[str, NamedValues], right: str = '') -> tuple[NamedValues, NamedValues]:
    """Return the first two cameras, or the one of a name with the one before it.

    :raises CalibrationValueError: there are not two
    """
    names = list(cameras)
    if len(names) < 2:
        found = f'only the camera {names[0]}' if names[0] else 'a single camera'
        raise CalibrationValueError(
            f'two cameras are expected (M1, D1, M2, D2 with R and T, or cam0 and cam1), there is {found}'
        )
    second = max(1, names.index(right)) if right in names else 1
    return cameras[names[second - 1]], cameras[names[second]]


def _side_by_side(document: NamedValues) -> dict[str, NamedValues]:
    """Return the sections left and right of names such as M1 and M2; what has no side belongs to both."""
    assert isinstance(document.value.content, dict)
    sides: dict[str, dict[str, Value]] = {'left': {}, 'right': {}}
    common: dict[str, Value] = {}
    for name, value in document.value.content.items():
        side, rest = _split_side(name)
        (sides[side] if side else common)[rest] = value
    common = {name: value for name, value in common.items() if plain(name) not in ('r', 't', 'p')}  # of the pair
    sections = {side: NamedValues(Value(common | own, '', document.value.line)) for side, own in sides.items()}
    return {side: section for side, section in sections.items() if section.find(*INTRINSICS)}


def _split_side(name: str) -> tuple[str, str]:
    """Return the side that a name ends or begins with, and the rest; no side where the rest is no name of a camera."""
    words = plain(name)
    names = [plain(known) for known in _OF_ONE_CAMERA] + ['imagewidth', 'imageheight', 'imagesize', 'resolution', 'r']
    for mark, side in _NUMBERED.items():
        for rest in (words.removesuffix(mark), words.removeprefix(mark)):
            if rest != words and (rest in names or rest.removeprefix('camera') in names):
                return side, rest if rest in names else rest.removeprefix('camera')
    return '', name


def _one_per_mapping(document: NamedValues) -> dict[str, NamedValues]:
    found = {name: section for name, section in document.sections() if section.find(*INTRINSICS)}
    if found:
        return found
    for _, section in document.sections():  # such as camera-calibration of SCARED's frames
        if inner := _side_by_side(section) or _one_per_mapping(section):
            return inner
    return {}


def _keys(document: NamedValues) -> str:
    assert isinstance(document.value.content, dict)
    keys = [re.sub(r'\s+', ' ', key)[:40] for key in document.value.content]
    more = f' and {len(keys) - 12} more' if len(keys) > 12 else ''
    return (', '.join(keys[:12]) or 'no names') + more
