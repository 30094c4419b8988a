"""A recording has every message of every topic as it was sent, and opens in the readers people use."""

from __future__ import annotations

import array
import itertools
import math
import re
import resource
import time
from collections.abc import Callable
from pathlib import Path
from signal import SIGKILL
from typing import Any

import numpy as np
import pytest
import yaml
from builtin_interfaces.msg import Time
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from geometry_msgs.msg import Point, Vector3
from mcap.reader import make_reader
from mcap_ros2.decoder import DecoderFactory
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from rosbags.highlevel import AnyReader
from rosbags.rosbag2 import Reader
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import Image, PointCloud2, PointField, RegionOfInterest
from std_msgs.msg import ColorRGBA, Header, String
from support.recording_readers import READERS, by_index, by_rosbags
from support.ros_listener import Listener, listening, wait_for_end
from support.ros_processes import NodeProcess

from mt3dnet_ros.msg import Detection, DetectionArray, LabelInfo
from mt3dnet_ros.ros.messages.images import fill_image
from mt3dnet_ros.ros.recording.recorded_topic import RecordedTopic

StartNode = Callable[..., NodeProcess]
COUNT = 20
Makers = dict[str, tuple[Any, Callable[[int], Any], QoSProfile]]
LATCHED = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
BEST_EFFORT = QoSProfile(depth=1, reliability=ReliabilityPolicy.BEST_EFFORT)


def make_header(index: int) -> Header:
    header = Header(frame_id='scope')
    header.stamp.sec, header.stamp.nanosec = 1000 + index, 7 * index
    return header


def make_image(index: int) -> Image:
    pixels = np.random.default_rng(index).integers(0, 256, (120, 160, 3), np.uint8)
    return fill_image(pixels, 'rgb8', make_header(index))


def make_detections(index: int) -> DetectionArray:
    detections = [
        Detection(
            class_id=number,
            class_name=f'tool {number}',
            score=0.25 * number,
            instance_id=-1,
            box=RegionOfInterest(x_offset=index, y_offset=2, width=30, height=40),
            position=Point(x=0.01, y=-0.02, z=0.1),
            extent=Vector3(x=0.001, y=0.002, z=0.003),
            tip=Point(x=math.nan, y=math.nan, z=math.nan),
        )
        for number in range(index % 4)
    ]
    return DetectionArray(header=make_header(index), detections=detections)


def make_cloud(index: int) -> PointCloud2:
    points = np.random.default_rng(index).normal(size=(30, 40, 3)).astype(np.float32)
    fields = [PointField(name='xyz'[at], offset=4 * at, datatype=PointField.FLOAT32, count=1) for at in range(3)]
    cloud = PointCloud2(header=make_header(index), height=30, width=40, fields=fields, point_step=12, row_step=480)
    cloud.data.frombytes(points.tobytes())
    return cloud


def make_labels(index: int) -> LabelInfo:
    return LabelInfo(
        header=make_header(index),
        taxonomy='endovis2018',
        ids=[0, 1, 65535],
        names=['background', 'one', 'größte'],
        colors=[ColorRGBA(r=0.5, g=0.25, b=1.0, a=1.0)] * 3,
        threshold=0.5,
    )


def assert_same(sent: Any, read: Any, path: str = '') -> None:
    """Compare every field of a ROS message with what a reader made of it."""
    if hasattr(sent, 'get_fields_and_field_types'):
        for name in sent.get_fields_and_field_types():
            assert_same(getattr(sent, name), getattr(read, name), f'{path}.{name}')
    elif isinstance(sent, (list, tuple)) and sent and hasattr(sent[0], 'get_fields_and_field_types'):
        assert len(sent) == len(read), path
        for index, (one, other) in enumerate(zip(sent, read, strict=True)):
            assert_same(one, other, f'{path}[{index}]')
    elif isinstance(sent, (bytes, array.array, np.ndarray, list, tuple)):
        assert list(sent) == list(read), path
    else:
        assert sent == read or (sent != sent and read != read), f'{path}: sent {sent!r}, read {read!r}'


