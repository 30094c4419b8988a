"""Triangles as a marker: a hundred thousand of them, which rclpy would take seconds for, are serialised as arrays."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from geometry_msgs.msg import Point, Pose, Quaternion, Vector3
from rclpy.serialization import deserialize_message, serialize_message
from std_msgs.msg import ColorRGBA, Header
from visualization_msgs.msg import Marker

_ENCAPSULATION = 4  # bytes before the message that say its byte order
_POINT, _COLOR, _COUNT = 24, 16, 4  # bytes of them, and of a length
_SENTINEL = 1.0e-300, -2.0e-300, 3.0e-300  # of which no header is made


def serialized_mesh(vertices: np.ndarray, rgb: np.ndarray, triangles: np.ndarray, header: Header) -> bytes:
    """Return a marker of triangles with a colour at every corner, in CDR.

    :param vertices: (n, 3) metres, in the header's frame, with colours ``rgb`` (n, 3) uint8
    :param triangles: (m, 3) vertices
    """
    corners = triangles.ravel()
    points = np.ascontiguousarray(vertices[corners], np.float64)
    colors = np.ones((len(corners), 4), np.float32)
    colors[:, :3] = rgb[corners] / np.float32(255.0)
    if len(corners) and _can_be_spliced():
        return _splice(header, points, colors)
    return serialize_message(_whole(header, points, colors))


def _marker(header: Header) -> Marker:
    marker = Marker(header=header, ns='tissue', type=Marker.TRIANGLE_LIST, action=Marker.ADD)
    marker.pose = Pose(orientation=Quaternion(w=1.0))
    marker.scale, marker.color = Vector3(x=1.0, y=1.0, z=1.0), ColorRGBA(r=1.0, g=1.0, b=1.0, a=1.0)
    return marker


def _whole(header: Header, points: np.ndarray, colors: np.ndarray) -> Marker:
    marker = _marker(header)
    marker.points = [Point(x=x, y=y, z=z) for x, y, z in points.tolist()]
    marker.colors = [ColorRGBA(r=r, g=g, b=b, a=a) for r, g, b, a in colors.tolist()]
    if not marker.points:  # RViz complains about a list of no triangle
        marker.action = Marker.DELETE
    return marker


def _splice(header: Header, points: np.ndarray, colors: np.ndarray) -> bytes:
    """Put all points and colours in the place of one, whose bytes are found by its odd numbers."""
    marker = _marker(header)
    empty = len(serialize_message(marker))
    x, y, z = _SENTINEL
    marker.points, marker.colors = [Point(x=x, y=y, z=z)], [ColorRGBA()]
    one = serialize_message(marker)
    order = '<' if one[1] & 1 else '>'
    at = one.index(np.array(_SENTINEL, f'{order}f8').tobytes())
    padding = len(one) - empty - _POINT - _COLOR  # before the first point, which is aligned to 8 bytes
    counted = at - padding - _COUNT
    count = np.array([len(points)], f'{order}u4').tobytes()
    return b''.join(
        (
            one[:counted],
            count,
            bytes(padding),
            points.astype(f'{order}f8').tobytes(),
            count,
            colors.astype(f'{order}f4').tobytes(),
            one[at + _POINT + _COUNT + _COLOR :],
        )
    )


@lru_cache
def _can_be_spliced() -> bool:
    """Return whether the middleware reads what is put together so as the same message."""
    points = np.arange(9.0).reshape(3, 3)
    colors = np.arange(12, dtype=np.float32).reshape(3, 4) / np.float32(16.0)
    header = Header(frame_id='map')
    try:
        return deserialize_message(_splice(header, points, colors), Marker) == _whole(header, points, colors)
    except (RuntimeError, ValueError):  # of rclpy; of a serialisation in which the point is not found
        return False
