"""Messages of camera guidance to arrays and back."""

from __future__ import annotations

import sys

import numpy as np
from geometry_msgs.msg import Point, PointStamped, Pose, PoseStamped, Quaternion, TwistStamped, Vector3
from sensor_msgs.msg import Image, JointState
from std_msgs.msg import Header

from mt3dnet_ros import msg
from mt3dnet_ros.errors import MT3DNetError, shown_values
from mt3dnet_ros.geometry.rotation import quaternion_of
from mt3dnet_ros.guidance.joint_limits import JOINTS
from mt3dnet_ros.perception.scale.depth_scale import DepthScale
from mt3dnet_ros.ros.messages.depth_scale import read_depth_scale

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


def read_scale(message: msg.DepthScale) -> DepthScale:
    """Return the scale of depth.

    :raises GuidanceMessageError: the message contradicts itself about what the scale rests on
    """
    scale = read_depth_scale(message)
    if message.guess != scale.is_guess or len(message.sources) != len(scale.sources):
        raise GuidanceMessageError(
            f'a scale with guess {str(message.guess).lower()} and the sources {shown_values(message.sources)} with '
            f'{len(scale.sources)} factors, deviations and ages contradicts itself; fill in one of each per source, '
            'and guess where there is none'
        )
    return scale


def read_joints(message: JointState, may_be_nameless: bool = False) -> np.ndarray:
    """Return yaw, pitch, insertion and roll, (4,) radians and metres.

    :param may_be_nameless: take positions without names in this order, as an arm takes commands
    :raises GuidanceMessageError: these are other joints, or their names or positions are missing
    """
    names = list(message.name)
    ours = len(names) == len(JOINTS) and all(name.endswith(joint) for name, joint in zip(names, JOINTS, strict=True))
    if not (ours or (may_be_nameless and not names)) or len(message.position) != len(JOINTS):
        raise GuidanceMessageError(
            f'joint state of {shown_values(names)} with {len(message.position)} positions is not that of an ECM '
            f'(expected: {", ".join(JOINTS)}, by name); set dvrk.arm, or correct what publishes it'
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


def read_twist(message: TwistStamped) -> np.ndarray:
    """Return (6,): velocity and angular velocity."""
    linear, angular = message.twist.linear, message.twist.angular
    return np.array([linear.x, linear.y, linear.z, angular.x, angular.y, angular.z])


def _vector(values: np.ndarray) -> Vector3:
    x, y, z = values.tolist()
    return Vector3(x=x, y=y, z=z)


def fill_pose(pose: np.ndarray, header: Header) -> PoseStamped:
    """Return a rigid motion (4, 4) as a pose in the header's frame."""
    x, y, z = pose[:3, 3].tolist()
    i, j, k, w = quaternion_of(pose[:3, :3])
    orientation = Quaternion(x=i, y=j, z=k, w=w)
    return PoseStamped(header=header, pose=Pose(position=Point(x=x, y=y, z=z), orientation=orientation))
