"""The viewer shows what perception publishes while somebody looks, and holds up nobody when it is slow or gone."""

from __future__ import annotations

import os
import re
import signal
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from diagnostic_msgs.msg import DiagnosticArray
from geometry_msgs.msg import Point, PointStamped, Vector3
from rclpy.serialization import deserialize_message
from sensor_msgs.msg import CameraInfo, CompressedImage, Image, PointCloud2, RegionOfInterest
from std_msgs.msg import Header
from support.foxglove_client import connected
from support.listening import LOOPBACK_ONLY, addresses_of
from support.perceived import BLUE, GREEN, MAGENTA, halves, plane
from support.rerun_client import watching
from support.ros_listener import Listener, listening, wait_for_end
from support.ros_processes import NodeProcess
from support.views import foxglove_topics

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.msg import Detection, DetectionArray, LabelInfo, Scanpath
from mt3dnet_ros.perception.scene import Cloud
from mt3dnet_ros.ros.messages.camera_info import info_from_camera
from mt3dnet_ros.ros.messages.clouds import fill_cloud
from mt3dnet_ros.ros.messages.images import fill_image
from mt3dnet_ros.ros.qos import LATCHED, OUTPUT

pytest.importorskip('rerun', reason="needs the extra 'view'")
pytest.importorskip('foxglove', reason="needs the extra 'view'")

StartNode = Callable[..., NodeProcess]
LABEL_INFO = '/perception/segmentation/label_info'


def header(index: int) -> Header:
    result = Header(frame_id='scope')
    result.stamp.sec = 1000 + index
    return result


def make_messages(index: int) -> dict[str, Any]:
    """Return one message of every topic that is shown, of pictures that shared memory alone can carry."""
    picture = np.kron(halves(GREEN, MAGENTA), np.ones((6, 6, 1), np.uint8))
    points = plane(60).reshape(60, 60, 3)
    colors = np.broadcast_to(np.array(BLUE, np.uint8), points.shape)
    found = Detection(
        class_id=1, class_name='probe', score=0.5, instance_id=1, tip=Point(x=0.0, y=0.0, z=0.08),
        box=RegionOfInterest(x_offset=1, y_offset=2, width=3, height=4),
        position=Point(x=0.0, y=0.0, z=0.08), extent=Vector3(x=0.01, y=0.01, z=0.01),
    )  # fmt: skip
    head = header(index)
    return {
        '/image': fill_image(picture, 'rgb8', head),
        '/perception/depth/camera_info': info_from_camera(Camera.from_field_of_view(960, 768, 1.0), head),
        '/perception/overlay': fill_image(picture, 'rgb8', head),
        '/perception/depth/image': fill_image(np.full((768, 960), 0.08, np.float32), '32FC1', head),
        '/perception/saliency': fill_image(np.zeros((768, 960), np.uint8), 'mono8', head),
        '/perception/points': fill_cloud(Cloud(points, colors, np.zeros((60, 60), np.uint8)), head),
        '/perception/detections': DetectionArray(header=head, detections=[found]),
        '/perception/scanpath': Scanpath(header=head),
        '/perception/gaze': PointStamped(header=head, point=Point(x=0.0, y=0.0, z=0.08)),
    }


class Perception:
    """Publishes what the node perception would."""

    def __init__(self, listener: Listener) -> None:
        self.node = listener.node
        messages = make_messages(0)
        self.publishers = {
            topic: self.node.create_publisher(type(message), topic, OUTPUT) for topic, message in messages.items()
        }
        self.labels = self.node.create_publisher(LabelInfo, LABEL_INFO, LATCHED)
        self.labels.publish(LabelInfo(taxonomy='none'))
        self._index = 0

    def publish(self) -> None:
        self._index += 1
        for topic, message in make_messages(self._index).items():
            self.publishers[topic].publish(message)

    def subscribed(self) -> set[str]:
        return {topic for topic, publisher in self.publishers.items() if publisher.get_subscription_count()}


@pytest.fixture
def listener() -> Iterator[Listener]:
    with listening() as listener:
        yield listener


def free_port() -> int:
    with socket.create_server(('127.0.0.1', 0)) as server:
        return int(server.getsockname()[1])


def start_viewer(start_node: StartNode, **parameters: Any) -> tuple[NodeProcess, int]:
    """Start the viewer on ports of its own; return it and the port of its data."""
    ports = {'port': free_port(), 'data_port': free_port(), 'foxglove_port': free_port()}
    process = start_node('viewer', ports | parameters)
    process.wait_for_output('view of /')
    return process, ports['foxglove_port' if parameters.get('view') == 'foxglove' else 'data_port']


def figures(reports: list[DiagnosticArray]) -> dict[str, str]:
    """Return what the viewer reported last."""
    statuses = [status for array in reports for status in array.status if status.name == '/viewer']
    return {value.key: value.value for value in statuses[-1].values} if statuses else {}


