"""Point clouds in PLY files, which MeshLab, CloudCompare, Blender and open3d read."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from mt3dnet_ros.media.whole_file import write_whole

_XYZ_RGB = ('xyz', '<f4', 3), ('rgb', 'u1', 3)
_NAMES = {'xyz': ('x', 'y', 'z'), 'rgb': ('red', 'green', 'blue')}  # of fields that are several properties
_TYPES = {'<f4': 'float', '|u1': 'uchar'}


def write_ply(path: Path, xyz: np.ndarray, rgb: np.ndarray, labels: np.ndarray) -> int:
    """Write the known points of a cloud; return how many there are.

    :param xyz: (..., 3) float32 metres, optical frame, NaN where unknown
    :param rgb: (..., 3) uint8
    :param labels: (...) uint8 class ids
    """
    known = np.isfinite(xyz).all(-1)
    points = np.empty(int(known.sum()), [*_XYZ_RGB, ('label', 'u1')])
    points['xyz'], points['rgb'], points['label'] = xyz[known], rgb[known], labels[known]
    return _write(path, points, 'metres in the optical frame: x right, y down, z forward; label is the class id')


def write_aged_ply(path: Path, xyz: np.ndarray, rgb: np.ndarray, age: np.ndarray) -> int:
    """Write points that were seen some time ago; return how many there are.

    :param xyz: (n, 3) float32 metres
    :param rgb: (n, 3) uint8
    :param age: (n,) float32 seconds
    """
    points = np.empty(len(xyz), [*_XYZ_RGB, ('age', '<f4')])
    points['xyz'], points['rgb'], points['age'] = xyz, rgb, age
    return _write(path, points, 'metres in the fixed frame; age is seconds since the point was last seen')


def _write(path: Path, points: np.ndarray, comment: str) -> int:
    assert points.dtype.names is not None  # for mypy
    header = ['ply', 'format binary_little_endian 1.0', f'comment {comment}', f'element vertex {len(points)}']
    for field in points.dtype.names:
        kind = _TYPES[points.dtype[field].base.str]
        header += [f'property {kind} {name}' for name in _NAMES.get(field, (field,))]
    write_whole(path, '\n'.join([*header, 'end_header', '']).encode() + points.tobytes())
    return len(points)