def publish(listener: Listener, makers: Makers) -> dict[str, list[Any]]:
    """Publish each topic's messages to the recorder; return what was sent."""
    publishers = {
        topic: listener.node.create_publisher(kind, topic, profile) for topic, (kind, _, profile) in makers.items()
    }
    sent: dict[str, list[Any]] = {topic: [] for topic in makers}
    listener.spin_until(lambda: all(publisher.get_subscription_count() for publisher in publishers.values()))
    for index in range(COUNT):
        for topic, (_, make, _) in makers.items():
            sent[topic].append(make(index))
            publishers[topic].publish(sent[topic][-1])
        listener.spin_for(0.02)
    listener.spin_for(0.3)
    return sent


@pytest.mark.parametrize(
    ('compression', 'output', 'file'),
    [('lz4', 'recording', 'recording/recording_0.mcap'), ('zstd', 'recording.mcap', 'recording.mcap')],
)
def test_recording_has_every_field_of_every_message(
    tmp_path: Path, start_node: StartNode, compression: str, output: str, file: str
) -> None:
    makers = {
        '/image': (Image, make_image, QoSProfile(depth=1)),
        '/detections': (DetectionArray, make_detections, QoSProfile(depth=1)),
        '/points': (PointCloud2, make_cloud, QoSProfile(depth=1)),
        '/text': (String, lambda index: String(data=f'text {index}'), BEST_EFFORT),
    }
    path = tmp_path / output
    with listening() as listener:
        latched = listener.node.create_publisher(LabelInfo, '/labels', LATCHED)
        latched.publish(make_labels(0))  # before the recorder starts
        process = start_node(
            'recorder', {'topics': [*makers, 'labels', '/nobody'], 'output': str(path), 'compression': compression}
        )
        sent = publish(listener, makers)
        code, printed = process.stop()
    sent['/labels'] = [make_labels(0)]
    assert (code, 'Traceback' in printed, 'rosout' in printed) == (0, False, False), printed
    assert f'has {4 * COUNT + 1} messages of 5 topics, 0 lost' in printed
    assert f'/image: {COUNT} messages' in printed
    assert "'/nobody' had no publisher" in printed

    by_topic: dict[str, list[Any]] = {}
    with (tmp_path / file).open('rb') as stream:
        for _, channel, _, message in make_reader(stream, decoder_factories=[DecoderFactory()]).iter_decoded_messages():
            by_topic.setdefault(channel.topic, []).append(message)
    assert by_topic.keys() == sent.keys()
    for topic, messages in sent.items():
        assert_same(messages, by_topic[topic], topic)
    with AnyReader([path]) as reader:
        read = [(item.topic, reader.deserialize(data, item.msgtype)) for item, _, data in reader.messages()]
    for topic, messages in sent.items():
        assert_same(messages, [message for name, message in read if name == topic], topic)


def test_channels_carry_what_ros2_bag_needs(tmp_path: Path, start_node: StartNode) -> None:
    path = tmp_path / 'recording.mcap'
    with listening() as listener:
        latched = listener.node.create_publisher(LabelInfo, '/labels', LATCHED)
        latched.publish(make_labels(0))
        process = start_node('recorder', {'topics': ['/labels'], 'output': str(path)})
        listener.spin_until(lambda: latched.get_subscription_count() == 1)
        listener.spin_for(0.5)
        process.stop()
    with path.open('rb') as stream:
        summary = make_reader(stream).get_summary()
    (channel,) = summary.channels.values()
    schema = summary.schemas[channel.schema_id]
    assert (schema.name, schema.encoding, channel.message_encoding) == ('mt3dnet_ros/msg/LabelInfo', 'ros2msg', 'cdr')
    (profile,) = yaml.safe_load(channel.metadata['offered_qos_profiles'])
    assert (profile['reliability'], profile['durability']) == (1, 1)  # rmw: reliable, transient local
    assert channel.metadata['topic_type_hash'].startswith('RIHS01_')
    assert summary.statistics.message_count == 1


def test_existing_recording_is_refused(tmp_path: Path, start_node: StartNode) -> None:
    path = tmp_path / 'recording.mcap'
    path.write_text('precious')
    code, output = wait_for_end(start_node('recorder', {'output': str(path)}))
    errors = [line for line in output.splitlines() if '[FATAL]' in line]
    assert (code, len(errors), 'Traceback' in output) == (1, 1, False), output
    assert 'exists already' in errors[0]
    assert path.read_text() == 'precious'


