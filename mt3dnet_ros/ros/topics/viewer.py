"""The topics of the node ``viewer``."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from rclpy.node import Node

from mt3dnet_ros.ros.image_subscription import image_topic
from mt3dnet_ros.ros.qos import BEST_EFFORT_INPUT
from mt3dnet_ros.ros.topics.perception import BY_KEY, CAMERA_INFO, IMAGES, LABEL_INFO, PERCEPTION
from mt3dnet_ros.ros.topics.reconstruction import RECONSTRUCTION
from mt3dnet_ros.ros.topics.topic import DIAGNOSTICS, NodeTopics, Topic

_DIAGNOSTICS = replace(DIAGNOSTICS, content='what is wrong, in words, and latency and rates')
_INPUTS: tuple[Topic[Any], ...] = (*IMAGES.values(), CAMERA_INFO, _DIAGNOSTICS)
_OUTPUTS: dict[str, Topic[Any]] = {
    'overlay': BY_KEY['overlay'],
    'depth': BY_KEY['depth/image'],
    'saliency': BY_KEY['saliency'],
    'cloud': BY_KEY['points'],
    'detections': BY_KEY['detections'],
    'scanpath': BY_KEY['scanpath'],
    'gaze': BY_KEY['gaze'],
    'scale': BY_KEY['depth/scale'],
    'camera_info': BY_KEY['depth/camera_info'],
    'label_info': LABEL_INFO,
}
_OF_RECONSTRUCTION = tuple(topic for topic in RECONSTRUCTION.publishes if topic.name.startswith('~/'))
SHOWN_BY_DEFAULT = ('image', *(key for key in _OUTPUTS if key != 'label_info'), 'diagnostics')

VIEWER = NodeTopics(
    subscribes=tuple(replace(topic, qos=BEST_EFFORT_INPUT) for topic in _INPUTS),
    publishes=(
        replace(DIAGNOSTICS, content='what it waits for; messages received, skipped and refused; once a second'),
    ),
    note=(
        'Besides these it subscribes to outputs of the node that `perception_ns` names: with `view: rerun` to those in '
        '`show`, with `view: foxglove` to what a client asks for, of the node that `reconstruction_ns` names too. '
        'All but the last are subscribed best effort, and only while somebody watches, where `subscribe_unwatched` '
        'does not say otherwise.'
    ),
)


def shown_topics(node: Node, perception: str, image_transport: str) -> dict[str, Topic[Any]]:
    """Return what can be shown, with whole names, by the keys of ``viewer.scene_log.SHOWN``.

    :param perception: name of the node ``perception``
    :param image_transport: a key of ``IMAGES``
    """
    topics = {key: _best_effort(topic.of_node(perception).resolved(node)) for key, topic in _OUTPUTS.items()}
    topics['label_info'] = LABEL_INFO.of_node(perception).resolved(node)  # latched, which best effort does not get
    topics['image'] = _best_effort(replace(IMAGES[image_transport], name=image_topic(node, image_transport)))
    topics['diagnostics'] = _best_effort(_DIAGNOSTICS)
    return topics


def offered_topics(node: Node, perception: str, reconstruction: str, image_transport: str) -> list[Topic[Any]]:
    """Return all that a client may ask for: image, camera, diagnostics, and what perception and reconstruction publish.

    :param perception: name of the node ``perception``
    :param reconstruction: of the node ``reconstruction``
    """
    shown = shown_topics(node, perception, image_transport)
    published = [topic.of_node(perception).resolved(node) for topic in PERCEPTION.publishes if not topic.missing]
    latched = [topic for topic in published if topic.name == shown['label_info'].name]
    others = [_best_effort(topic) for topic in published if topic.name not in (latched[0].name, DIAGNOSTICS.name)]
    camera = _best_effort(CAMERA_INFO.resolved(node))
    surface = [
        _best_effort(topic.of_node(reconstruction).resolved(node)) for topic in _OF_RECONSTRUCTION if not topic.missing
    ]
    return [shown['image'], camera, shown['diagnostics'], *others, *surface, *latched]


def _best_effort(topic: Topic[Any]) -> Topic[Any]:
    """Return a topic of which only the newest message counts: a viewer that is slow must not hold up the publisher."""
    return replace(topic, qos=BEST_EFFORT_INPUT)
