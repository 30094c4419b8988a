"""The nodes that tell what a rig's drivers do not, as processes over real DDS."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pytest
from sensor_msgs.msg import CameraInfo
from support.paths import ROOT
from support.ros_listener import listening, wait_for_end
from support.ros_processes import NodeProcess

from mt3dnet_ros.ros.messages.camera_info import camera_from_info
from mt3dnet_ros.ros.qos import BEST_EFFORT_INPUT, LATCHED

HAND_EYE = """
parent_frame: ECM_tip_link
child_frame: jhu_daVinci/left_frame
transform: {translation: {x: 0.0025, y: 0, z: -0.01}, rotation: {x: 0, y: 0, z: 1, w: 0}}
"""


def first_info(parameters: dict[str, object], start_node: Callable[..., NodeProcess]) -> CameraInfo:
    start_node('camera_info_source', parameters)
    with listening() as listener:
        infos = listener.collect(CameraInfo, 'camera_info', BEST_EFFORT_INPUT)  # as perception asks for it
        listener.spin_until(lambda: infos, timeout=60.0)
    return infos[0]


def test_a_calibration_file_becomes_a_camera_info(start_node: Callable[..., NodeProcess]) -> None:
    calibration = str(ROOT / 'config/demo/camera.yaml')
    info = first_info({'calibration': calibration, 'frame_id': '/jhu_daVinci/left_frame'}, start_node)
    assert info.header.frame_id == 'jhu_daVinci/left_frame'
    assert camera_from_info(info, info.width, info.height).fx == info.k[0] > 0.0


def test_a_vertical_field_of_view_gives_its_focal_length(start_node: Callable[..., NodeProcess]) -> None:
    info = first_info({'vertical_fov': 60.0, 'width': 640, 'height': 480}, start_node)
    focal = 240.0 / math.tan(math.radians(30.0))
    assert (info.width, info.height) == (640, 480)
    assert [info.k[0], info.k[4], info.k[2], info.k[5]] == pytest.approx([focal, focal, 319.5, 239.5])


@pytest.mark.parametrize(
    ('executable', 'parameters', 'reason'),
    [
        ('camera_info_source', {}, 'give one of them'),
        ('camera_info_source', {'calibration': '/nowhere/left.yaml'}, "'/nowhere/left.yaml': cannot be read"),
        ('hand_eye', {'file': '/nowhere/hand_eye.yaml'}, "'/nowhere/hand_eye.yaml' cannot be read"),
    ],
)
def test_without_a_usable_file_the_process_ends_with_one_message(
    start_node: Callable[..., NodeProcess], executable: str, parameters: dict[str, object], reason: str
) -> None:
    status, output = wait_for_end(start_node(executable, parameters), timeout=60.0)
    assert status == 1
    assert reason in output
    assert 'Traceback' not in output


def test_a_hand_eye_file_becomes_a_latched_transform(start_node: Callable[..., NodeProcess], tmp_path: Path) -> None:
    tf2_msgs = pytest.importorskip('tf2_msgs.msg', reason='tf2_msgs comes with a ROS installation, not from PyPI')
    path = tmp_path / 'hand_eye.yaml'
    path.write_text(HAND_EYE)
    start_node('hand_eye', {'file': str(path)}).wait_for_output('as calibrated', timeout=60.0)
    with listening() as listener:
        received = listener.collect(tf2_msgs.TFMessage, '/tf_static', LATCHED)
        listener.spin_until(lambda: received, timeout=60.0)
    (transform,) = received[0].transforms
    assert (transform.header.frame_id, transform.child_frame_id) == ('ECM_tip_link', 'jhu_daVinci/left_frame')
    assert (transform.transform.translation.x, transform.transform.rotation.z) == (0.0025, 1.0)
    assert transform.header.stamp.sec > 0
