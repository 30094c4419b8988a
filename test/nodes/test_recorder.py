"""A recording has every message of every topic as it was sent, and opens in the readers people use."""

from __future__ import annotations

import array
import math
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import yaml
from geometry_msgs.msg import Point, Vector3
from mcap.reader import make_reader
from mcap_ros2.decoder import DecoderFactory
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from rosbags.highlevel import AnyReader
from sensor_msgs.msg import Image, PointCloud2, PointField, RegionOfInterest
from std_msgs.msg import ColorRGBA, Header, String
from support.ros_listener import Listener, listening, wait_for_end
from support.ros_processes import NodeProcess

from mt3dnet_ros.msg import Detection, DetectionArray, LabelInfo
from mt3dnet_ros.nodes.recorder import RecordedTopic
from mt3dnet_ros.ros.messages.images import fill_image

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
        thread = SimpleNamespace(put=lambda message: taken.append(message) or True)
        publishers = receiver.node.get_publishers_info_by_topic('/text')
        topic = RecordedTopic(receiver.node, '/text', String, publishers, thread)  # type: ignore[arg-type]
        sender.spin_until(lambda: publisher.get_subscription_count() == 1)
        publisher.publish(String(data='first'))
        receiver.spin_until(lambda: len(taken) == 1)
        for index in range(150):  # nobody takes them: the oldest give way
            publisher.publish(String(data=str(index)))
            sender.spin_for(0.002)
        receiver.spin_for(1.0)
    assert len(taken) + topic.lost == 151
    assert topic.lost >= 50
