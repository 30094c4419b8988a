"""Instruments as trees of joints that move surfaces."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mt3dnet_ros.errors import needs_extra
from mt3dnet_ros.renderer.meshes import Mesh

with needs_extra('render'):
    from scipy.spatial.transform import Rotation

BACKGROUND, SHAFT_PART, WRIST_PART, CLASPER_PART = range(4)
_TUBE = 0.1  # metres, least length of a shaft's tube


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
    mesh: Mesh


@dataclass(frozen=True)
class Instrument:
    """A tool in the frame of its ``roll_link``: z runs along the shaft towards the tip.

    :param class_id: id in the taxonomy endovis2018
    :param joints: in an order that goes from root to leaf
    :param tip: where the tool tip is without a link ``tool_tip_link``, metres
    :param disposable: whether it is dressed as a disposable tool, see ``disposable_looks.py``
    """

    name: str
    class_id: int
    pieces: tuple[Piece, ...]
    joints: tuple[Joint, ...] = ()
    tip: tuple[float, float, float] = (0.0, 0.0, 0.0)
    disposable: bool = False

    def limits(self) -> dict[str, tuple[float, float]]:
        """Range of every joint that moves by itself, radians."""
        return {j.name: (j.lower, j.upper) for j in self.joints if j.kind == 'revolute' and j.source == j.name}

    @property
    def radius(self) -> float:
        """Radius of its shaft, metres."""
        return max(float(piece.mesh.vertices[:, 0].max()) for piece in self.pieces if piece.part == SHAFT_PART)

    @property
    def shaft_diameter(self) -> float:
        """Diameter of its tube, metres: of the thinnest long piece of the shaft, since a cannula may be around it."""
        shafts = [piece.mesh.vertices for piece in self.pieces if piece.part == SHAFT_PART]
        return 2.0 * min(float(points[:, 0].max()) for points in shafts if np.ptp(points[:, 2]) > _TUBE)

    @property
    def wristed(self) -> bool:
        """Whether it bends behind its jaws, as no hand-held tool does."""
        return any(name != 'jaw' for name in self.limits())

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


def pose_through_port(tip: np.ndarray, port: np.ndarray, roll: float, offset: np.ndarray) -> np.ndarray:
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
