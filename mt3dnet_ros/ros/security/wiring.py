"""Which topics and services of its table a node really has, by its parameters and remappings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from mt3dnet_ros.ros.security.names import NodeNames
from mt3dnet_ros.ros.topics.console import SIDES
from mt3dnet_ros.ros.topics.nodes import NODE_TOPICS
from mt3dnet_ros.ros.topics.perception import BY_KEY, IMAGES, LABEL_INFO, PERCEPTION, RIGHT_IMAGES
from mt3dnet_ros.ros.topics.reconstruction import RECONSTRUCTION
from mt3dnet_ros.ros.topics.topic import Topic
from mt3dnet_ros.ros.topics.video import recorded_topics

_PARAMETER_SERVICES = (
    'describe_parameters',
    'get_parameter_types',
    'get_parameters',
    'get_type_description',  # since Jazzy
    'list_parameters',
    'set_parameters',
    'set_parameters_atomically',
)
_LIFECYCLE_SERVICES = (
    'change_state',
    'get_available_states',
    'get_available_transitions',
    'get_state',
    'get_transition_graph',
)
_OF_EVERY_NODE = ('/rosout', '/parameter_events')
_CLOCK = '/clock'
_Rules = dict[tuple[str, str], Callable[[Any], bool]]  # by node and name of the topic


@dataclass(frozen=True)
class Wiring:
    """Whole names of what a node subscribes to, publishes and serves."""

    subscribes: frozenset[str]
    publishes: frozenset[str]
    serves: frozenset[str]


def wiring_of(kind: str, names: NodeNames, parameters: Any, simulated_time: bool = False) -> Wiring:
    """Return what a node has, no more.

    :param kind: the node as ``NODE_TOPICS`` calls it
    :param parameters: an instance of its table
    :param simulated_time: whether ``use_sim_time`` is set
    """
    table = NODE_TOPICS[kind]
    subscribed = [
        name
        for topic in _used(_SUBSCRIBED_WHERE, kind, table.subscribes, parameters)
        for name in _names(kind, topic, names, parameters)
    ]
    subscribed += map(names.resolve, _found_in_tables_of_others(kind, parameters))
    published = [
        name
        for topic in _used(_PUBLISHED_WHERE, kind, table.publishes, parameters)
        for name in _names(kind, topic, names, parameters)
    ]
    published += map(names.resolve, _OF_EVERY_NODE)
    services = [*(f'~/{name}' for name in _PARAMETER_SERVICES), *table.services]
    if table.is_lifecycle:
        services += [f'~/{name}' for name in _LIFECYCLE_SERVICES]
        published.append(names.resolve('~/transition_event'))
    clock = [_CLOCK] if simulated_time else []
    return Wiring(frozenset([*subscribed, *clock]), frozenset(published), frozenset(map(names.resolve, services)))


def _used(rules: _Rules, kind: str, topics: Iterable[Topic[Any]], parameters: Any) -> list[Topic[Any]]:
    """Return the topics that a node has by rules for one direction."""
    return [topic for topic in topics if rules.get((kind, topic.name), lambda _: True)(parameters)]


def _names(kind: str, topic: Topic[Any], names: NodeNames, parameters: Any) -> Iterator[str]:
    """Yield the names that a row of the table stands for."""
    is_used = _USED_WHERE.get((kind, topic.name))
    if is_used is not None and not is_used(parameters):
        return
    if '{arm}' in topic.name:
        arm = getattr(parameters, 'dvrk__arm', '') or getattr(parameters, 'arm', '')
        yield names.resolve(topic.name.format(arm=arm))
    elif '{perception}' in topic.name:
        shown = _perceptions(parameters)
        yield from (names.resolve(topic.name.format(perception=node)) for node in shown)
    elif topic.name == '{tip_topics}':
        yield from (names.resolve(tip.partition('=')[2]) for tip in parameters.tip_topics)
    else:
        yield _compressed(topic.name, names) or names.resolve(topic.name)


def _perceptions(parameters: Any) -> list[str]:
    """Return the nodes ``perception`` whose outputs a node takes."""
    names = ('perception_ns', 'left_perception_ns', 'right_perception_ns')
    return [node.rstrip('/') for node in (getattr(parameters, name, '') for name in names) if node]


def _compressed(name: str, names: NodeNames) -> str:
    """Return the name of compressed images, which follow the raw ones where they are not remapped themselves."""
    for images in (IMAGES, RIGHT_IMAGES):
        if name == images['compressed'].name and not names.is_remapped(name):
            raw = images['raw'].name
            return names.resolve(raw) + name.removeprefix(raw)
    return ''


def _found_in_tables_of_others(kind: str, parameters: Any) -> list[str]:
    """Return what a node subscribes to of other nodes, whose tables have it."""
    if kind == 'recorder':
        return list(parameters.topics or recorded_topics(parameters.perception_ns, parameters.reconstruction_ns))
    if kind == 'viewer':
        of_reconstruction = [topic for topic in RECONSTRUCTION.publishes if topic.name not in _SHARED]
        shown = _below(PERCEPTION.publishes, parameters.perception_ns)
        return shown + _below(of_reconstruction, parameters.reconstruction_ns)
    if kind == 'open_rviz' and not parameters.fixed_frame:
        return _below(_FRAMED, parameters.perception_ns)
    if kind == 'stereo_transform':
        left = [] if parameters.left_frame else _below(_FRAMED, parameters.left_perception_ns)
        return left + ([] if parameters.right_frame else _below(_FRAMED, parameters.right_perception_ns))
    return []


_SHARED = ('/tf', '/diagnostics')  # which are not of one node
_FRAMED = (LABEL_INFO, BY_KEY['detections'], BY_KEY['segmentation/labels'], BY_KEY['depth/camera_info'])


def _below(topics: Iterable[Topic[Any]], node: str) -> list[str]:
    return [topic.below(node) for topic in topics]


def _has_second_eye(parameters: Any) -> bool:
    return bool(parameters.second_eye != 'off')


def _has_right_images(transport: str) -> Callable[[Any], bool]:
    def is_used(parameters: Any) -> bool:
        apart = _has_second_eye(parameters) and not parameters.is_side_by_side
        return apart and bool(parameters.image_transport == transport)

    return is_used


def _has_no_pair_file(parameters: Any) -> bool:
    return not (parameters.calibration or parameters.left_calibration or parameters.right_calibration)


def _shows(side: str) -> Callable[[Any], bool]:
    return lambda parameters: bool(getattr(parameters, f'{side}_perception_ns'))


def _has_eye(side: str) -> Callable[[Any], bool]:
    return lambda parameters: parameters.eye in (side, 'both')


def _records_by_itself(parameters: Any) -> bool:
    return not parameters.topics


# What a row of a table depends on; all others are always there.
_USED_WHERE: _Rules = {
    ('perception', 'image'): lambda now: now.image_transport == 'raw',
    ('perception', 'image/compressed'): lambda now: now.image_transport == 'compressed',
    ('perception', 'right/image'): _has_right_images('raw'),
    ('perception', 'right/image/compressed'): _has_right_images('compressed'),
    ('perception', 'right/camera_info'): _has_second_eye,
    ('perception', '/tf'): lambda now: bool(now.tip_topics),
    ('perception', '/tf_static'): lambda now: bool(now.tip_topics),
    ('camera_guidance', 'scale'): lambda now: now.scale_required,
    ('camera_guidance', 'heartbeat'): lambda now: now.dead_man_required and now.dead_man_heartbeat == 'topic',
    ('camera_guidance', '{arm}/measured_js'): lambda now: now.dvrk__enabled,
    ('camera_guidance', '{arm}/servo_jr'): lambda now: now.dvrk__enabled and now.dvrk__command == 'servo_jr',
    ('camera_guidance', '{arm}/servo_jp'): lambda now: now.dvrk__enabled and now.dvrk__command == 'servo_jp',
    ('camera_guidance', '{arm}/operating_state'): lambda now: now.dvrk__enabled,
    ('camera_guidance', '{arm}/guided_by'): lambda now: now.dvrk__enabled,
    ('camera_guidance', '{arm}/move_jp'): lambda now: now.dvrk__enabled and now.dvrk__command == 'move_jp',
    ('guidance_watchdog', '{arm}/hold'): lambda now: now.dvrk__enabled,
    ('recorder', 'image'): _records_by_itself,
    ('recorder', 'camera_info'): _records_by_itself,
    ('stereo_transform', 'left/camera_info'): _has_no_pair_file,
    ('stereo_transform', 'right/camera_info'): _has_no_pair_file,
    **{('console_overlay', f'{side}/camera_info'): _shows(side) for side in SIDES},
    **{('console_overlay', f'~/{side}/image'): _shows(side) for side in SIDES},
    **{('dvrk_video', f'{side}/{name}'): _has_eye(side) for side in SIDES for name in ('image_raw', 'camera_info')},
    ('reconstruction', 'image'): lambda now: now.image_transport == 'raw',
    ('reconstruction', 'image/compressed'): lambda now: now.image_transport == 'compressed',
    ('viewer', 'image'): lambda now: now.image_transport == 'raw',
    ('viewer', 'image/compressed'): lambda now: now.image_transport == 'compressed',
}
# The same of rows that a node may subscribe to by one rule and publish by another.
_SUBSCRIBED_WHERE: _Rules = {
    ('reconstruction', '/tf'): lambda now: now.pose_source == 'tf',
    ('reconstruction', '/tf_static'): lambda now: now.pose_source == 'tf',
}
_PUBLISHED_WHERE: _Rules = {
    ('reconstruction', '/tf'): lambda now: now.pose_source == 'odometry' and now.publish_tf,
}
