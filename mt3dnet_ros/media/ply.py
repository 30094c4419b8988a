"""Point clouds in PLY files, which MeshLab, CloudCompare, Blender and open3d read."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from mt3dnet_ros.media.whole_file import write_whole

_POINT = np.dtype([('xyz', '<f4', 3), ('rgb', 'u1', 3), ('label', 'u1')])
_PROPERTIES = ('float x', 'float y', 'float z', 'uchar red', 'uchar green', 'uchar blue', 'uchar label')


def write_ply(path: Path, xyz: np.ndarray, rgb: np.ndarray, labels: np.ndarray) -> int:
    """Write the known points of a cloud; return how many there are.

    :param xyz: (..., 3) float32 metres, optical frame, NaN where unknown
    :param rgb: (..., 3) uint8
    :param labels: (...) uint8 class ids
    """
    known = np.isfinite(xyz).all(-1)
    points = np.empty(int(known.sum()), _POINT)
    points['xyz'], points['rgb'], points['label'] = xyz[known], rgb[known], labels[known]
    header = [
        'ply',
        'format binary_little_endian 1.0',
        'comment metres in the optical frame: x right, y down, z forward; label is the class id',
        f'element vertex {len(points)}',
        *(f'property {name}' for name in _PROPERTIES),
        'end_header',
        '',
    ]
    write_whole(path, '\n'.join(header).encode() + points.tobytes())
    return len(points)