def show(listener: Listener, perception: Perception, until: Callable[[], bool], timeout: float = 20.0) -> None:
    """Publish until a condition holds."""
    deadline = time.monotonic() + timeout
    while not until():
        assert time.monotonic() < deadline
        perception.publish()
        listener.spin_for(0.1)


def test_it_subscribes_while_it_is_watched_and_shows_everything(start_node: StartNode, listener: Listener) -> None:
    perception = Perception(listener)
    reports = listener.collect(DiagnosticArray, '/diagnostics')
    process, port = start_viewer(start_node)
    listener.spin_for(1.0)
    assert perception.subscribed() == set()
    with watching(port) as client:
        listener.spin_until(lambda: perception.subscribed() == set(perception.publishers))
        show(listener, perception, lambda: client.read(0.0) > 100_000)
        show(listener, perception, lambda: int(figures(reports).get('received', 0)) > 3 * len(perception.publishers))
    listener.spin_until(lambda: perception.subscribed() == set())
    assert figures(reports)['refused'] == '0', process.output()
    status, output = process.stop()
    assert status == 0
    assert 'Traceback' not in output
    assert addresses_of(port) == set()


def test_it_is_served_on_this_machine_alone(start_node: StartNode) -> None:
    process, port = start_viewer(start_node)
    page = re.search(r'http://127\.0\.0\.1:(\d+)', process.output())
    assert page
    assert addresses_of(port) == addresses_of(int(page[1])) == LOOPBACK_ONLY


def test_what_is_not_shown_is_not_subscribed(start_node: StartNode, listener: Listener) -> None:
    perception = Perception(listener)
    start_viewer(start_node, show=['overlay', 'cloud'], subscribe_unwatched=True)
    listener.spin_until(lambda: len(perception.subscribed()) == 2)
    assert perception.subscribed() == {'/perception/overlay', '/perception/points'}


def test_messages_that_come_too_fast_are_skipped_and_counted(start_node: StartNode, listener: Listener) -> None:
    perception = Perception(listener)
    reports = listener.collect(DiagnosticArray, '/diagnostics')
    start_viewer(start_node, rate=1.0, subscribe_unwatched=True)
    listener.spin_until(lambda: len(perception.subscribed()) == len(perception.publishers))
    show(listener, perception, lambda: int(figures(reports).get('skipped', '0')) > 20)


def test_it_says_what_it_waits_for_by_its_whole_name(start_node: StartNode) -> None:
    ports = {'port': free_port(), 'data_port': free_port(), 'perception_ns': 'perception'}
    process = start_node('viewer', ports, {'image': 'image_raw', '__ns': '/rig/left'})
    output = process.wait_for_output('no publisher yet of')
    assert '/rig/left/perception/overlay' in output
    assert '/rig/left/image_raw' in output


def test_a_topic_of_another_type_is_named_with_both(start_node: StartNode, listener: Listener) -> None:
    publisher = listener.node.create_publisher(CompressedImage, '/perception/overlay', OUTPUT)
    process, _ = start_viewer(start_node)
    process.wait_for_output(
        "'/perception/overlay' is published as sensor_msgs/msg/CompressedImage, not sensor_msgs/msg/Image"
    )
    listener.node.destroy_publisher(publisher)


def test_a_message_that_cannot_be_shown_is_told_and_the_others_are_shown(
    start_node: StartNode, listener: Listener
) -> None:
    perception = Perception(listener)
    reports = listener.collect(DiagnosticArray, '/diagnostics')
    process, port = start_viewer(start_node)
    with watching(port) as client:
        listener.spin_until(lambda: len(perception.subscribed()) == len(perception.publishers))
        bad = fill_image(np.zeros((4, 4), np.uint8), 'mono8', header(0))
        bad.encoding = 'nonsense'

        def refused() -> bool:
            perception.publishers['/perception/overlay'].publish(bad)
            return int(figures(reports).get('refused', '0')) > 0

        show(listener, perception, refused)
        before = client.read(0.0)
        show(listener, perception, lambda: client.read(0.0) > before + 100_000)
    assert "'/perception/overlay' cannot be shown: image encoding 'nonsense'" in process.output()


@pytest.mark.parametrize('view', ['rerun', 'foxglove'])
def test_a_port_in_use_is_named(start_node: StartNode, view: str) -> None:
    name = {'rerun': 'port', 'foxglove': 'foxglove_port'}[view]
    with socket.create_server(('127.0.0.1', 0)) as server:
        port = server.getsockname()[1]
        status, output = wait_for_end(start_node('viewer', {'view': view, name: port, 'data_port': free_port()}))
    assert status == 1
    assert f'port {port} of 127.0.0.1 is in use; end the program that has it, or choose another port' in output
    assert 'Traceback' not in output


