"""Motion in the picture: optical flow, and pictures of shortly before and after by warping along it."""

from __future__ import annotations

import math

import cv2
import numpy as np

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.renderer.raycast import Hits, SceneMesh

_SAMPLED = 24  # vertices of a mesh that tell its motion
_SAME = 0.5  # pixels by which the motion of one surface differs from place to place
_FARTHEST = 0.1  # of the picture's width, to which motion is followed
_FRONT = 0.002  # metres by which what covers a point may lie behind it


def flow_field(camera: Camera, hits: Hits, later: tuple[SceneMesh, ...], pixels: tuple[np.ndarray, ...]) -> np.ndarray:
    """Return how far each pixel's point moves in the picture, (H, W, 2) float32 pixels.

    The motion of each mesh is taken for an affine one, which a rigid one is; lens distortion is left out.

    :param later: the meshes of the same scene at a later time
    :param pixels: index of those rays that belong to the picture's pixels
    """
    points, mesh_index = hits.points[pixels], hits.mesh_index[pixels]
    moved = points.copy()
    for number, (before, after) in enumerate(zip(hits.meshes, later, strict=True)):
        mask = mesh_index == number
        if mask.any():
            moved[mask] = _homogeneous(points[mask]) @ _affine_motion(before, after)
    scale = np.array([camera.fx, camera.fy], np.float32)
    with np.errstate(all='ignore'):
        flow = scale * (_perspective(moved - hits.eye) - _perspective(points - hits.eye))
    return np.nan_to_num(flow, posinf=0.0, neginf=0.0).astype(np.float32)


def _affine_motion(before: SceneMesh, after: SceneMesh) -> np.ndarray:
    """Return the affine map (4, 3) float32 that fits the motion of a mesh's vertices."""
    vertices = before.mesh.vertices
    some = np.linspace(0, len(vertices) - 1, min(_SAMPLED, len(vertices))).astype(int)
    fit = np.linalg.lstsq(_homogeneous(vertices[some]), after.mesh.vertices[some], rcond=1e-9)[0]
    return fit.astype(np.float32)


def _perspective(points: np.ndarray) -> np.ndarray:
    return points[..., :2] / points[..., 2:]


def _homogeneous(points: np.ndarray) -> np.ndarray:
    return np.hstack([points, np.ones((len(points), 1), points.dtype)])


class FlowWarp:
    """Pictures of a scene shortly before and after the instant for which its depth and flow are known.

    A point that a moving surface comes to cover shows that surface; a point that it leaves shows what lies beside it,
    and a point that comes from behind another surface shows what is there already.

    :param flow: (H, W, 2) float32 pixels per unit of time
    :param depth: (H, W) float32 metres
    """

    def __init__(self, flow: np.ndarray, depth: np.ndarray, span: float) -> None:
        height, width = depth.shape
        self._flow, self._depth, self._both = flow, depth, np.dstack([flow, depth])
        self._columns, self._rows = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
        self._fastest = _spread(flow, span)
        self._moving = _alike(flow, self._fastest)

    def at(self, image: np.ndarray, time: float) -> np.ndarray:
        """Return an image (H, W, 3) of time 0 as it is at another one, within ``span`` of it."""
        reach = np.float32(time)
        columns, rows = (a - reach * self._fastest[..., i] for i, a in enumerate((self._columns, self._rows)))
        both = self._sampled(self._both, columns, rows)
        there, depth = both[..., :2], both[..., 2]
        covered = ~self._moving & (depth < self._depth + _FRONT)
        hidden = self._moving & (depth < self._depth - _FRONT) & ~_alike(there, self._fastest)
        own = np.where(covered[..., None], there, self._flow)
        own[hidden] = 0
        return self._sampled(image, self._columns - reach * own[..., 0], self._rows - reach * own[..., 1])

    @staticmethod
    def _sampled(values: np.ndarray, columns: np.ndarray, rows: np.ndarray) -> np.ndarray:
        return cv2.remap(values, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def _alike(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    return np.square(first - second).sum(axis=-1) < _SAME**2


def _spread(flow: np.ndarray, span: float) -> np.ndarray:
    """Return at each pixel the fastest flow that can reach it within a span of time, (H, W, 2).

    Every second pixel is asked, as surfaces are larger than one.
    """
    few = flow[::2, ::2]
    speed = np.hypot(few[..., 0], few[..., 1])
    order = np.argsort(speed, axis=None)
    rank = np.empty(speed.size, np.float32)  # whole numbers, exact up to 2**24 pixels
    rank[order] = np.arange(speed.size)
    reach = math.ceil(0.5 * min(span * float(speed.max()), _FARTHEST * flow.shape[1])) + 1
    highest = cv2.dilate(rank.reshape(speed.shape), np.ones((2 * reach + 1, 2 * reach + 1), np.uint8))
    fastest = few.reshape(-1, 2)[order[highest.astype(int)]]
    return fastest.repeat(2, axis=0).repeat(2, axis=1)[: flow.shape[0], : flow.shape[1]]
