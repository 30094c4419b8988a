"""Coloured triangles in GLB files (glTF 2.0, binary), which browsers, Blender and PowerPoint show."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import numpy as np

from mt3dnet_ros.media.whole_file import write_whole

_MAGIC, _VERSION = b'glTF', 2
_FLOAT, _UNSIGNED_INT, _UNSIGNED_BYTE = 5126, 5125, 5121  # of WebGL
_ARRAY_BUFFER, _ELEMENT_ARRAY_BUFFER = 34962, 34963
_TO_GLTF = np.array([1.0, -1.0, -1.0], np.float32)  # from x right, y down, z away to y up, z towards the viewer


def write_glb(path: Path, vertices: np.ndarray, rgb: np.ndarray, triangles: np.ndarray) -> None:
    """Write triangles; they are shown from both sides, without light.

    :param vertices: (n, 3) float32 metres, x right, y down, z away (REP 103)
    :param rgb: (n, 3) uint8, of the vertices
    :param triangles: (m, 3) vertices
    :raises OSError: it cannot be written
    """
    places = np.ascontiguousarray(vertices * _TO_GLTF, np.float32)
    colors = np.column_stack([rgb, np.full(len(rgb), 255, np.uint8)])
    buffers = places.tobytes(), colors.tobytes(), np.ascontiguousarray(triangles, np.uint32).tobytes()
    text = json.dumps(_describe(places, len(colors), triangles.size, [len(data) for data in buffers])).encode()
    chunks = _chunk(b'JSON', text, b' ') + _chunk(b'BIN\0', b''.join(buffers), b'\0')
    write_whole(path, struct.pack('<4sII', _MAGIC, _VERSION, 12 + len(chunks)) + chunks)


def _describe(places: np.ndarray, colors: int, indices: int, lengths: list[int]) -> dict[str, object]:
    bounds = {'min': places.min(axis=0).tolist(), 'max': places.max(axis=0).tolist()}
    targets = _ARRAY_BUFFER, _ARRAY_BUFFER, _ELEMENT_ARRAY_BUFFER
    offsets = np.cumsum([0, *lengths[:-1]]).tolist()
    views = [
        {'buffer': 0, 'byteOffset': offset, 'byteLength': length, 'target': target}
        for offset, length, target in zip(offsets, lengths, targets, strict=True)
    ]
    accessors = [
        {'bufferView': 0, 'componentType': _FLOAT, 'count': len(places), 'type': 'VEC3', **bounds},
        {'bufferView': 1, 'componentType': _UNSIGNED_BYTE, 'normalized': True, 'count': colors, 'type': 'VEC4'},
        {'bufferView': 2, 'componentType': _UNSIGNED_INT, 'count': indices, 'type': 'SCALAR'},
    ]
    primitive = {'attributes': {'POSITION': 0, 'COLOR_0': 1}, 'indices': 2, 'material': 0}
    return {
        'asset': {'version': '2.0'},
        'scene': 0,
        'scenes': [{'nodes': [0]}],
        'nodes': [{'mesh': 0}],
        'meshes': [{'primitives': [primitive]}],
        'materials': [{'doubleSided': True, 'extensions': {'KHR_materials_unlit': {}}}],
        'extensionsUsed': ['KHR_materials_unlit'],
        'buffers': [{'byteLength': sum(lengths)}],
        'bufferViews': views,
        'accessors': accessors,
    }


def _chunk(kind: bytes, data: bytes, padding: bytes) -> bytes:
    padded = data + padding * (-len(data) % 4)
    return struct.pack('<I4s', len(padded), kind) + padded
