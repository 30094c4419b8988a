"""Every node publishes, subscribes to and serves what its table and its policy say, and nothing else.

A new node needs a row in `ABSENT`, or in `WAITING` or `FOLLOWING` where it hears outputs of others, and what it cannot
start without in `parameters_of`.
"""

from __future__ import annotations

import os
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
from support.stand_in_messages import environment_with
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
HAND_EYE = 'transform: {translation: {x: 0, y: 0, z: 0}, rotation: {x: 0, y: 0, z: 0, w: 1}}'

# Nodes whose graph is their table, without the rows that their parameters here switch off.
ABSENT: dict[str, set[str]] = {
    'perception': {'image/compressed', 'right/image/compressed'},  # of another image_transport
    'video_source': set(),
    'dvrk_video': set(),
    'camera_info_source': set(),
    'hand_eye': set(),
    'camera_guidance': {'{arm}/servo_jp', '{arm}/move_jp', 'heartbeat'},  # of other dvrk.command, dead_man_heartbeat
    'guidance_watchdog': set(),
    'simulated_ecm': set(),
    'console_overlay': {*WHILE_ON, 'right/camera_info', '~/right/image'},  # of one eye
    'reconstruction': {'image/compressed'},  # of another image_transport
}
# Nodes that have outputs of `perception` too, looked at while none has come. RViz, which `open_rviz` becomes then, has
# what its configuration shows, and no policy of ours.
WAITING = ('stereo_transform', 'open_rviz')
# Nodes that subscribe to what has a publisher, with parameters, and what they have to subscribe to at least: here to an
# image, and to the diagnostics of the node itself.
FOLLOWING: tuple[tuple[str, dict[str, object], set[str]], ...] = (
    ('recorder', {'topics': ['/diagnostics', 'image']}, {'/diagnostics', f'{NAMESPACE}/image'}),
    ('recorder', {}, {'/diagnostics', f'{NAMESPACE}/image'}),
    ('viewer', {'view': 'foxglove'}, set()),  # nobody watches
)
# Packages that not every ROS comes with, and without which these nodes do not start, or lack a topic.
STAND_INS = {
    'hand_eye': 'tf2_msgs',
    'stereo_transform': 'tf2_msgs',
    'camera_guidance': 'crtk_msgs',
    'simulated_ecm': 'crtk_msgs',
}


def parameters_of(node: str, folder: Path) -> dict[str, object]:
    if node == 'perception':
        checkpoint = save_small_checkpoint(folder / 'small.safetensors')
        beside = {'second_eye': 'sparse', 'tip_topics': [f'PSM1={TIP}']}
        return {'checkpoint': str(checkpoint), 'device': 'cpu', 'threads': 1, **beside}
    if node == 'video_source':
        cv2.imwrite(str(folder / 'picture.png'), np.zeros((48, 64, 3), np.uint8))
        return {'source': str(folder)}
    if node == 'hand_eye':
        (folder / 'hand_eye.yaml').write_text(HAND_EYE)
        return {'file': str(folder / 'hand_eye.yaml'), 'parent_frame': 'tip', 'child_frame': 'camera'}
    return {
        'camera_info_source': {'calibration': str(ROOT / 'config/demo/camera.yaml')},
        'camera_guidance': {'dvrk.enabled': True, 'dvrk.arm': ARM},
        'guidance_watchdog': {'dvrk.enabled': True, 'dvrk.arm': ARM},
        'simulated_ecm': {'arm': ARM},
        'console_overlay': {'left_perception_ns': PERCEPTION},
        'reconstruction': {'perception_ns': PERCEPTION},
        'dvrk_video': {'socket': '@dvrk:s:stereo', 'eye': 'both'},
    }.get(node, {})


def environment_of(node: str, folder: Path) -> dict[str, str]:
    """Return the variables with which a process finds what is not here: messages, video sockets, RViz."""
    rviz = folder / 'rviz2'
    rviz.write_text('#!/bin/sh\nexit 1\n')  # which is never reached
    rviz.chmod(0o755)
    messages = environment_with(STAND_INS[node]) if node in STAND_INS else {}
    sockets = fake_reader(folder, {'dvrk:s:stereo': [[READY]]})
    return {**sockets, **messages, 'PATH': f'{folder}{os.pathsep}{os.environ["PATH"]}'}


def is_missing(topic: Topic, node: str) -> bool:
    """Return whether a node cannot have a topic here, as its messages are not installed."""
    return bool(topic.missing) and topic.message_name.partition('/')[0] != STAND_INS.get(node)


def expected(topics: tuple[Topic, ...], node: str) -> Found:
    """Return the types by the whole names of topics."""
    here = (topic for topic in topics if topic.name not in ABSENT[node] and not is_missing(topic, node))
    named = (topic.of(**VALUES) for topic in here)
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


def test_no_node_is_left_out() -> None:
    scripts = {path.name for path in (ROOT / 'scripts').iterdir()} - {'mt3dnet'}
    compared = {*ABSENT, *WAITING, *(node for node, *_ in FOLLOWING)}
    assert compared == scripts == set(NODE_TOPICS) == set(NODE_TABLES)


@pytest.mark.parametrize('node', ABSENT)
def test_a_node_has_the_topics_of_its_table(start_node: Callable[..., NodeProcess], tmp_path: Path, node: str) -> None:
    table = NODE_TOPICS[node]
    wanted = tuple(expected(topics, node) for topics in (table.subscribes, table.publishes))
    given = parameters_of(node, tmp_path)
    process = start_node(node, given, {'__ns': NAMESPACE}, environment=environment_of(node, tmp_path))
    policy = allowed(node, given)

    def look(listener: Listener) -> object:
        return topics_in_graph(listener, node), everything_in_graph(listener, node)

    found = looked_at(process, node, (wanted, policy), look)
    assert found == (wanted, policy), process.output()


@pytest.mark.parametrize('node', WAITING)
def test_a_node_that_waits_for_outputs_has_what_its_policy_allows(
    start_node: Callable[..., NodeProcess], tmp_path: Path, node: str
) -> None:
    process = start_node(node, {}, {'__ns': NAMESPACE}, environment=environment_of(node, tmp_path))
    policy = allowed(node, {})
    assert any('perception/detections' in name for name in policy[0])
    found = looked_at(process, node, policy, lambda listener: everything_in_graph(listener, node))
    assert found == policy, process.output()


def looked_at(process: NodeProcess, node: str, wanted: object, look: Callable[[Listener], object]) -> object:
    """Return what is seen of a node in the graph: what is wanted, or else the last of a minute."""
    found: object = None
    with listening() as listener:
        deadline = time.monotonic() + 60.0
        while found != wanted and time.monotonic() < deadline and process.running:
            listener.spin_for(0.2)
            if node in listener.node.get_node_names():
                found = look(listener)
    return found


@pytest.mark.parametrize(('node', 'given', 'least'), FOLLOWING)
def test_a_node_that_follows_others_stays_within_its_policy(
    start_node: Callable[..., NodeProcess], tmp_path: Path, node: str, given: dict[str, object], least: set[str]
) -> None:
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
    named = [topic.of(**VALUES).name for topic in topics if is_missing(topic, node) or topic.name in while_on]
    missing = set(map(NodeNames(node, NAMESPACE).expand, named))
    return {*wiring.subscribes} - missing, {*wiring.publishes} - missing, {*wiring.serves}, set()
