"""Messages of camera guidance to arrays and back."""

from __future__ import annotations

import sys

import cv2
import numpy as np
from geometry_msgs.msg import Point, PointStamped, Pose, PoseStamped, Quaternion, TwistStamped, Vector3
from sensor_msgs.msg import Image, JointState
from std_msgs.msg import Header

from mt3dnet_ros.errors import MT3DNetError
from mt3dnet_ros.guidance.ecm import JOINTS

_DEPTHS = {'32FC1': (np.float32, 1.0), '16UC1': (np.uint16, 0.001)}  # type and metres per unit, REP 118


class GuidanceMessageError(MT3DNetError, ValueError):
    """A message that guidance cannot use."""


def decode_depth(message: Image) -> np.ndarray:
    """Return a depth image, (H, W) metres.

    :raises GuidanceMessageError: the message contradicts itself or its encoding is not known
    """
    if message.encoding not in _DEPTHS:
        raise GuidanceMessageError(
            f"depth of encoding '{message.encoding}' is not supported (supported: {', '.join(_DEPTHS)}); "
            'remap depth to a depth image as in REP 118'
        )
    kind, unit = _DEPTHS[message.encoding]
    size = np.dtype(kind).itemsize
    if message.step < message.width * size or len(message.data) != message.step * message.height or not message.data:
        raise GuidanceMessageError(
            f'depth of {message.width} x {message.height} pixels with step {message.step} does not fit its '
            f'{len(message.data)} bytes; correct the source'
        )
    rows = np.frombuffer(message.data, np.uint8).reshape(message.height, message.step)
    samples = np.ascontiguousarray(rows[:, : message.width * size]).view(kind)
    swapped = bool(message.is_bigendian) != (sys.byteorder == 'big')
    return (samples.byteswap() if swapped else samples) * np.float32(unit)


def read_joints(message: JointState) -> np.ndarray:
    """Return yaw, pitch, insertion and roll, (4,) radians and metres.

    :raises GuidanceMessageError: these are other joints, or their positions are missing
    """
    names = list(message.name)
    others = names and not (
        len(names) == len(JOINTS) and all(name.endswith(joint) for name, joint in zip(names, JOINTS, strict=True))
    )
    if others or len(message.position) != len(JOINTS):
        raise GuidanceMessageError(
            f'joint state of {names} with {len(message.position)} positions is not that of an ECM '
            f'(expected: {", ".join(JOINTS)}); set dvrk.arm'
        )
    return np.array(message.position)


def fill_joints(positions: np.ndarray, header: Header, velocities: np.ndarray | None = None) -> JointState:
    """Return a joint state, or a command, of (4,) radians and metres."""
    message = JointState(header=header, name=list(JOINTS), position=positions.tolist())
    if velocities is not None:
        message.velocity = velocities.tolist()
    return message


def fill_point(point: np.ndarray, header: Header) -> PointStamped:
    """Return a point (3,) in metres."""
    x, y, z = point.tolist()
    return PointStamped(header=header, point=Point(x=x, y=y, z=z))


def fill_twist(twist: np.ndarray, header: Header) -> TwistStamped:
    """Return a twist (6,): velocity in m/s and angular velocity in rad/s, both in the header's frame."""
    message = TwistStamped(header=header)
    message.twist.linear = _vector(twist[:3])
    message.twist.angular = _vector(twist[3:])
    return message


def _vector(values: np.ndarray) -> Vector3:
    x, y, z = values.tolist()
    return Vector3(x=x, y=y, z=z)


def fill_pose(pose: np.ndarray, header: Header) -> PoseStamped:
    """Return a rigid motion (4, 4) as a pose in the header's frame."""
    x, y, z = pose[:3, 3].tolist()
    return PoseStamped(header=header, pose=Pose(position=Point(x=x, y=y, z=z), orientation=_quaternion(pose[:3, :3])))


def _quaternion(rotation: np.ndarray) -> Quaternion:
    turn = cv2.Rodrigues(rotation)[0].ravel()  # about its own direction, by its length in radians
    half = 0.5 * float(np.linalg.norm(turn))
    x, y, z = (0.5 * np.sinc(half / np.pi) * turn).tolist()
    return Quaternion(x=x, y=y, z=z, w=float(np.cos(half)))
