"""Every node publishes, subscribes to and serves what its table and its policy say, and nothing else."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from sensor_msgs.msg import Image
from support.paths import ROOT
from support.ros_listener import Listener, listening
from support.ros_processes import NodeProcess
from support.small_network import save_small_checkpoint
from support.video_sockets import READY, fake_reader

from mt3dnet_ros.ros.parameters.nodes import NODE_TABLES
from mt3dnet_ros.ros.parameters.table import parameter_table
from mt3dnet_ros.ros.security.names import NodeNames
from mt3dnet_ros.ros.security.wiring import Wiring, wiring_of
from mt3dnet_ros.ros.topics.nodes import NODE_TOPICS
from mt3dnet_ros.ros.topics.topic import Topic

NAMESPACE, ARM, TIP, PERCEPTION = '/rig', '/rig/ECM', '/rig/PSM1/measured_cp', '/rig/perception'
WHILE_ON = {f'{{perception}}/{key}' for key in ('segmentation/labels', 'detections', 'scanpath', 'gaze')}
VALUES = {'arm': ARM, 'tip_topics': TIP, 'perception': PERCEPTION}
OF_EVERY_NODE = {'/rosout', '/parameter_events', '/clock'}
Found = dict[str, list[str]]  # types by topic


def parameters_of(node: str, folder: Path) -> dict[str, object]:
    if node == 'perception':
        checkpoint = save_small_checkpoint(folder / 'small.safetensors')
        beside = {'second_eye': 'sparse', 'tip_topics': [f'PSM1={TIP}']}
        return {'checkpoint': str(checkpoint), 'device': 'cpu', 'threads': 1, **beside}
    if node == 'video_source':
        cv2.imwrite(str(folder / 'picture.png'), np.zeros((48, 64, 3), np.uint8))
        return {'source': str(folder)}
    return {
        'camera_info_source': {'calibration': str(ROOT / 'config/demo/camera.yaml')},
        'camera_guidance': {'dvrk.enabled': True, 'dvrk.arm': ARM},
        'guidance_watchdog': {'dvrk.enabled': True, 'dvrk.arm': ARM},
        'simulated_ecm': {'arm': ARM},
        'console_overlay': {'left_perception_ns': PERCEPTION},
        'reconstruction': {'perception_ns': PERCEPTION},
        'dvrk_video': {'socket': '@dvrk:s:stereo', 'eye': 'both'},
    }[node]


def expected(topics: tuple[Topic, ...], node: str, absent: set[str]) -> Found:
    """Return the types by the whole names of topics."""
    named = (topic.of(**VALUES) for topic in topics if topic.name not in absent and not topic.missing)
    whole = {topic.below(f'{NAMESPACE}/{node}'): [topic.message_name] for topic in named}
    return {name if name.startswith('/') else f'{NAMESPACE}/{name}': kinds for name, kinds in whole.items()}


def topics_in_graph(listener: Listener, node: str) -> tuple[Found, Found]:
    """Return what the node subscribes to and publishes, without what every node does."""
    graph = listener.node
    found = (
        graph.get_subscriber_names_and_types_by_node(node, NAMESPACE),
        graph.get_publisher_names_and_types_by_node(node, NAMESPACE),
    )
    shared = OF_EVERY_NODE | {f'{NAMESPACE}/{node}/transition_event'}
    subscribed, published = ({name: kinds for name, kinds in each if name not in shared} for each in found)
    return subscribed, published


@pytest.mark.parametrize(
    ('node', 'absent'),
    [
        ('perception', {'image/compressed', 'right/image/compressed'}),  # of another image_transport
        ('video_source', set()),
        ('dvrk_video', set()),
        ('camera_info_source', set()),
        (
            'camera_guidance',
            {'{arm}/servo_jp', '{arm}/move_jp', 'heartbeat'},
        ),  # of another dvrk.command and dead_man_heartbeat
        ('guidance_watchdog', set()),
        ('simulated_ecm', set()),
        ('console_overlay', {*WHILE_ON, 'right/camera_info', '~/right/image'}),  # of one eye
        ('reconstruction', {'image/compressed'}),
    ],
)
def test_a_node_has_the_topics_of_its_table(
    start_node: Callable[..., NodeProcess], tmp_path: Path, node: str, absent: set[str]
) -> None:
    table = NODE_TOPICS[node]
    wanted = tuple(expected(topics, node, absent) for topics in (table.subscribes, table.publishes))
    sockets = fake_reader(tmp_path, {'dvrk:s:stereo': [[READY]]})
    process = start_node(node, parameters_of(node, tmp_path), {'__ns': NAMESPACE}, environment=sockets)
    with listening() as listener:
        deadline = time.monotonic() + 60.0
        policy = allowed(node, parameters_of(node, tmp_path))
        found: object = None
        while found != (wanted, policy) and time.monotonic() < deadline and process.running:
            listener.spin_for(0.2)
            if node in listener.node.get_node_names():
                found = topics_in_graph(listener, node), everything_in_graph(listener, node)
    assert found == (wanted, policy), process.output()


@pytest.mark.parametrize(
    ('node', 'given', 'least'),
    [
        ('recorder', {'topics': ['/diagnostics', 'image']}, {'/diagnostics', f'{NAMESPACE}/image'}),
        ('recorder', {}, {'/diagnostics', f'{NAMESPACE}/image'}),
        ('viewer', {'view': 'foxglove'}, set()),  # nobody watches
    ],
)
def test_a_node_that_follows_others_stays_within_its_policy(
    start_node: Callable[..., NodeProcess], tmp_path: Path, node: str, given: dict[str, object], least: set[str]
) -> None:
    """They subscribe to what has a publisher: here to an image, and to the diagnostics of the node itself."""
    if node == 'viewer':
        pytest.importorskip('foxglove', reason="needs foxglove-sdk: pip install 'mt3dnet_ros[view]'")
        with socket.socket() as free:
            free.bind(('127.0.0.1', 0))
            place: dict[str, object] = {'foxglove_port': free.getsockname()[1]}
    else:
        place = {'output': str(tmp_path / 'recording')}
    policy = allowed(node, given)
    process = start_node(node, {**given, **place}, {'__ns': NAMESPACE})
    with listening() as listener:
        listener.node.create_publisher(Image, f'{NAMESPACE}/image', 1)
        deadline = time.monotonic() + 60.0
        subscribed = published = served = called = set[str]()
        while time.monotonic() < deadline and process.running:
            if subscribed >= least and published >= policy[1] and served >= policy[2]:
                break
            listener.spin_for(0.2)
            if node in listener.node.get_node_names():
                subscribed, published, served, called = everything_in_graph(listener, node)
    assert least <= subscribed <= policy[0], process.output()
    assert (published, served, called) == policy[1:]


def everything_in_graph(listener: Listener, node: str) -> tuple[set[str], set[str], set[str], set[str]]:
    """Return what a node subscribes to, publishes, serves and asks of other nodes' services."""
    graph = listener.node
    asked = (
        graph.get_subscriber_names_and_types_by_node(node, NAMESPACE),
        graph.get_publisher_names_and_types_by_node(node, NAMESPACE),
        graph.get_service_names_and_types_by_node(node, NAMESPACE),
        graph.get_client_names_and_types_by_node(node, NAMESPACE),
    )
    subscribed, published, served, called = ({name for name, _ in each} for each in asked)
    return subscribed, published, served, called


def allowed(node: str, given: dict[str, object]) -> tuple[set[str], set[str], set[str], set[str]]:
    """Return what the policy allows, without what cannot be had here as its messages are not installed."""
    table = NODE_TABLES[node]
    rows = {row.name: row for row in parameter_table(table)}
    values = {name.replace('.', '__'): rows[name].read(value) for name, value in given.items()}
    wiring: Wiring = wiring_of(node, NodeNames(node, NAMESPACE), table(**values))
    topics = [*NODE_TOPICS[node].subscribes, *NODE_TOPICS[node].publishes]
    while_on = WHILE_ON if node == 'console_overlay' else set()
    named = [topic.of(**VALUES).name for topic in topics if topic.missing or topic.name in while_on]
    missing = set(map(NodeNames(node, NAMESPACE).expand, named))
    return {*wiring.subscribes} - missing, {*wiring.publishes} - missing, {*wiring.serves}, set()
