"""Hostile messages to the running nodes, over real DDS: each is counted with a reason, and good ones get through."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip('rclpy', reason='needs ROS 2; `source .venv/ros.sh`')
pytest.importorskip('torch', reason='needs PyTorch')
pytest.importorskip('rosbags', reason="needs rosbags; `pip install '.[recordings]'`")

from geometry_msgs.msg import PointStamped, TwistStamped
from rclpy.publisher import Publisher
from rclpy.serialization import serialize_message
from sensor_msgs.msg import CameraInfo, CompressedImage, Image, JointState, Joy
from std_msgs.msg import Header
from std_srvs.srv import SetBool
from support.faults import FAULTS
from support.ros_probe import Probe, stamp
from support.ros_processes import NodeProcess
from support.small_network import save_small_checkpoint, tissue

from attack.message_targets import MESSAGES
from attack.mutation import spoiled
from attack.target import chance_of
from mt3dnet_ros import msg
from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.ros.messages.camera_info import info_from_camera
from mt3dnet_ros.ros.messages.images import fill_image
from mt3dnet_ros.ros.messages.jpeg import fill_jpeg
from mt3dnet_ros.ros.qos import OUTPUT
from speed.process_use import use_of

pytestmark = pytest.mark.timeout(300)
SEED = 1
EACH = 200 if FAULTS == 1 else 2_000  # messages of each kind
GROWTH = 200_000_000  # bytes that a node may grow by, of which most is the network's own
HEIGHT, WIDTH = 96, 128
CAMERA = Camera(WIDTH, HEIGHT, 140.0, 140.0, 62.0, 50.0)
TARGETS = {target.name: target for target in MESSAGES}
LABELS = '/perception/segmentation/labels'


def hostile(kind: str, number: int) -> Any:
    """Return a message, or its bytes of which some are others: the middleware has to read those as well."""
    chance, target = chance_of(SEED, kind, number), TARGETS[kind]
    message = target.spoil(target.good(chance), chance)
    return spoiled(serialize_message(message), chance) if number % 5 == 4 else message


def bombard(probe: Probe, topics: dict[str, Publisher], process: NodeProcess, between: Callable[[], Any]) -> int:
    """Send hostile messages of every kind, and something good after each twentieth; return how many were sent.

    :param topics: publishers by the kind of message
    """
    for number in range(EACH):
        for kind, publisher in topics.items():
            publisher.publish(hostile(kind, number))
            probe.spin(0.003)
        if number % 20 == 19:
            between()
        assert process.running, process.output()
    return EACH * len(topics)


@pytest.fixture(scope='module')
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_small_checkpoint(tmp_path_factory.mktemp('network') / 'small.safetensors')


@pytest.fixture
def probe(request: pytest.FixtureRequest) -> Iterator[Probe]:
    probe = Probe(request.param)
    yield probe
    probe.close()


def counts(values: dict[str, str]) -> tuple[int, int]:
    """Return how many images were received, and what became of how many."""
    received, *others = (
        int(values[name])
        for name in (
            'frames received',
            'frames processed',
            'frames nobody wanted',
            'frames dropped',
            'messages rejected',
        )
    )
    return received, sum(others)


@pytest.mark.parametrize('probe', ['/perception'], indirect=True)
@pytest.mark.parametrize('transport', ['raw', 'compressed'])
def test_perception(checkpoint: Path, start_node: Callable[..., NodeProcess], probe: Probe, transport: str) -> None:
    parameters = {'checkpoint': str(checkpoint), 'device': 'cpu', 'threads': 1, 'max_pixels': 1_000_000}
    process = start_node('perception', {**parameters, 'image_transport': transport}, {'image': '/hostile'})
    process.wait_for_output('active on cpu', timeout=180.0)
    raw = transport == 'raw'
    labels = probe.collect(Image, LABELS, OUTPUT)
    images = probe.publisher(Image if raw else CompressedImage, '/hostile' if raw else '/hostile/compressed', OUTPUT)
    probe.spin_until(lambda: probe.node.count_publishers(LABELS), what='labels')
    sent = 0

    def send_good() -> None:
        nonlocal sent
        header, sent = Header(), sent + 1
        picture = tissue(HEIGHT, WIDTH, sent)
        good = fill_image(picture, 'rgb8', header) if raw else fill_jpeg(picture, 90, header)
        stamp(good, probe)
        images.publish(good)
        probe.spin(0.05)

    def send_until_seen(what: str) -> None:
        seen = len(labels)
        deadline = time.monotonic() + 60.0
        while len(labels) == seen:
            assert time.monotonic() < deadline and process.running, f'{what}: {probe.status()}'
            send_good()

    send_until_seen('before')
    before = use_of(process.pid)
    bombard(probe, {'Image' if raw else 'CompressedImage': images}, process, send_good)
    send_until_seen('after')
    values = probe.status_where(lambda _, values: counts(values)[0] == counts(values)[1])  # none is lost uncounted
    assert int(values['messages rejected']) > 0
    assert values['last rejection'] != 'none'

    infos = probe.publisher(CameraInfo, '/camera_info')
    rejected = int(values['messages rejected'])
    bombard(probe, {'CameraInfo': infos}, process, lambda: None)
    infos.publish(info_from_camera(CAMERA, Header()))
    values = probe.status_where(lambda _, values: values['calibration'] == 'usable')
    assert int(values['messages rejected']) > rejected
    send_until_seen('with a camera')
    after = use_of(process.pid)
    assert after.memory - before.memory < GROWTH
    assert after.threads <= before.threads + 1 and after.descriptors <= before.descriptors + 4
    status, output = process.stop()
    assert (status, 'Traceback' in output) == (0, False), output[-4000:]


NAMESPACE = '/hostile_guidance'  # no real robot may receive the commands
GUIDANCE = f'{NAMESPACE}/camera_guidance'
PARAMETERS = {'least_confidence': 0.0, 'resume_delay': 0.1, 'dvrk.enabled': True, 'dvrk.arm': f'{NAMESPACE}/ECM'}


def topics_of(probe: Probe, process: NodeProcess) -> dict[str, Publisher]:
    """Return a publisher on every topic that guidance subscribes to, by the kind of message."""
    kinds: Sequence[tuple[str, type]] = (
        *(('PointStamped', PointStamped), ('Scanpath', msg.Scanpath), ('DepthScale', msg.DepthScale)),
        *(('depth', Image), ('JointState', JointState), ('Joy', Joy)),
    )

    def of(kind: type) -> str:
        if ('camera_guidance', NAMESPACE) not in probe.node.get_node_names_and_namespaces():
            return ''  # what it publishes may be known before it
        wanted = f'{kind.__module__.split(".")[0]}/msg/{kind.__name__}'
        names = probe.node.get_subscriber_names_and_types_by_node('camera_guidance', NAMESPACE)
        return next((name for name, types in names if types == [wanted]), '')

    for _, kind in kinds:
        probe.spin_until(lambda kind=kind: of(kind), 60.0, f'{kind.__name__}: {process.output()}')
    return {name: probe.publisher(kind, of(kind)) for name, kind in kinds}


@pytest.mark.parametrize('probe', [GUIDANCE], indirect=True)
def test_guidance(start_node: Callable[..., NodeProcess], probe: Probe) -> None:
    process = start_node('camera_guidance', PARAMETERS, {'__ns': NAMESPACE})
    twists = probe.collect(TwistStamped, f'{GUIDANCE}/camera_twist', 100)
    probe.spin_until(lambda: twists, 60.0, 'commands')
    topics = topics_of(probe, process)
    probe.call(SetBool, 'enable', SetBool.Request(data=True))
    before = use_of(process.pid)
    bombard(probe, topics, process, lambda: None)
    seen = len(twists)
    probe.spin_until(lambda: len(twists) > seen, 60.0, 'commands after it')
    values = probe.status_where(lambda _, values: int(values['messages rejected']) > EACH)
    assert values['last rejection'] != 'none'
    assert probe.state() == 'active'
    assert use_of(process.pid).memory - before.memory < GROWTH
    linear = np.array([[t.twist.linear.x, t.twist.linear.y, t.twist.linear.z] for t in twists])
    angular = np.array([[t.twist.angular.x, t.twist.angular.y, t.twist.angular.z] for t in twists])
    assert np.isfinite(linear).all() and np.isfinite(angular).all()
    random.seed(SEED)
    good = {name: TARGETS[name] for name in topics}
    for number in range(20):  # healthy ones are taken again
        for name, publisher in topics.items():
            message = good[name].good(random.Random(number))
            message.header.stamp = probe.node.get_clock().now().to_msg()
            publisher.publish(message)
        probe.spin(0.02)
    status, output = process.stop()
    assert (status, 'Traceback' in output) == (0, False), output[-4000:]