def test_messages_that_the_middleware_dropped_are_counted() -> None:
    taken: list[Any] = []
    with listening() as sender, listening() as receiver:
        publisher = sender.node.create_publisher(String, '/text', 1)
        receiver.spin_until(lambda: bool(receiver.node.get_publishers_info_by_topic('/text')))
        put = lambda message: taken.append(message) or True  # noqa: E731
        topic = RecordedTopic(receiver.node, '/text', 'std_msgs/msg/String', String, put)
        sender.spin_until(lambda: publisher.get_subscription_count() == 1)
        publisher.publish(String(data='first'))
        receiver.spin_until(lambda: len(taken) == 1)
        for index in range(150):  # nobody takes them: the oldest give way
            publisher.publish(String(data=str(index)))
            sender.spin_for(0.002)
        receiver.spin_for(1.0)
    assert len(taken) + topic.lost == 151
    assert topic.lost >= 50


def text_publisher(listener: Listener, topic: str = '/text') -> Callable[[], int]:
    """Return a function that publishes the next of numbered texts, and returns how many there are then."""
    publisher = listener.node.create_publisher(String, topic, 10)
    listener.spin_until(lambda: publisher.get_subscription_count() == 1)
    numbers = itertools.count(1)

    def publish() -> int:
        number = next(numbers)
        publisher.publish(String(data=f'text {number}'))
        return number

    return publish


def test_publisher_that_lives_on_reaches_each_recorder_that_is_started_again(
    tmp_path: Path, start_node: StartNode
) -> None:
    with listening() as listener:
        publisher = listener.node.create_publisher(String, '/text', 10)
        for number in range(6):
            output = tmp_path / f'{number}.mcap'
            process = start_node('recorder', {'topics': ['/text'], 'output': str(output)})
            listener.spin_until(lambda: publisher.get_subscription_count() == 1)
            deadline = time.monotonic() + 6.0  # the publisher sees it before it can be reached
            while not by_index(output) and time.monotonic() < deadline:
                publisher.publish(String(data='text'))
                listener.spin_for(0.1)
            code, printed = process.stop()
            assert (code, len(by_index(output)) > 0) == (0, True), (number, printed)
            listener.spin_until(lambda: publisher.get_subscription_count() == 0)


def test_killed_recorder_leaves_a_recording_of_all_until_a_second_before(tmp_path: Path, start_node: StartNode) -> None:
    path = tmp_path / 'recording'
    with listening() as listener:
        process = start_node('recorder', {'topics': ['/text', '/late'], 'output': str(path)})
        publish, sent = text_publisher(listener), 0
        late = None
        for index in range(60):
            sent = publish() if index < 40 else sent
            if index == 10:
                late = listener.node.create_publisher(String, '/late', 10)
            listener.spin_for(0.05)
            if late:
                late.publish(String(data='late'))
        process.send(SIGKILL)
        assert process.wait()[0] == -SIGKILL
    assert sorted(file.name for file in path.iterdir()) == ['metadata.yaml', 'recording_0.mcap']
    for place, read in [(path, by_rosbags), *((path / 'recording_0.mcap', read) for read in READERS)]:
        found = read(place)
        assert len([topic for topic, _ in found if topic == '/text']) == sent == 40, read.__name__
        assert len([topic for topic, _ in found if topic == '/late']) >= 25, read.__name__


def test_simulated_time_is_waited_for_and_gives_the_stamps(tmp_path: Path, start_node: StartNode) -> None:
    path = tmp_path / 'recording'
    with listening() as listener:
        latched = listener.node.create_publisher(LabelInfo, '/labels', LATCHED)
        latched.publish(make_labels(0))
        publisher = listener.node.create_publisher(String, '/text', 10)
        clock = listener.node.create_publisher(Clock, '/clock', 10)
        process = start_node('recorder', {'topics': ['/text', '/labels'], 'output': str(path), 'use_sim_time': True})
        process.wait_for_output(f"recording 2 topics to '{path}' once /clock runs")
        process.wait_for_output('use_sim_time is set, but nothing has come on /clock')
        for second in range(100, 110):
            clock.publish(Clock(clock=Time(sec=second)))
            if second == 100:
                again = Clock(clock=Time(sec=second))  # the recorder may not have found the clock yet
                listener.spin_until(lambda again=again: clock.publish(again) or publisher.get_subscription_count() == 1)
                listener.spin_until(lambda: latched.get_subscription_count() == 1)
                listener.spin_for(0.3)
            else:
                listener.spin_for(0.1)
                publisher.publish(String(data=str(second)))
                listener.spin_for(0.1)
        code, output = process.stop()
    assert (code, 'had no publisher' in output) == (0, False), output
    with Reader(path) as reader:
        times = [(connection.topic, time) for connection, time, _ in reader.messages()]
    assert times == [('/labels', 100 * 10**9), *(('/text', second * 10**9) for second in range(101, 110))]


