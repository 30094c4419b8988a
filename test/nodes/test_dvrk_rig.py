"""A graph that imitates the video of a da Vinci Research Kit: names, quality of service, frames and calibrations."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

import pytest
from sensor_msgs.msg import CameraInfo, Image
from std_msgs.msg import Header
from support.ros_probe import Probe, stamp
from support.ros_processes import NodeProcess
from support.small_network import save_small_checkpoint, tissue
from support.views import all_views

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.ros.message_types import message_name
from mt3dnet_ros.ros.messages.camera_info import info_from_camera
from mt3dnet_ros.ros.messages.headers import stamp_to_ns
from mt3dnet_ros.ros.messages.images import fill_image
from mt3dnet_ros.ros.qos import OUTPUT
from mt3dnet_ros.ros.topics.perception import BY_KEY, PERCEPTION

EYE = '/jhu_daVinci/left'
NODE = f'{EYE}/perception'
WIDTH, HEIGHT = 1300, 1024  # dvrk_video crops 1920 x 1080 to it
LENS = Camera(WIDTH, HEIGHT, 1560.0, 1562.0, 655.0, 505.0, 'plumb_bob', (-0.32, 0.2, 0.001, -0.001, 0.0))
RECTIFIED = [1500.0, 0.0, 640.0, 0.0, 0.0, 1500.0, 512.0, 0.0, 0.0, 0.0, 1.0, 0.0]

CALIBRATED = ('depth/image', 'depth/camera_info', 'points')
UNCALIBRATED = ('depth/image',)


class Rig:
    """The grabber of one eye, as gscam publishes: RELIABLE, KEEP_LAST(1), rgb8; and a listener to the node."""

    def __init__(self, probe: Probe) -> None:
        self.probe = probe
        self._images = probe.publisher(Image, f'{EYE}/image_raw', OUTPUT)
        self._infos = probe.publisher(CameraInfo, f'{EYE}/camera_info', OUTPUT)
        self._picture = fill_image(tissue(HEIGHT, WIDTH), 'rgb8', Header())
        outputs = [BY_KEY[key] for key in CALIBRATED]
        self._received = {each.key: probe.collect(each.message_class, each.below(NODE), 1) for each in outputs}
        for each in outputs:
            probe.spin_until(lambda name=each.key: probe.node.count_publishers(f'{NODE}/{name}'), what=each.key)

    def show(self, info: CameraInfo, awaited: Collection[str] = CALIBRATED) -> dict[str, Any]:
        """Publish images with this CameraInfo until what is awaited comes of one; return what came, by topic."""
        self._send(info, set(UNCALIBRATED))  # DDS orders messages within a topic alone: it may overtake the CameraInfo
        stamped = self._send(info, set(awaited))
        if awaited == UNCALIBRATED:
            self.probe.spin(0.3)  # for what should not come
        return self._outputs_of(stamped)

    def _send(self, info: CameraInfo, awaited: set[str]) -> int:
        """Publish images until what is awaited comes of one; return its stamp."""
        for _ in range(10):
            stamped = stamp(self._picture, self.probe, f'{EYE}_frame')
            info.header = self._picture.header
            self._infos.publish(info)
            self.probe.spin(0.1)
            self._images.publish(self._picture)
            for _ in range(60):
                self.probe.spin(0.05)
                if self._outputs_of(stamped).keys() >= awaited:
                    return stamped
        raise AssertionError(f'no {awaited}; {self.probe.status()}')

    def _outputs_of(self, stamped: int) -> dict[str, Any]:
        return {
            topic: message
            for topic, messages in self._received.items()
            for message in messages
            if stamp_to_ns(message.header.stamp) == stamped
        }


@pytest.fixture(scope='module')
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    folder = tmp_path_factory.mktemp('rig')
    checkpoint = save_small_checkpoint(folder / 'small.safetensors')
    parameters = {'checkpoint': str(checkpoint), 'device': 'cpu', 'threads': 1, 'stride': 8}
    remaps = {'__ns': EYE, 'image': f'{EYE}/image_raw', 'camera_info': f'{EYE}/camera_info'}  # as dvrk.launch.xml
    process = NodeProcess('perception', parameters, remaps, log=folder / 'log')
    probe = Probe(NODE)
    try:
        process.wait_for_output('active on cpu', timeout=150.0)
        yield Rig(probe)
    finally:
        probe.close()
        process.stop()


def calibrated(p: list[float] | None = None) -> CameraInfo:
    """Return the CameraInfo of a calibrated eye; without ``p``, of one that was calibrated alone, with P zero."""
    info = info_from_camera(LENS, Header())
    info.p = p or [0.0] * 12
    return info


def of_dvrk_display() -> CameraInfo:
    focal = float(WIDTH)
    return CameraInfo(width=WIDTH, height=HEIGHT, k=[focal, 0.0, WIDTH / 2, 0.0, focal, HEIGHT / 2, 0.0, 0.0, 1.0])


def of_gscam_example() -> CameraInfo:
    k = [467.1411, 0.0, 158.56653, 0.0, 465.42608, 131.37432, 0.0, 0.0, 1.0]
    p = [458.62505, 0.0, 158.1116, 0.0, 0.0, 457.90904, 131.91881, 0.0, 0.0, 0.0, 1.0, 0.0]
    return CameraInfo(width=320, height=240, k=k, p=p, distortion_model='plumb_bob', d=[-0.17, 0.32, 0.009, 0.0, 0.0])


def test_a_calibrated_eye_gives_depth_and_points_in_a_frame_that_tf2_takes(rig: Rig) -> None:
    outputs = rig.show(calibrated())
    assert {message.header.frame_id for message in outputs.values()} == {'jhu_daVinci/left_frame'}
    assert (outputs['depth/image'].width, outputs['depth/image'].height) == (WIDTH, HEIGHT)
    assert (outputs['points'].width, outputs['points'].height) == (-(-WIDTH // 8), -(-HEIGHT // 8))


def test_a_raw_image_is_seen_through_its_lens_though_p_is_zero(rig: Rig) -> None:
    info = rig.show(calibrated())['depth/camera_info']
    assert list(info.k) == [LENS.fx, 0.0, LENS.cx, 0.0, LENS.fy, LENS.cy, 0.0, 0.0, 1.0]
    assert tuple(info.d) == LENS.distortion


@pytest.mark.parametrize(
    ('info', 'reason'),
    [
        (CameraInfo(), 'not calibrated (K is zero)'),
        (of_dvrk_display(), 'placeholder (fx = fy = width = 1300'),
        (of_gscam_example(), "placeholder (gscam's example"),
    ],
    ids=['gscam without a file', 'dvrk_display', 'example of gscam'],
)
def test_an_eye_that_is_not_calibrated_gives_depth_and_a_warning_with_the_remedy(
    rig: Rig, info: CameraInfo, reason: str
) -> None:
    assert set(rig.show(info, UNCALIBRATED)) == set(UNCALIBRATED)
    values = rig.probe.status_where(lambda _, values: reason in values['calibration'])
    assert 'calibrate it' in values['calibration']
    status, _ = rig.probe.status()
    assert status.level == status.WARN


def test_every_topic_of_the_views_is_in_the_graph(rig: Rig) -> None:
    graph = dict(rig.probe.node.get_topic_names_and_types())
    for topic, message in all_views():
        assert graph[f'{NODE}/{topic}'] == [message_name(message)]


def test_every_topic_of_the_reference_is_in_the_graph(rig: Rig) -> None:
    graph = dict(rig.probe.node.get_topic_names_and_types())
    for topic in PERCEPTION.publishes:
        assert graph.get(topic.below(NODE), []) == ([] if topic.missing else [topic.message_name])


@pytest.fixture
def rectified(rig: Rig) -> Iterator[Rig]:
    """Give the rig whose node takes its images for rectified ones."""
    for value in (True, False):
        assert rig.probe.transition('deactivate')
        assert rig.probe.transition('cleanup')
        assert rig.probe.set_parameter('rectified', value).successful
        assert rig.probe.transition('configure')
        assert rig.probe.transition('activate')
        if value:
            yield rig


def test_a_rectified_image_needs_p_and_uses_it(rectified: Rig) -> None:
    assert set(rectified.show(calibrated(), UNCALIBRATED)) == set(UNCALIBRATED)
    rectified.probe.status_where(lambda _, values: 'P of the calibration is zero' in values['calibration'])
    info = rectified.show(calibrated(RECTIFIED))['depth/camera_info']
    assert (list(info.p), list(info.d)) == (RECTIFIED, [0.0] * 5)
    assert info.k[0] == RECTIFIED[0]
