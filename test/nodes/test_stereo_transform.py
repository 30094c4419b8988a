"""The node that says where the right eye is, as a process over real DDS."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

pytest.importorskip('tf2_msgs', reason='tf2_msgs comes with a ROS installation, not from PyPI')

from geometry_msgs.msg import TransformStamped
from sensor_msgs.msg import CameraInfo
from std_msgs.msg import Header
from support.ros_listener import Listener, listening, wait_for_end
from support.ros_processes import NodeProcess
from tf2_msgs.msg import TFMessage

from mt3dnet_ros.msg import DetectionArray
from mt3dnet_ros.ros.qos import LATCHED

SIZE = (1280, 1024)
K = np.array([[1100.0, 0.0, 640.0], [0.0, 1090.0, 500.0], [0.0, 0.0, 1.0]])
ROTATION = cv2.Rodrigues(np.array([0.01, -0.03, 0.02]))[0]
TRANSLATION = np.array([-0.0043, 0.0002, -0.0001])
POINTS = np.random.default_rng(0).normal(size=(5, 3))
FRAMES = {'left_frame': '/rig/left_frame', 'right_frame': 'rig/right_frame'}


@pytest.fixture
def listener() -> Iterator[Listener]:
    with listening() as listener:
        yield listener


@pytest.fixture
def pair_file(tmp_path: Path) -> str:
    path = tmp_path / 'the pair.yaml'
    storage = cv2.FileStorage(str(path), cv2.FILE_STORAGE_WRITE)
    storage.write('R', ROTATION)
    storage.write('T', TRANSLATION.reshape(3, 1))
    storage.release()
    return str(path)


def infos() -> tuple[CameraInfo, CameraInfo]:
    """Return what a driver publishes of a pair that camera_calibration calibrated."""
    r1, r2, p1, p2, *_ = cv2.stereoRectify(K, np.zeros(5), K, np.zeros(5), SIZE, ROTATION, TRANSLATION)
    left, right = (
        CameraInfo(width=SIZE[0], height=SIZE[1], k=K.ravel().tolist(), r=r.ravel().tolist(), p=p.ravel().tolist())
        for r, p in ((r1, p1), (r2, p2))
    )
    return left, right


def in_left(transform: TransformStamped, points: np.ndarray) -> np.ndarray:
    """Return points (n, 3) of the right frame in the left one, as tf2 does."""
    origin, q = transform.transform.translation, transform.transform.rotation
    axis = np.array([q.x, q.y, q.z])
    turned = points + 2 * np.cross(axis, np.cross(axis, points) + q.w * points)
    return turned + [origin.x, origin.y, origin.z]


def assert_is_the_pair(transform: TransformStamped) -> None:
    assert (transform.header.frame_id, transform.child_frame_id) == ('rig/left_frame', 'rig/right_frame')
    assert transform.header.stamp.sec > 0
    np.testing.assert_allclose(in_left(transform, POINTS @ ROTATION.T + TRANSLATION), POINTS, atol=1e-9)


def wait_for_transform(received: list[Any], listener: Listener) -> TransformStamped:
    listener.spin_until(lambda: received, timeout=60.0)
    return received[0].transforms[0]


def test_a_file_of_the_pair_becomes_a_latched_transform(
    start_node: Callable[..., NodeProcess], listener: Listener, pair_file: str
) -> None:
    process = start_node('stereo_transform', {'calibration': pair_file, **FRAMES})
    process.wait_for_output('4.31 mm beside it', timeout=60.0)
    assert_is_the_pair(wait_for_transform(listener.collect(TFMessage, '/tf_static', LATCHED), listener))


def test_rectified_images_differ_along_x_alone(
    start_node: Callable[..., NodeProcess], listener: Listener, pair_file: str
) -> None:
    start_node('stereo_transform', {'calibration': pair_file, 'rectified': True, **FRAMES})
    pose = wait_for_transform(listener.collect(TFMessage, '/tf_static', LATCHED), listener).transform
    assert (pose.translation.x, pose.rotation.w) == (pytest.approx(np.linalg.norm(TRANSLATION)), 1.0)
    assert (pose.translation.y, pose.translation.z) == (0.0, 0.0)


def test_latched_camera_infos_and_outputs_say_all_of_it(
    start_node: Callable[..., NodeProcess], listener: Listener
) -> None:
    """The driver published once, before; the frames are those of the images, as perception passes them on."""
    publishers = [listener.node.create_publisher(CameraInfo, f'/rig/{side}/camera_info', LATCHED) for side in 'lr']
    for publisher, info in zip(publishers, infos(), strict=True):
        publisher.publish(info)
    remaps = {'__ns': '/rig', 'left/camera_info': '/rig/l/camera_info', 'right/camera_info': '/rig/r/camera_info'}
    process = start_node('stereo_transform', {}, remaps)
    received = listener.collect(TFMessage, '/tf_static', LATCHED)
    process.wait_for_output("nothing has come on '/rig/left/perception/detections'", timeout=60.0)
    outputs = {
        side: listener.node.create_publisher(DetectionArray, f'/rig/{side}/perception/detections', 1)
        for side in ('left', 'right')
    }

    def arrived() -> bool:
        for side, publisher in outputs.items():
            publisher.publish(DetectionArray(header=Header(frame_id=f'rig/{side}_frame')))
        return bool(received)

    listener.spin_until(arrived, timeout=60.0)
    assert_is_the_pair(received[0].transforms[0])


def test_a_right_eye_that_is_placed_already_is_left_there(
    start_node: Callable[..., NodeProcess], listener: Listener, pair_file: str
) -> None:
    """tf2 takes one parent: a second one tears the tree."""
    other = listener.node.create_publisher(TFMessage, '/tf_static', LATCHED)
    placed = TransformStamped(header=Header(frame_id='tip'), child_frame_id='rig/right_frame')
    other.publish(TFMessage(transforms=[placed]))
    process = start_node('stereo_transform', {'calibration': pair_file, **FRAMES})
    process.wait_for_output("'rig/right_frame' is already placed in 'tip'", timeout=60.0)
    received = listener.collect(TFMessage, '/tf_static', LATCHED)
    listener.spin_for(2.0)
    assert [message.transforms[0].header.frame_id for message in received] in ([], ['tip'])


@pytest.mark.parametrize('shared', ['', 'camera'])
def test_what_is_missing_is_said(
    start_node: Callable[..., NodeProcess], listener: Listener, pair_file: str, shared: str
) -> None:
    parameters = {'calibration': pair_file, 'left_frame': shared, 'right_frame': shared} if shared else FRAMES
    reason = "both eyes are in the frame 'camera'" if shared else "no CameraInfo has come on '/left/camera_info' and"
    start_node('stereo_transform', parameters).wait_for_output(reason, timeout=60.0)


def test_cameras_that_were_calibrated_one_by_one_are_told_from_a_pair(
    start_node: Callable[..., NodeProcess], listener: Listener
) -> None:
    process = start_node('stereo_transform', FRAMES)
    info, _ = infos()  # its P has no baseline
    publishers = [listener.node.create_publisher(CameraInfo, f'{side}/camera_info', 1) for side in ('left', 'right')]

    def said() -> bool:
        for publisher in publishers:
            publisher.publish(info)
        return 'or name a file of the pair' in process.output()

    listener.spin_until(said, timeout=60.0)
    assert "CameraInfo on '/right/camera_info': the two cameras are at one place" in process.output()


@pytest.mark.parametrize(
    ('parameters', 'reason'),
    [
        ({'calibration': '/nowhere/pair.yaml'}, "'/nowhere/pair.yaml'"),
        ({'left_calibration': 'left.yaml'}, 'name both or none'),
    ],
)
def test_a_file_that_cannot_be_used_ends_the_process_with_one_message(
    start_node: Callable[..., NodeProcess], parameters: dict[str, str], reason: str
) -> None:
    status, output = wait_for_end(start_node('stereo_transform', parameters), timeout=60.0)
    assert (status, 'Traceback' in output) == (1, False)
    assert reason in output
