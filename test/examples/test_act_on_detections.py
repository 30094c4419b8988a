"""The node that acts on detections, over real DDS."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np
import pytest

pytest.importorskip('rclpy', reason='needs ROS 2; `source .venv/ros.sh`')

from geometry_msgs.msg import Point, PointStamped
from rclpy.publisher import Publisher
from sensor_msgs.msg import CameraInfo, Image
from std_msgs.msg import Header
from support.examples import EXAMPLES
from support.paths import ROOT
from support.ros_probe import Probe, patience, stamp
from support.ros_processes import NodeProcess

from mt3dnet_ros.media.calibration_file import camera_from_calibration, read_calibration_file
from mt3dnet_ros.msg import Detection, DetectionArray
from mt3dnet_ros.ros.messages.camera_info import info_from_camera
from mt3dnet_ros.ros.messages.images import fill_image


@pytest.fixture
def probe() -> Iterator[Probe]:
    probe = Probe('/perception')
    yield probe
    probe.close()


@pytest.fixture
def node(start_node: Callable[..., NodeProcess], tmp_path) -> NodeProcess:
    log = tmp_path / 'act_on_detections.log'
    return start_node(str(EXAMPLES / 'act_on_detections.py'), {'least_distance': 0.05}, log=log)


def seen(*tips: float) -> DetectionArray:
    """Return detections with their tips at some distances straight ahead, metres."""
    detections = [Detection(class_name=f'tool {k}', tip=Point(z=tip)) for k, tip in enumerate(tips)]
    return DetectionArray(header=Header(frame_id='camera'), detections=detections)


def connect(probe: Probe) -> tuple[list[PointStamped], Publisher]:
    """Return where points arrive and what sends detections, when both have met the node."""
    points = probe.collect(PointStamped, '/nearest_tip')
    detections = probe.publisher(DetectionArray, '/perception/detections')

    def met() -> bool:
        detections.publish(seen(9.0))
        return bool(points)

    probe.spin_until(met, what='an answer')
    probe.spin(patience(0.2))
    points.clear()
    return points, detections


def test_nearest_known_tip_is_published_and_a_near_one_is_warned_of_once(node: NodeProcess, probe: Probe) -> None:
    points, detections = connect(probe)
    for number, tips in enumerate(
        [(0.09, 0.07, math.nan), (0.04, 0.09), (0.052,), (0.049,), (0.09,), (0.04,)], start=1
    ):
        detections.publish(seen(*tips))
        probe.spin_until(lambda expected=number: len(points) == expected, what=f'point {number}')
    assert [point.point.z for point in points] == [0.07, 0.04, 0.052, 0.049, 0.09, 0.04]
    assert {point.header.frame_id for point in points} == {'camera'}
    probe.spin_until(lambda: node.output().count('tool 0 is 40 mm from the camera') == 2, what='a second warning')
    assert '49 mm' not in node.output(), 'it had not gone away'
    assert node.output().count('no tool tip is near any more') == 1


def test_where_no_tip_is_known_nothing_is_published(node: NodeProcess, probe: Probe) -> None:
    points, detections = connect(probe)
    for tips in ((math.nan,), ()):
        detections.publish(seen(*tips))
    probe.spin(0.3)
    assert points == []
    status, printed = node.stop()
    assert status == 0 and 'Traceback' not in printed


def test_it_acts_on_what_perception_sees(
    node: NodeProcess, probe: Probe, start_node: Callable[..., NodeProcess], clip_frame: np.ndarray
) -> None:
    perception = start_node('perception', {'device': 'cpu', 'threads': 1, 'outputs': ['detections']})
    perception.wait_for_output('active on cpu', timeout=patience(60.0))
    points = probe.collect(PointStamped, '/nearest_tip')
    camera = camera_from_calibration(read_calibration_file(ROOT / 'config' / 'demo' / 'camera.yaml'))
    images, infos = probe.publisher(Image, 'image'), probe.publisher(CameraInfo, 'camera_info')
    image = fill_image(clip_frame, 'rgb8', Header())
    for _ in range(20):  # until the nodes have met, and the camera is known
        stamp(image, probe, 'endoscope')
        infos.publish(info_from_camera(camera, image.header))
        probe.spin(0.05)
        images.publish(image)
        probe.spin(0.5)
        if points:
            break
    assert points, f'{perception.output()}\n{node.output()}'
    assert points[0].header.frame_id == 'endoscope'
    assert 0.03 < points[0].point.z < 0.1, 'metres'
