"""Kinematics of the dVRK's endoscope manipulator (ECM): a camera that turns about a remote centre of motion.

The Denavit-Hartenberg parameters (modified, after Craig) and the tool offset are those of the dVRK's software,
sawIntuitiveResearchKit: share/kinematic/ECM.json, ECM_Si.json and mtsIntuitiveResearchKitECM.cpp. The derivation is in
docs/robot/guidance.md.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from mt3dnet_ros.guidance.joint_limits import read_joint_limits

YAW, PITCH, INSERTION, ROLL = range(4)

# Per joint: alpha, theta and d where the joint is at zero; a is 0 for all of them.
_LINKS = (
    (0.5 * math.pi, 0.5 * math.pi, 0.0),
    (-0.5 * math.pi, -0.5 * math.pi, 0.0),
    (0.5 * math.pi, 0.0, -0.3822),
    (0.0, 0.0, 0.3829),
)
_TILTS = {'straight': 0.0, 'up': math.radians(-30.0), 'down': math.radians(30.0)}
ENDOSCOPES = tuple(_TILTS)


def _turn_x(angle: float) -> np.ndarray:
    c, s = math.cos(angle), math.sin(angle)
    return np.array([[1.0, 0.0, 0.0, 0.0], [0.0, c, -s, 0.0], [0.0, s, c, 0.0], [0.0, 0.0, 0.0, 1.0]])


def _screw_z(angle: float, distance: float = 0.0) -> np.ndarray:
    c, s = math.cos(angle), math.sin(angle)
    return np.array([[c, -s, 0.0, 0.0], [s, c, 0.0, 0.0], [0.0, 0.0, 1.0, distance], [0.0, 0.0, 0.0, 1.0]])


def _cross(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.array([a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]])  # 20 x np.cross


_TOOL, _FROM_OPTICAL = _screw_z(-0.5 * math.pi), _screw_z(math.pi)


@dataclass(frozen=True)
class Ecm:
    """An ECM with its endoscope; joints are yaw, pitch, insertion and roll in radians and metres.

    :param endoscope: ``straight``, or ``up`` or ``down`` where it looks 30 degrees aside
    :param model: of the manipulator, of ``MODELS``; decides the joint limits
    """

    endoscope: str = 'straight'
    model: str = 'classic'

    @property
    def limits(self) -> tuple[np.ndarray, np.ndarray]:
        """Least and largest joint positions, (4,) each, which are not to be written to."""
        return read_joint_limits(self.model)

    def camera_pose(self, joints: np.ndarray) -> np.ndarray:
        """Return the camera's pose: the motion (4, 4) from its optical frame (REP 103) to the arm's base.

        The dVRK's camera axes are x left, y up, z away; half a turn about z leads to the optical frame.

        :param joints: (4,)
        """
        return self._frames(joints)[-1] @ self._optical_frame()

    def tip_pose(self, joints: np.ndarray) -> np.ndarray:
        """Return what ``measured_cp`` says: the motion (4, 4) from the tip, in the dVRK's axes, to the base."""
        return self._frames(joints)[-1] @ _TOOL @ _turn_x(_TILTS[self.endoscope])

    def jacobian(self, joints: np.ndarray) -> np.ndarray:
        """Return (6, 4): the camera's velocity and angular velocity, both in its optical frame, per joint speed."""
        frames = self._frames(joints)
        camera = frames[-1] @ self._optical_frame()
        columns = np.zeros((6, 4))
        for number, frame in enumerate(frames):
            axis = frame[:3, 2]  # with modified parameters a joint moves about, or along, the z axis of its own frame
            if number == INSERTION:
                columns[:3, number] = axis
            else:
                columns[:3, number] = _cross(axis, camera[:3, 3] - frame[:3, 3])
                columns[3:, number] = axis
        to_camera = camera[:3, :3].T
        return np.concatenate([to_camera @ columns[:3], to_camera @ columns[3:]])

    def _optical_frame(self) -> np.ndarray:
        """Return the motion (4, 4) from the optical frame to that of the last joint."""
        return _TOOL @ _turn_x(_TILTS[self.endoscope]) @ _FROM_OPTICAL

    def _frames(self, joints: np.ndarray) -> list[np.ndarray]:
        pose, frames = np.eye(4), []
        for number, (alpha, theta, d) in enumerate(_LINKS):
            slides = number == INSERTION
            angle, distance = (theta, d + joints[number]) if slides else (theta + joints[number], d)
            pose = pose @ _turn_x(alpha) @ _screw_z(angle, distance)
            frames.append(pose)
        return frames