@pytest.mark.parametrize(('view', 'module'), [('rerun', 'rerun'), ('foxglove', 'foxglove')])
def test_a_missing_extra_is_named(start_node: StartNode, tmp_path: Path, view: str, module: str) -> None:
    (tmp_path / f'{module}.py').write_text(f"raise ModuleNotFoundError('No module', name='{module}')")
    path = os.pathsep.join([str(tmp_path), os.environ['PYTHONPATH']])
    status, output = wait_for_end(start_node('viewer', {'view': view}, environment={'PYTHONPATH': path}))
    assert status == 1
    assert f"{module} is not installed: pip install 'mt3dnet_ros[view]'" in output
    assert 'Traceback' not in output


@pytest.mark.parametrize('reads', [True, False], ids=['watched', 'browser hangs'])
def test_it_ends_quietly(start_node: StartNode, listener: Listener, reads: bool) -> None:
    perception = Perception(listener)
    process, port = start_viewer(start_node, memory=16)
    with watching(port) as client:
        listener.spin_until(lambda: len(perception.subscribed()) == len(perception.publishers))
        for _ in range(20):
            perception.publish()
            listener.spin_for(0.05)
            if reads:
                client.read(0.0)
        status, output = process.stop()
    assert status == 0
    assert 'Traceback' not in output


@pytest.mark.parametrize('end', [signal.SIGSTOP, signal.SIGKILL])
def test_a_viewer_that_hangs_or_dies_holds_up_no_publisher(
    start_node: StartNode, listener: Listener, end: signal.Signals
) -> None:
    """Fast DDS slows down who sends to a process that is stopped, until its lease has ended: 20 s by default."""
    perception = Perception(listener)
    process, port = start_viewer(start_node)
    with watching(port):
        listener.spin_until(lambda: perception.subscribed() == set(perception.publishers))
        perception.publish()
        os.kill(process.pid, end)
        memory, slowest, begin = memory_of(os.getpid()), 0.0, time.monotonic()
        while perception.subscribed():
            sent = time.monotonic()
            perception.publish()
            slowest = max(slowest, time.monotonic() - sent)
            listener.spin_for(0.02)
            assert time.monotonic() - begin < 10.0, 'the viewer is still sent to'
    process.kill()
    assert slowest < 2.0
    assert memory_of(os.getpid()) - memory < 60_000_000


def memory_of(process: int) -> int:
    return int(Path(f'/proc/{process}/statm').read_text().split()[1]) * os.sysconf('SC_PAGE_SIZE')


def test_foxglove_gets_what_it_asks_for_as_it_came(start_node: StartNode, listener: Listener) -> None:
    perception = Perception(listener)
    process, port = start_viewer(start_node, view='foxglove')
    assert addresses_of(port) == LOOPBACK_ONLY
    with connected(port) as client:
        listener.spin_for(1.0)
        assert perception.subscribed() == set()
        assert client.channels['/perception/points']['schemaName'] == 'sensor_msgs/msg/PointCloud2'
        assert client.channels['/perception/points']['encoding'] == 'cdr'
        assert 'MSG: sensor_msgs/PointField' in client.channels['/perception/points']['schema']
        client.subscribe('/perception/points', '/perception/detections')
        listener.spin_until(lambda: perception.subscribed() == {'/perception/points', '/perception/detections'})

        def both() -> bool:
            client.read(0.05)
            return len(client.received) == 2

        show(listener, perception, both)
        first = client.received['/perception/points'][0]
        found = deserialize_message(first, PointCloud2)
        assert found == make_messages(found.header.stamp.sec - 1000)['/perception/points']
    listener.spin_until(lambda: perception.subscribed() == set())
    status, output = process.stop()
    assert status == 0
    assert 'Traceback' not in output


def test_foxglove_gives_every_client_what_is_published_once(start_node: StartNode, listener: Listener) -> None:
    perception = Perception(listener)
    _, port = start_viewer(start_node, view='foxglove')
    for _ in range(2):
        with connected(port) as one, connected(port) as other:
            for client in (one, other):
                client.subscribe(LABEL_INFO)
                deadline = time.monotonic() + 10.0
                while not client.received:
                    assert time.monotonic() < deadline
                    listener.spin_for(0.05)
                    client.read(0.05)
    assert perception.labels.get_subscription_count() <= 1


def test_foxglove_offers_all_that_the_shipped_layout_shows(start_node: StartNode) -> None:
    _, port = start_viewer(start_node, view='foxglove')
    with connected(port) as client:
        assert set(dict(foxglove_topics())) <= set(client.channels) | {'/tf', '/tf_static'}
        assert {'/image', '/diagnostics', LABEL_INFO} <= set(client.channels)


def test_messages_are_of_the_types_that_are_shown() -> None:
    kinds = {Image, CameraInfo, PointCloud2, DetectionArray, Scanpath, PointStamped}
    assert {type(message) for message in make_messages(0).values()} == kinds