def test_simulated_time_that_never_comes_is_told(tmp_path: Path, start_node: StartNode) -> None:
    process = start_node('recorder', {'topics': ['/x'], 'output': str(tmp_path / 'bag'), 'use_sim_time': True})
    process.wait_for_output('once /clock runs')
    code, output = process.stop()
    assert code == 0
    assert "'/x' nothing has come on /clock, which use_sim_time waits for" in output


def test_publishers_of_another_type_are_named(tmp_path: Path, start_node: StartNode) -> None:
    with listening() as first, listening() as second:
        process = start_node('recorder', {'topics': ['/text'], 'output': str(tmp_path / 'bag')})
        publish = text_publisher(first)
        publish()
        second.node.create_publisher(Image, '/text', 1)
        printed = process.wait_for_output('sensor_msgs/msg/Image as well')
        publish()
        first.spin_for(0.3)
        code, printed = process.stop()
    assert code == 0
    assert "'/text' is published as sensor_msgs/msg/Image as well" in printed
    assert printed.count('as well') == 1
    assert '/text: 2 messages\n' in printed


def test_topic_named_twice_is_recorded_once(tmp_path: Path, start_node: StartNode) -> None:
    with listening() as listener:
        process = start_node('recorder', {'topics': ['/text', 'text'], 'output': str(tmp_path / 'bag')})
        publish = text_publisher(listener)
        publish()
        listener.spin_for(0.3)
        code, output = process.stop()
    assert (code, 'has 1 messages of 1 topics' in output) == (0, True), output


def test_wrong_name_of_a_topic_gives_one_line(tmp_path: Path, start_node: StartNode) -> None:
    code, output = wait_for_end(start_node('recorder', {'topics': ['/a b'], 'output': str(tmp_path / 'bag')}))
    assert (code, 'Traceback' in output) == (1, False), output
    assert "parameter topics: '/a b' is no name of a topic" in output
    assert not (tmp_path / 'bag').exists()


def test_disk_that_is_full_ends_the_recorder_and_keeps_what_was_written(tmp_path: Path, start_node: StartNode) -> None:
    path = tmp_path / 'recording'
    with listening() as listener:
        process = start_node('recorder', {'topics': ['/text'], 'output': str(path)})
        publish = text_publisher(listener)
        for _ in range(20):
            publish()
            listener.spin_for(0.05)
        listener.spin_for(0.8)
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (4096, 4096))
        while process.running:
            sent = publish()
            listener.spin_for(0.05)
        code, output = process.wait()
    assert (code, 'Traceback' in output) == (1, False), output
    assert f"recording '{path}' stopped: [Errno 27] File too large; it can be read up to here" in output
    indexed = by_index(path / 'recording_0.mcap')
    assert len(indexed) == 20
    for read in READERS:  # without the index, messages of a chunk that was not committed are found too
        found = read(path / 'recording_0.mcap')
        assert found[:20] == indexed and len(found) < sent
    missing = int(re.search(r'/text: 20 messages, (\d+) lost', output)[1])
    assert 0 < missing <= sent - 20


def test_diagnostics_say_whether_something_is_recorded(tmp_path: Path, start_node: StartNode) -> None:
    with listening() as listener:
        reports = listener.collect(DiagnosticArray, '/diagnostics', 10)
        start_node('recorder', {'topics': ['/text', '/nobody'], 'output': str(tmp_path / 'bag')})

        def last() -> DiagnosticStatus:
            return reports[-1].status[0] if reports else DiagnosticStatus()

        listener.spin_until(lambda: 'nothing has been recorded yet: 2 of 2 topics' in last().message)
        text_publisher(listener)()
        listener.spin_until(lambda: last().message == 'OK')
    assert last().name == '/recorder'
    values = {value.key: value.value for value in last().values}
    assert (values['messages'], values['messages lost'], values['topics without publisher']) == ('1', '0', '1')
