"""What the running node makes of a second eye and of the robot's tips, and what it says where they are wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from geometry_msgs.msg import PoseStamped
from rclpy.time import Time
from sensor_msgs.msg import CameraInfo, Image
from std_msgs.msg import Header
from support.ros_probe import Probe
from support.ros_processes import NodeProcess
from support.small_network import save_small_checkpoint
from support.stereo_infos import stereo_infos
from support.stereo_scene import HEIGHT, WIDTH, render_pair, squinting_cameras

from mt3dnet_ros.msg import DepthScale
from mt3dnet_ros.perception.checkpoint import load_checkpoint, save_checkpoint
from mt3dnet_ros.ros.messages.images import fill_image

FRAME = 'left_optical'
STEREO = squinting_cameras()
LEFT, RIGHT, _ = render_pair(STEREO)
BOTH = np.concatenate([LEFT, RIGHT], axis=1)
HAND_EYE = """
parent_frame: ECM
child_frame: left_optical
transform: {translation: {x: 0.0, y: 0.0, z: 0.01}, rotation: {x: 0.0, y: 0.0, z: 1.0, w: 0.0}}
"""
Values = dict[str, str]


class Rig:
    """Publishes what cameras and robot do, for as long as the probe spins.

    :param node: name of the node that is looked at
    """

    def __init__(self, node: str) -> None:
        self.probe = Probe(f'/{node}')
        self.scales: list[DepthScale] = self.probe.collect(DepthScale, f'/{node}/depth/scale')
        self._node = self.probe.node
        self._publishers: dict[str, Any] = {}
        self._sources: dict[str, Callable[[Time], Any]] = {}
        self._node.create_timer(0.1, self._tick)

    def send(self, topic: str, make: Callable[[Time], Any]) -> None:
        """Publish on a topic from now on; ``make`` gets the time of the picture."""
        self._sources[topic] = make

    def stop(self, topic: str) -> None:
        """Publish there no more."""
        self._sources.pop(topic, None)

    def images(self, topic: str, picture: np.ndarray, later: float = 0.0) -> None:
        """Publish a picture, stamped so many seconds later than others."""

        def make(now: Time) -> Image:
            stamp = Time(nanoseconds=now.nanoseconds + round(1e9 * later)).to_msg()
            return fill_image(picture, 'rgb8', Header(stamp=stamp, frame_id=FRAME))

        self.send(topic, make)

    def info(self, topic: str, info: CameraInfo) -> None:
        """Publish a CameraInfo."""
        self.send(topic, lambda _: info)

    def tip(self, topic: str, frame: str) -> None:
        """Publish where a tool is."""

        def make(now: Time) -> PoseStamped:
            pose = PoseStamped(header=Header(stamp=now.to_msg(), frame_id=frame))
            pose.pose.position.z = 0.08
            return pose

        self.send(topic, make)

    def says(self, *words: str) -> Values:
        """Wait until a warning has all of these words; return the values beside it."""
        return self.probe.status_where(
            lambda status, _: status.level == status.WARN and all(word in status.message for word in words)
        )

    def _tick(self) -> None:
        now = self._node.get_clock().now()
        for topic, make in list(self._sources.items()):
            message = make(now)
            if topic not in self._publishers:
                self._publishers[topic] = self._node.create_publisher(type(message), topic, 1)
            self._publishers[topic].publish(message)


@pytest.fixture(scope='module')
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a network whose depth is about that of the scene."""
    path = save_small_checkpoint(tmp_path_factory.mktemp('network') / 'small.safetensors')
    model = load_checkpoint(path)
    save_checkpoint(path, model, replace(model.config, canonical_focal=model.config.canonical_focal / 12.0))
    return path


@pytest.fixture
def rig(checkpoint: Path, tmp_path: Path) -> Iterator[Callable[..., Rig]]:
    """Return a function that starts a node with parameters, and returns its rig."""
    running: list[tuple[NodeProcess, Rig]] = []

    def start(**parameters: Any) -> Rig:
        common = {'checkpoint': str(checkpoint), 'device': 'cpu', 'threads': 1, 'no_image_warning': 1.0}
        process = NodeProcess('perception', common | parameters, log=tmp_path / 'perception.log')
        process.wait_for_output('active on cpu', timeout=180.0)
        rig = Rig('perception')
        running.append((process, rig))
        rig.images('image', LEFT)
        rig.info('camera_info', stereo_infos(STEREO)[0])
        return rig

    yield start
    for process, rig in running:
        rig.probe.close()
        assert 'Traceback' not in process.stop()[1]


def used(values: Values) -> int:
    return int(values['right images used'])


