"""The topics of every node, for the documentation; those of perception come from the table that it publishes by."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from rclpy.qos import DurabilityPolicy, QoSProfile

from mt3dnet_ros.ros.outputs import OUTPUT_TABLE
from mt3dnet_ros.ros.parameters.nodes import NODE_TABLES
from mt3dnet_ros.ros.qos import LATCHED, OUTPUT, reliability_name


@dataclass(frozen=True)
class Topic:
    """One row of the reference.

    :param name: as the node names it before remapping
    :param message: package/msg/Name
    :param service: quality of service in words
    """

    name: str
    message: str
    service: str
    content: str


def _service(profile: QoSProfile) -> str:
    latched = ', latched' if profile.durability == DurabilityPolicy.TRANSIENT_LOCAL else ''
    return f'{reliability_name(profile.reliability)}, depth {profile.depth}{latched}'


OFFERED, OFFERED_LATCHED = _service(OUTPUT), _service(LATCHED)
DIAGNOSTICS = Topic(
    '/diagnostics',
    'diagnostic_msgs/msg/DiagnosticArray',
    'reliable, depth 10',
    'once a second: what is wrong, in words; rates, latency, counts, time per stage',
)

CONTENT = {
    'segmentation/labels': '`mono8`, class id per pixel, 0 background',
    'segmentation/confidence': '`mono8`, 255 times the probability of the chosen class',
    'segmentation/parts': '`mono8`, 1 shaft, 2 wrist, 3 clasper',
    'overlay': '`rgb8`, masks, boxes and names, for people',
    'detections': 'class, score of it and of every class, instance id, box in pixels; position, extent, tip in metres',
    'depth/image': '`32FC1`, metres along the optical axis, NaN where unknown (REP 118)',
    'depth/camera_info': 'the camera of the depth image; only where the camera is calibrated',
    'points': 'organised; x y z rgb label; every `stride`-th pixel, NaN where unknown; only where calibrated',
    'saliency': '`mono8`, 255 times the task saliency; only of a network with a saliency branch',
    'scanpath': 'fixations in visiting order; only of a network with a saliency branch',
    'gaze': 'where to look next, metres; only where calibrated and known',
    'markers': 'boxes, names and tips of the detections, and the numbered scanpath, for RViz',
}


def message_name(message: type) -> str:
    """Return the name of a message class as ROS tools write it."""
    return f'{message.__module__.partition(".")[0]}/msg/{message.__name__}'


_IMAGE_IN = Topic(
    'image',
    'sensor_msgs/msg/Image',
    '`image_qos`, depth 1',
    '`image_transport: compressed` takes `image/compressed`, sensor_msgs/msg/CompressedImage',
)
_INFO_IN = Topic('camera_info', 'sensor_msgs/msg/CameraInfo', 'best effort, depth 1', 'the newest one counts')
_OUTPUTS = tuple(
    Topic(f'~/{output.topic}', message_name(output.message), OFFERED, CONTENT[output.topic]) for output in OUTPUT_TABLE
)
_LABEL_INFO = Topic(
    '~/segmentation/label_info',
    'mt3dnet_ros/msg/LabelInfo',
    OFFERED_LATCHED,
    'names and colours of the class ids, and the threshold',
)

INPUTS = {
    'perception': (_IMAGE_IN, _INFO_IN),
    'recorder': (Topic('parameter `topics`', 'any', 'as offered', 'written as it comes'),),
}
PUBLISHED = {
    'perception': (*_OUTPUTS, _LABEL_INFO, DIAGNOSTICS),
    'video_source': (
        Topic('image', 'sensor_msgs/msg/Image', OFFERED, 'the pictures of a video, a folder or a camera'),
        Topic('camera_info', 'sensor_msgs/msg/CameraInfo', OFFERED, 'with the stamp of its image'),
    ),
    'camera_info_source': (
        Topic('camera_info', 'sensor_msgs/msg/CameraInfo', OFFERED_LATCHED, 'the same camera, every second'),
    ),
    'hand_eye': (
        Topic('/tf_static', 'tf2_msgs/msg/TFMessage', OFFERED_LATCHED, 'the pose of the optical frame on the robot'),
    ),
}


INTRODUCTION = """# Topics

Here you look up every topic of every node: its type, its quality of service and what it says.

Made by `python -m mt3dnet_ros.ros.topic_reference > docs/reference/topics.md`.

Every output has the stamp and the frame of its image, and costs nothing while nobody subscribes. `~` is the node's full
name. `perception` is a lifecycle node, with the services of one (`~/change_state`, `~/get_state`, ...). The parameters
are in [parameters.md](parameters.md), the topics of camera guidance in
[guidance.md](../robot/guidance.md#topics).
"""
HEAD = ('| topic | type | quality of service | content |', '|---|---|---|---|')


def documentation() -> str:
    """Return ``docs/reference/topics.md``."""
    parts = [INTRODUCTION]
    for node in NODE_TABLES:
        for title, table in (('subscribes to', INPUTS), ('publishes', PUBLISHED)):
            if node in table:
                parts += [f'## `{node}` {title}', '', *HEAD]
                parts += [_row(topic) for topic in table[node]] + ['']
    return '\n'.join(parts)


def _row(topic: Topic) -> str:
    name = topic.name if '`' in topic.name else f'`{topic.name}`'
    return f'| {name} | `{topic.message}` | {topic.service} | {topic.content} |'


if __name__ == '__main__':
    sys.stdout.write(documentation())
