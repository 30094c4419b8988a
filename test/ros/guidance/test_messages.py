"""Messages of guidance to arrays and back."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip('rclpy', reason='needs ROS 2; `source .venv/ros.sh`')

from geometry_msgs.msg import Point, PointStamped
from sensor_msgs.msg import Image, JointState
from std_msgs.msg import Header

from mt3dnet_ros.guidance.ecm import Ecm
from mt3dnet_ros.msg import Fixation, Scanpath
from mt3dnet_ros.perception.scale.depth_scale import GUESS, DepthScale, SupportingSource
from mt3dnet_ros.ros.guidance.messages import (
    GuidanceMessageError,
    decode_depth,
    fill_joints,
    fill_pose,
    fill_twist,
    read_joints,
    read_scale,
)
from mt3dnet_ros.ros.guidance.targets import TargetReader
from mt3dnet_ros.ros.messages.depth_scale import fill_depth_scale
from mt3dnet_ros.ros.messages.headers import make_header
from mt3dnet_ros.ros.messages.images import fill_image

DEPTH = np.array([[0.1, np.nan, 0.3], [0.04, 0.05, 0.06]], np.float32)
JOINTS = np.array([0.1, -0.2, 0.12, 0.3])


def padded(message: Image, extra: int) -> Image:
    """Return the image with bytes after each row."""
    rows = np.frombuffer(message.data, np.uint8).reshape(message.height, message.step)
    data = np.pad(rows, ((0, 0), (0, extra)), constant_values=255).tobytes()
    return Image(
        encoding=message.encoding,
        height=message.height,
        width=message.width,
        step=message.step + extra,
        is_bigendian=message.is_bigendian,
        data=data,
    )


def test_depth_in_metres_comes_back_as_it_was() -> None:
    np.testing.assert_array_equal(decode_depth(padded(fill_image(DEPTH, '32FC1', Header()), 5)), DEPTH)


def test_depth_in_millimetres_becomes_metres() -> None:
    message = fill_image(np.array([[100, 0]], np.uint16), '16UC1', Header())
    np.testing.assert_allclose(decode_depth(message), [[0.1, 0.0]], rtol=1e-6)


def test_depth_of_the_other_byte_order_is_read() -> None:
    message = fill_image(DEPTH.byteswap(), '32FC1', Header())
    message.is_bigendian = 1 - message.is_bigendian
    np.testing.assert_array_equal(decode_depth(message), DEPTH)


@pytest.mark.parametrize(
    ('message', 'reason'),
    [
        (Image(encoding='mono8', height=1, width=1, step=1, data=bytes(1)), "encoding 'mono8' is not supported"),
        (Image(encoding='32FC1', height=2, width=2, step=8, data=bytes(8)), 'does not fit its 8 bytes'),
        (Image(encoding='32FC1', height=1, width=3, step=8, data=bytes(8)), 'does not fit its 8 bytes'),
        (Image(encoding='32FC1'), 'does not fit its 0 bytes'),
    ],
)
def test_impossible_depth_is_refused(message: Image, reason: str) -> None:
    with pytest.raises(GuidanceMessageError, match=reason):
        decode_depth(message)


@pytest.mark.parametrize('prefix', ['', 'outer_', 'ECM_'])
def test_joints_come_back_as_they_were(prefix: str) -> None:
    message = fill_joints(JOINTS, Header(), velocities=JOINTS)
    message.name = [prefix + name for name in message.name]
    np.testing.assert_array_equal(read_joints(message), JOINTS)
    np.testing.assert_array_equal(message.velocity, JOINTS)


def test_a_command_without_names_is_taken_in_the_order_of_the_joints() -> None:
    message = JointState(position=JOINTS.tolist())
    np.testing.assert_array_equal(read_joints(message, may_be_nameless=True), JOINTS)


@pytest.mark.parametrize(
    'message',
    [
        JointState(name=['pitch', 'yaw', 'insertion', 'roll'], position=[0.0] * 4),
        JointState(name=['yaw', 'pitch', 'insertion', 'roll'], position=[0.0] * 3),
        JointState(position=[0.0] * 6),
        JointState(position=[0.0] * 4),
        JointState(name=[''] * 4, position=[0.0] * 4),
    ],
)
def test_joints_of_another_arm_are_refused(message: JointState) -> None:
    with pytest.raises(GuidanceMessageError, match='not that of an ECM'):
        read_joints(message)


def test_a_twist_is_velocity_before_angular_velocity() -> None:
    twist = fill_twist(np.arange(6.0), make_header(5, 'camera')).twist
    assert (twist.linear.x, twist.linear.z, twist.angular.x, twist.angular.z) == (0.0, 2.0, 3.0, 5.0)


@pytest.mark.parametrize('joints', [np.zeros(4), JOINTS, -JOINTS])
def test_the_quaternion_of_a_pose_turns_as_its_matrix_does(joints: np.ndarray) -> None:
    pose = Ecm().tip_pose(joints)
    q = fill_pose(pose, Header()).pose.orientation
    axis, w = np.array([q.x, q.y, q.z]), q.w
    for vector in np.eye(3):
        turned = vector + 2.0 * np.cross(axis, np.cross(axis, vector) + w * vector)
        np.testing.assert_allclose(turned, pose[:3, :3] @ vector, atol=1e-6)


def gaze(stamp: int) -> PointStamped:
    return PointStamped(header=make_header(stamp, '/camera'), point=Point(x=0.01, y=0.02, z=0.1))


def scanpath(stamp: int, *weights: float) -> Scanpath:
    fixations = [
        Fixation(position=Point(x=float(order)), weight=weight, order=order) for order, weight in enumerate(weights, 1)
    ]
    return Scanpath(header=make_header(stamp, '/camera'), fixations=fixations[::-1])


def test_a_gaze_takes_its_confidence_from_the_scanpath_of_its_image_whichever_comes_first() -> None:
    reader = TargetReader('gaze', needs_confidence=True)
    assert reader.take_gaze(gaze(1)) is None
    assert reader.take_scanpath(scanpath(1, 0.5, 0.25)).confidence == pytest.approx(0.5)
    assert reader.take_scanpath(scanpath(2, 0.75)) is None
    target = reader.take_gaze(gaze(2))
    assert target.confidence == pytest.approx(0.75)
    assert target.frame_id == 'camera'
    np.testing.assert_array_equal(target.point, (0.01, 0.02, 0.1))


def test_a_gaze_of_another_image_waits() -> None:
    reader = TargetReader('gaze', needs_confidence=True)
    reader.take_scanpath(scanpath(1, 0.5))
    assert reader.take_gaze(gaze(2)) is None


def test_a_gaze_stands_alone_where_no_confidence_is_asked_for() -> None:
    assert TargetReader('gaze', needs_confidence=False).take_gaze(gaze(1)).confidence == 1.0


def test_the_first_fixation_can_be_the_target() -> None:
    reader = TargetReader('scanpath', needs_confidence=True)
    assert reader.take_gaze(gaze(1)) is None
    target = reader.take_scanpath(scanpath(1, 0.6, 0.4))
    assert target.point[0] == 1.0
    assert target.confidence == pytest.approx(0.6)


def test_an_empty_scanpath_is_no_target() -> None:
    assert TargetReader('scanpath', needs_confidence=True).take_scanpath(scanpath(1)) is None


SCALE = DepthScale(
    1.4,
    0.03,
    (SupportingSource('shaft', 1.4, 0.03, 0.1), SupportingSource('robot', 1.5, 0.1, 2.0)),
    shape_deviation=0.1,
)


@pytest.mark.parametrize('scale', [SCALE, GUESS, DepthScale(1.4, 0.2, SCALE.sources, ('shaft against robot',))])
def test_a_scale_comes_back_as_far_as_guidance_needs_it(scale: DepthScale) -> None:
    read = read_scale(fill_depth_scale(scale, Header()))
    assert (read.factor, read.is_guess, read.conflicts) == (scale.factor, scale.is_guess, scale.conflicts)
    np.testing.assert_equal(read.near_end(0.1), scale.near_end(0.1))


def test_a_scale_that_contradicts_itself_is_refused_with_the_remedy() -> None:
    no_source, few_factors = (fill_depth_scale(SCALE, Header()) for _ in range(2))
    no_source.sources = []
    few_factors.factors = [1.4]
    for message in (no_source, few_factors):
        with pytest.raises(GuidanceMessageError, match='fill in one of each per source'):
            read_scale(message)


def test_what_is_refused_is_not_written_out() -> None:
    names = ['n' * 100_000] * 100_000  # 10 GB as one text
    scale = fill_depth_scale(SCALE, Header())
    scale.sources = names
    with pytest.raises(GuidanceMessageError, match='and 99984 more'):
        read_scale(scale)
    with pytest.raises(GuidanceMessageError, match='and 99984 more'):
        read_joints(JointState(name=names))