def test_both_eyes_are_paired_and_what_goes_wrong_with_the_second_one_is_told(rig: Callable[..., Rig]) -> None:
    eyes = rig(second_eye='sparse')
    eyes.says('second eye: no image for', '/right/image', 'remap right/image')
    eyes.images('right/image', RIGHT)
    eyes.says('second eye: no CameraInfo has arrived on /right/camera_info')
    eyes.info('right/camera_info', stereo_infos(STEREO)[1])
    eyes.probe.status_where(lambda _, values: values['second eye calibration'] == 'usable' and used(values) > 5)
    scale = eyes.probe.spin_until(lambda: eyes.scales[-1].sources and eyes.scales[-1])
    assert list(scale.sources) == ['second_eye']
    assert scale.factor == pytest.approx(14.0 / 12.0, rel=0.05)
    assert not scale.guess
    eyes.images('right/image', LEFT)
    eyes.says('second eye: tells nothing of the scale: both eyes show one and the same picture')
    eyes.images('right/image', RIGHT, later=0.04)
    values = eyes.says('second eye: no image of the time of the first eye: the nearest is 40 ms away', 'eye_tolerance')
    assert int(values['frames without right image']) > 0
    eyes.probe.set_parameter('eye_tolerance', 0.06)
    eyes.probe.status_where(lambda _, later: used(later) > used(values))
    before = used(eyes.probe.set_parameter('second_eye_period', 60.0) and eyes.probe.status()[1])
    eyes.probe.spin(1.0)
    assert used(eyes.probe.status()[1]) <= before + 1  # images between two uses are left as they are
    eyes.info('right/camera_info', stereo_infos(STEREO)[0])
    eyes.probe.set_parameter('second_eye_period', 0.0)
    eyes.says('second eye: the two cameras are at one place')


def test_one_image_with_both_eyes_is_perceived_on_its_left(rig: Callable[..., Rig]) -> None:
    eyes = rig(second_eye='sparse', stereo_layout='side_by_side')
    depth = eyes.probe.collect(Image, '/perception/depth/image')
    eyes.images('image', BOTH)
    eyes.info('right/camera_info', stereo_infos(STEREO)[1])
    values = eyes.probe.status_where(lambda _, values: values.get('scale factor', '') != '')
    eyes.probe.spin_until(lambda: depth)
    assert (depth[-1].width, depth[-1].height) == (WIDTH, HEIGHT)
    assert values['calibration'] == 'usable'
    eyes.probe.status_where(lambda _, values: 'second_eye' in values['scale sources'])
    assert 'right images received' not in values
    eyes.images('image', BOTH[:, 1:])
    eyes.probe.status_where(lambda status, _: 'cannot hold two eyes side by side' in status.message)


def test_a_factor_that_was_measured_scales_what_is_published(rig: Callable[..., Rig]) -> None:
    alone = rig()
    depth = alone.probe.collect(Image, '/perception/depth/image')
    alone.says('scale: guess of the network', 'fixed_scale')
    assert alone.scales[-1].guess
    assert list(alone.scales[-1].sources) == []
    assert not alone.probe.set_parameter('fixed_scale', 0.001).successful
    assert not alone.probe.set_parameter('shaft_diameters', ['probe 8.4']).successful
    assert alone.probe.set_parameter('fixed_scale', 1.5).successful
    scale = alone.probe.spin_until(lambda: alone.scales and alone.scales[-1].sources and alone.scales[-1])
    assert list(scale.sources) == ['fixed']
    assert scale.factor == pytest.approx(1.5, rel=0.01)  # the network has a say, too
    assert scale.lower < 1.5 < scale.upper
    assert not scale.guess
    assert scale.header.frame_id == FRAME
    alone.probe.status_where(
        lambda status, values: 'scale' not in status.message and 'fixed' in values['scale sources']
    )
    alone.probe.spin_until(lambda: any(each.header == alone.scales[-1].header for each in depth))


def test_tips_of_the_robot_come_to_the_camera_or_it_is_told_why_not(rig: Callable[..., Rig], tmp_path: Path) -> None:
    (tmp_path / 'hand_eye.yaml').write_text(HAND_EYE)
    named = ['PSM1=/PSM1/measured_cp', 'PSM2=/PSM2/measured_cp', 'PSM3=/PSM3/measured_cp']
    robot = rig(tip_topics=named, hand_eye=str(tmp_path / 'hand_eye.yaml'))
    robot.tip('/PSM1/measured_cp', 'ECM')
    robot.tip('/PSM2/measured_cp', 'PSM2_base')
    values = robot.says(
        "tip of PSM2: it is in the frame 'PSM2_base', the images are in 'left_optical', and hand_eye is for 'ECM'",
        'tip of PSM3: no pose has come on /PSM3/measured_cp',
    )
    assert values['tips known'] == 'PSM1'
    robot.stop('/PSM1/measured_cp')
    robot.says('tip of PSM1: the nearest pose on /PSM1/measured_cp was', 'before the image')
    robot.tip('/PSM1/measured_cp', FRAME)
    robot.probe.status_where(lambda _, values: values['tips known'] == 'PSM1')


@pytest.mark.parametrize(
    'parameters',
    [
        {'second_eye': 'sparse', 'stereo_calibration': 'nowhere.yaml'},
        {'tip_topics': ['PSM1=/pose'], 'hand_eye': 'nowhere.yaml'},
    ],
)
def test_a_file_that_cannot_be_used_leaves_the_node_unconfigured(
    parameters: dict[str, Any], start_node: Callable[..., NodeProcess]
) -> None:
    process = start_node('perception', parameters)
    assert 'nowhere.yaml' in process.wait_for_output('not configured: ', timeout=120.0)
    assert process.running
