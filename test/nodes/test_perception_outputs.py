"""What the running node publishes, against what the same network says in this process."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sensor_msgs.msg import CameraInfo, Image, PointCloud2
from support.ros_probe import Probe, patience, stamp
from support.ros_processes import NodeProcess
from support.small_network import save_small_checkpoint, tissue

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.media.depth_colors import DepthColors
from mt3dnet_ros.msg import DetectionArray, LabelInfo
from mt3dnet_ros.perception.frame import Frame
from mt3dnet_ros.perception.loading import load
from mt3dnet_ros.perception.perceiver import Perceiver
from mt3dnet_ros.perception.scene import Scene
from mt3dnet_ros.ros.messages.camera_info import info_from_camera
from mt3dnet_ros.ros.messages.clouds import pack_rgb
from mt3dnet_ros.ros.messages.headers import stamp_to_ns
from mt3dnet_ros.ros.messages.images import decode_image
from mt3dnet_ros.ros.messages.jpeg import fill_jpeg
from mt3dnet_ros.ros.qos import LATCHED
from mt3dnet_ros.ros.topics.output import EncodingSettings
from mt3dnet_ros.ros.topics.perception import BY_KEY, CHOICES, OUTPUTS

TARGET = '/perception'
OFFERED = tuple(output for output in OUTPUTS if not output.missing)
MESSAGES = {output.key: output.message_class for output in OFFERED if not output.needs_saliency}
SETTINGS = {
    'track_memory': 0.0,
    'score_threshold': 0.05,
    'type_threshold': 0.0,
    'stride': 3,
    'max_depth': 0.04,
    'overlay_opacity': 0.7,
    'frozen_timeout': 0.0,  # the node is shown one picture for as long as the tests take
}
POINT = np.dtype([('x', '<f4'), ('y', '<f4'), ('z', '<f4'), ('rgb', '<u4'), ('label', '<u4')])


class Client:
    """Sends a frame to the node and returns everything that is published of it."""

    def __init__(self, probe: Probe) -> None:
        self.probe = probe
        self.images = probe.publisher(Image, 'image')
        self._infos = probe.publisher(CameraInfo, 'camera_info')
        self._received = {topic: probe.collect(kind, f'{TARGET}/{topic}', 1) for topic, kind in MESSAGES.items()}
        for topic in MESSAGES:
            probe.spin_until(lambda name=topic: probe.node.count_publishers(f'{TARGET}/{name}'), what=topic)

    def send(self, message: Image, camera: Camera | CameraInfo | None) -> int:
        """Send a frame after its CameraInfo; return its stamp."""
        stamped = stamp(message, self.probe)
        if camera is not None:
            info = info_from_camera(camera, message.header) if isinstance(camera, Camera) else camera
            self._infos.publish(info)
            self.probe.spin(0.03)
        self.images.publish(message)
        return stamped

    def perceive(self, message: Image, camera: Camera, topics: tuple[str, ...] = tuple(MESSAGES)) -> dict[str, Any]:
        """Return the messages of one frame by topic; sent again where a subscription was not yet matched."""
        for _ in range(8):
            stamped = self.send(message, camera)
            outputs: dict[str, Any] = {}
            for _ in range(20):
                self.probe.spin(0.05)
                outputs = self.outputs_of(stamped)
                if outputs.keys() >= set(topics) and self._is_of(outputs, camera):
                    self.probe.spin(0.05)
                    return self.outputs_of(stamped)
        raise AssertionError(f'only {sorted(outputs)} of {sorted(topics)} arrived')

    def outputs_of(self, stamped: int) -> dict[str, Any]:
        """Return what arrived with a stamp, by topic."""
        found = {}
        for topic, messages in self._received.items():
            for message in messages:
                header = message.markers[0].header if topic == 'markers' else message.header
                if stamp_to_ns(header.stamp) == stamped:
                    found[topic] = message
        return found

    @staticmethod
    def _is_of(outputs: dict[str, Any], camera: Camera) -> bool:
        """Whether the CameraInfo overtook the image; DDS orders messages within a topic alone."""
        info = outputs.get('depth/camera_info')
        return info is None or (info.k[0], info.width) == (camera.fx, camera.width)


@pytest.fixture(scope='module')
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_small_checkpoint(tmp_path_factory.mktemp('network') / 'small.safetensors')


@pytest.fixture(scope='module')
def started(checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[NodeProcess, float]]:
    """Return the active node and the seconds it took to become so."""
    start = time.monotonic()
    parameters = {'checkpoint': str(checkpoint), 'device': 'cpu', 'threads': 1, **SETTINGS}
    process = NodeProcess('perception', parameters, log=tmp_path_factory.mktemp('log') / 'perception.log')
    process.wait_for_output('active on cpu', timeout=180.0)
    yield process, time.monotonic() - start
    process.stop()


@pytest.fixture(scope='module')
def process(started: tuple[NodeProcess, float]) -> NodeProcess:
    return started[0]


@pytest.fixture(scope='module')
def client(process: NodeProcess) -> Iterator[Client]:
    probe = Probe(TARGET)
    yield Client(probe)
    probe.close()


@pytest.fixture(scope='module')
def perceiver(checkpoint: Path) -> Perceiver:
    torch.set_num_threads(1)
    perceiver = load(checkpoint, 'cpu')
    perceiver.settings = replace(perceiver.settings, **SETTINGS)
    return perceiver


def camera_of(height: int, width: int, model: str = 'none') -> Camera:
    distortion = {'none': (), 'plumb_bob': (-0.2, 0.05, 0.001, -0.001, 0.0), 'equidistant': (-0.02, 0.003, 0.0, 0.0)}
    focal = 1.1 * width
    return Camera(width, height, focal, focal, 0.48 * width, 0.52 * height, model, distortion[model])


def message_of(height: int, width: int, encoding: str = 'rgb8', padding: int = 0) -> Image:
    rgb = tissue(height, width)
    samples = {
        'rgb8': rgb,
        'bgr8': rgb[..., ::-1],
        'mono8': rgb[..., 0],
        'bgra8': np.dstack([rgb[..., ::-1], rgb[..., 0]]),
        'yuv422': rgb[..., :2],
        'yuv422_yuy2': rgb[..., :2],
        'bayer_rggb8': rgb[..., 1],
        'mono16': np.stack([rgb[..., 0], rgb[..., 1]], axis=-1),
    }[encoding]
    rows = np.pad(samples.reshape(height, -1), ((0, 0), (0, padding)))
    message = Image(height=height, width=width, encoding=encoding, step=rows.shape[1])
    message.is_bigendian = int(encoding == 'mono16')
    message.data.frombytes(rows.tobytes())
    return message


def array_of(message: Image, kind: type = np.uint8) -> np.ndarray:
    return np.frombuffer(message.data, kind).reshape(message.height, message.width, -1).squeeze(-1)


def test_the_node_is_active_within_five_seconds(started: tuple[NodeProcess, float]) -> None:
    assert started[1] < patience(5.0)


@pytest.mark.parametrize(
    ('size', 'encoding', 'padding', 'model'),
    [
        ((96, 128), 'rgb8', 0, 'plumb_bob'),
        ((96, 128), 'rgb8', 64, 'none'),
        ((75, 51), 'bgr8', 7, 'none'),
        ((120, 160), 'bgra8', 0, 'equidistant'),
        ((64, 200), 'mono8', 3, 'none'),
        ((96, 128), 'yuv422', 0, 'none'),
        ((96, 128), 'yuv422_yuy2', 16, 'none'),
        ((240, 320), 'bayer_rggb8', 0, 'plumb_bob'),
        ((96, 128), 'mono16', 2, 'none'),
    ],
)
def test_every_topic_holds_what_the_network_says(
    client: Client, perceiver: Perceiver, size: tuple[int, int], encoding: str, padding: int, model: str
) -> None:
    message, camera = message_of(*size, encoding, padding), camera_of(*size, model)
    outputs = client.perceive(message, camera)
    scene = perceiver(Frame(decode_image(message)), camera)
    check_images(outputs, scene, size)
    check_cloud(outputs['points'], scene)
    check_detections(outputs['detections'], scene)
    assert outputs['depth/camera_info'] == info_from_camera(camera, outputs['depth/image'].header)
    check_markers(outputs['markers'].markers, scene)


def check_images(outputs: dict[str, Any], scene: Scene, size: tuple[int, int]) -> None:
    for topic, expected, encoding in [
        ('segmentation/labels', scene.labels, 'mono8'),
        ('segmentation/confidence', scene.confidence, 'mono8'),
        ('segmentation/parts', scene.parts, 'mono8'),
        ('depth/image', scene.depth, '32FC1'),
    ]:
        message = outputs[topic]
        assert (message.height, message.width, message.encoding) == (*size, encoding)
        np.testing.assert_array_equal(array_of(message, expected.dtype), expected, err_msg=topic)
    overlay = outputs['overlay']
    assert (overlay.encoding, overlay.step) == ('rgb8', 3 * size[1])
    np.testing.assert_array_equal(np.frombuffer(overlay.data, np.uint8).reshape(*size, 3), scene.overlay)
    colored = DepthColors(0.0, EncodingSettings.depth_color_limit).draw(scene.depth, unknown=0)
    np.testing.assert_array_equal(decode_image(outputs['depth/colored']), colored)
    for topic, picture in (('overlay/compressed', scene.overlay), ('depth/colored/compressed', colored)):
        assert outputs[topic] == fill_jpeg(picture, EncodingSettings.jpeg_quality, outputs[topic].header), topic
    assert 0.0 < np.isnan(scene.depth).mean() < 1.0  # or max_depth would not be tested


def check_cloud(message: PointCloud2, scene: Scene) -> None:
    points = np.frombuffer(message.data, POINT).reshape(message.height, message.width)
    cloud = scene.cloud
    np.testing.assert_array_equal(np.stack([points['x'], points['y'], points['z']], axis=-1), cloud.xyz)
    np.testing.assert_array_equal(points['rgb'], pack_rgb(cloud.rgb))
    np.testing.assert_array_equal(points['label'], cloud.labels)
    assert [field.name for field in message.fields] == ['x', 'y', 'z', 'rgb', 'label']
    assert not message.is_dense


def check_detections(message: DetectionArray, scene: Scene) -> None:
    assert scene.detections
    assert len(message.detections) == len(scene.detections)
    for found, expected in zip(message.detections, scene.detections, strict=True):
        assert (found.class_id, found.class_name) == (expected.class_id, expected.class_name)
        assert found.instance_id == expected.instance_id
        assert found.score == pytest.approx(expected.score)
        box = expected.box
        assert (found.box.x_offset, found.box.y_offset, found.box.width, found.box.height) == (
            box.x,
            box.y,
            box.width,
            box.height,
        )
        for point, values in [
            (found.position, expected.position),
            (found.extent, expected.extent),
            (found.tip, expected.tip),
        ]:
            np.testing.assert_array_equal([point.x, point.y, point.z], values)


def check_markers(markers: list[Any], scene: Scene) -> None:
    known = [detection for detection in scene.detections if not math.isnan(detection.position[0])]
    assert markers[0].action == markers[0].DELETEALL
    boxes = [marker for marker in markers if marker.ns == 'boxes']
    assert [marker.pose.position.z for marker in boxes] == [detection.position[2] for detection in known]


def test_stamp_and_frame_are_those_of_the_image_without_its_leading_slash(client: Client) -> None:
    outputs = client.perceive(message_of(96, 128), camera_of(96, 128))
    markers = outputs.pop('markers').markers
    headers = [output.header for output in outputs.values()] + [marker.header for marker in markers]
    assert {header.frame_id for header in headers} == {'rig/left_frame'}
    assert len({stamp_to_ns(header.stamp) for header in headers}) == 1


def test_a_late_subscriber_learns_what_the_labels_mean(client: Client, perceiver: Perceiver) -> None:
    infos = client.probe.collect(LabelInfo, f'{TARGET}/segmentation/label_info', LATCHED)
    client.probe.spin_until(lambda: infos, what='label_info')
    assert infos[0].taxonomy == 'endovis2018'
    assert list(infos[0].ids) == list(range(9))
    assert tuple(infos[0].names) == perceiver.taxonomy.names
    assert infos[0].threshold == pytest.approx(SETTINGS['score_threshold'])


@pytest.mark.parametrize(
    ('name', 'value', 'reason'),
    [
        ('stride', 0, 'stride'),
        ('score_threshold', 1.5, 'score_threshold'),
        ('max_depth', -1.0, 'max_depth'),
        ('overlay_opacity', float('nan'), 'overlay_opacity'),
        ('outputs', ['overlay', 'x-ray'], "'x-ray' is not known"),
        ('device', 'cuda', 'while the node is unconfigured'),
        ('autostart', False, 'read-only'),
    ],
)
def test_a_wrong_parameter_is_refused_with_the_reason(client: Client, name: str, value: Any, reason: str) -> None:
    result = client.probe.set_parameter(name, value)
    assert not result.successful
    assert reason in result.reason


@pytest.mark.parametrize(
    ('name', 'value'),
    [('stride', 8), ('max_depth', 0.5), ('overlay_opacity', 0.1), ('score_threshold', 0.9), ('type_threshold', 1.0)],
)
def test_a_parameter_changes_the_next_frame(client: Client, perceiver: Perceiver, name: str, value: Any) -> None:
    message, camera = message_of(96, 128), camera_of(96, 128)
    before = perceiver.settings
    try:
        assert client.probe.set_parameter(name, value).successful
        perceiver.settings = replace(before, **{name: value})
        scene = perceiver(Frame(decode_image(message)), camera)
        outputs = client.perceive(message, camera)
        np.testing.assert_array_equal(array_of(outputs['depth/image'], np.float32), scene.depth)
        np.testing.assert_array_equal(
            np.frombuffer(outputs['overlay'].data, np.uint8).reshape(scene.overlay.shape), scene.overlay
        )
        check_cloud(outputs['points'], scene)
        found = [(item.class_id, item.class_name) for item in outputs['detections'].detections]
        assert found == [(item.class_id, item.class_name) for item in scene.detections]
    finally:
        perceiver.settings = before
        assert client.probe.set_parameter(name, SETTINGS[name]).successful


def test_label_info_follows_the_threshold(client: Client) -> None:
    infos = client.probe.collect(LabelInfo, f'{TARGET}/segmentation/label_info', LATCHED)
    for threshold in (0.25, SETTINGS['score_threshold']):
        assert client.probe.set_parameter('score_threshold', threshold).successful
        client.probe.spin_until(
            lambda wanted=threshold: infos and infos[-1].threshold == pytest.approx(wanted), what='the new threshold'
        )


def test_an_output_that_is_not_enabled_is_not_published(client: Client) -> None:
    try:
        assert client.probe.set_parameter('outputs', ['overlay', 'depth/image']).successful
        wanted = [output.key for output in OFFERED if output.is_enabled(('overlay', 'depth/image'))]
        assert 'overlay/compressed' in wanted and 'detections' not in wanted
        assert set(client.perceive(message_of(96, 128), camera_of(96, 128), tuple(wanted))) == set(wanted)
    finally:
        assert client.probe.set_parameter('outputs', list(CHOICES)).successful


def test_depth_comes_in_millimetres_where_that_is_asked_for(client: Client) -> None:
    metres = client.perceive(message_of(96, 128), camera_of(96, 128))['depth/image']
    try:
        assert client.probe.set_parameter('depth_encoding', '16UC1').successful
        found = client.perceive(message_of(96, 128), camera_of(96, 128))['depth/image']
    finally:
        assert client.probe.set_parameter('depth_encoding', '32FC1').successful
    assert (found.encoding, found.step) == ('16UC1', 2 * 128)
    expected = np.nan_to_num(np.round(1000.0 * array_of(metres, np.float32).astype(float)), nan=0.0)
    assert expected.any() and np.abs(array_of(found, np.uint16) - expected).max() <= 1.0  # a half may go either way
    refused = client.probe.set_parameter('depth_encoding', '8UC1')
    assert not refused.successful and "'8UC1' is not known (known: 32FC1, 16UC1)" in refused.reason


def test_quality_of_jpeg_is_a_parameter(client: Client) -> None:
    sizes = []
    try:
        for quality in (95, 20):
            assert client.probe.set_parameter('jpeg_quality', quality).successful
            sizes.append(len(client.perceive(message_of(96, 128), camera_of(96, 128))['overlay/compressed'].data))
    finally:
        assert client.probe.set_parameter('jpeg_quality', EncodingSettings.jpeg_quality).successful
    assert sizes[0] > 1.5 * sizes[1]


@pytest.mark.parametrize('topic', ['detections_2d', 'detections_3d'])
def test_a_topic_whose_type_is_not_installed_is_not_offered_and_says_what_to_install(
    client: Client, topic: str
) -> None:
    offered = client.probe.node.count_publishers(f'{TARGET}/{topic}')
    answer = client.probe.set_parameter('outputs', ['overlay', topic])
    assert client.probe.set_parameter('outputs', list(CHOICES)).successful
    if not BY_KEY[topic].missing:
        assert (offered, answer.successful) == (1, True)
        return
    assert (offered, answer.successful) == (0, False)
    assert f"outputs: '{topic}' cannot be had: message type 'vision_msgs/msg/Detection" in answer.reason
    assert 'source its workspace, or install ros-' in answer.reason and 'vision-msgs' in answer.reason


def test_topics_of_saliency_are_silent_where_the_network_has_none_and_diagnostics_say_so(client: Client) -> None:
    assert client.probe.set_parameter('overlay_saliency', True).successful
    topics = [output for output in OUTPUTS if output.needs_saliency]
    messages = [client.probe.collect(output.message_class, output.below(TARGET), 1) for output in topics]
    client.probe.status_where(
        lambda status, _: (
            'no data for /perception/saliency, /perception/scanpath, /perception/gaze, overlay_saliency: '
            'the network has no saliency' in status.message
        )
    )
    client.perceive(message_of(96, 128), camera_of(96, 128))
    client.probe.spin(0.2)
    assert messages == [[], [], []]
    assert client.probe.set_parameter('overlay_saliency', False).successful


def test_without_a_calibration_depth_is_published_and_points_are_not(client: Client) -> None:
    message = message_of(96, 128)
    client.send(message, CameraInfo(width=128, height=96))
    client.probe.status_where(lambda _, values: 'not calibrated' in values['calibration'])
    stamped = client.send(message, None)
    client.probe.spin_until(lambda: 'markers' in client.outputs_of(stamped), what='outputs')
    client.probe.spin(0.2)
    outputs = client.outputs_of(stamped)
    assert set(MESSAGES) - set(outputs) == {'points', 'depth/camera_info'}
    assert all(math.isnan(detection.position.z) for detection in outputs['detections'].detections)
    status, _ = client.probe.status()
    assert status.level == status.WARN
    assert 'no cloud and no positions: CameraInfo cannot be used: the camera is not calibrated' in status.message


def wrong_images() -> list[tuple[Image, str]]:
    truncated, empty, unknown, late = (message_of(96, 128) for _ in range(4))
    truncated.data = truncated.data[:-1]
    empty.width = 0
    unknown.encoding = 'yuv420'
    late.header.stamp.nanosec = 2_000_000_000
    return [
        (truncated, 'needs 36864 bytes of data, got 36863'),
        (empty, '0 x 96 pixels is empty'),
        (unknown, "encoding 'yuv420' is not supported"),
        (late, 'nanosec=2000000000 is not a time'),
    ]


@pytest.mark.parametrize(('message', 'reason'), wrong_images(), ids=['data', 'size', 'encoding', 'stamp'])
def test_a_wrong_image_is_counted_with_its_reason_and_the_node_goes_on(
    client: Client, message: Image, reason: str
) -> None:
    rejected = int(client.probe.status()[1]['messages rejected'])
    if message.header.stamp.nanosec < 1_000_000_000:
        stamp(message, client.probe)
    client.images.publish(message)
    values = client.probe.status_where(lambda _, values: int(values['messages rejected']) > rejected)
    assert int(values['messages rejected']) == rejected + 1
    assert reason in values['last rejection']
    assert client.perceive(message_of(96, 128), camera_of(96, 128))


def wrong_info(name: str) -> CameraInfo:
    info = info_from_camera(camera_of(96, 128), message_of(96, 128).header)
    if name == 'placeholder':
        info.k = [128.0, 0.0, 64.0, 0.0, 128.0, 48.0, 0.0, 0.0, 1.0]
        info.p = [0.0] * 12
    if name == 'aspect':
        info.width = 100
    if name == 'focal length':
        info.k[0] = -info.k[0]
    return info


@pytest.mark.parametrize(
    ('name', 'reason'),
    [('placeholder', 'placeholder'), ('aspect', 'another aspect'), ('focal length', 'must be positive')],
)
def test_a_wrong_camera_info_is_counted_with_its_reason_and_depth_goes_on(
    client: Client, name: str, reason: str
) -> None:
    rejected = int(client.probe.status()[1]['messages rejected'])
    stamped = client.send(message_of(96, 128), wrong_info(name))
    client.probe.spin_until(lambda: 'depth/image' in client.outputs_of(stamped), what='depth')
    values = client.probe.status_where(lambda _, values: int(values['messages rejected']) > rejected)
    assert reason in values['calibration']
    assert reason in values['last rejection']
    assert 'points' in client.perceive(message_of(96, 128), camera_of(96, 128))


def test_nothing_was_printed_that_looks_like_a_crash(process: NodeProcess) -> None:
    assert process.running
    assert 'Traceback' not in process.output()
