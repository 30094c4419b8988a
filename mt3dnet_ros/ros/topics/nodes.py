"""The topics of every node, and their documentation."""

from __future__ import annotations

import sys
from textwrap import fill
from typing import Any

from mt3dnet_ros.ros.qos import describe_profile
from mt3dnet_ros.ros.topics.console import CONSOLE_OVERLAY
from mt3dnet_ros.ros.topics.guidance import CAMERA_GUIDANCE, GUIDANCE_WATCHDOG, SIMULATED_ECM
from mt3dnet_ros.ros.topics.native_video import DVRK_VIDEO
from mt3dnet_ros.ros.topics.perception import PERCEPTION
from mt3dnet_ros.ros.topics.reconstruction import RECONSTRUCTION
from mt3dnet_ros.ros.topics.rig import CAMERA_INFO_SOURCE, HAND_EYE, OPEN_RVIZ, STEREO_TRANSFORM
from mt3dnet_ros.ros.topics.topic import NodeTopics, Topic
from mt3dnet_ros.ros.topics.video import RECORDER, VIDEO_SOURCE
from mt3dnet_ros.ros.topics.viewer import VIEWER

NODE_TOPICS: dict[str, NodeTopics] = {
    'perception': PERCEPTION,
    'video_source': VIDEO_SOURCE,
    'dvrk_video': DVRK_VIDEO,
    'recorder': RECORDER,
    'camera_info_source': CAMERA_INFO_SOURCE,
    'hand_eye': HAND_EYE,
    'stereo_transform': STEREO_TRANSFORM,
    'open_rviz': OPEN_RVIZ,
    'camera_guidance': CAMERA_GUIDANCE,
    'guidance_watchdog': GUIDANCE_WATCHDOG,
    'simulated_ecm': SIMULATED_ECM,
    'viewer': VIEWER,
    'console_overlay': CONSOLE_OVERLAY,
    'reconstruction': RECONSTRUCTION,
}
_INTRODUCTION = """# Topics

Here you look up every topic of every node: its type, its quality of service and what is in it.

Made by `python -m mt3dnet_ros.ros.topics.nodes > docs/reference/topics.md`; how to add one:
[new_topic.md](../extend/new_topic.md).

`~` is the node's full name; names without it, and without a leading `/`, are given to a rig's topics by remapping.
`perception`, `camera_guidance`, `console_overlay` and `reconstruction` are lifecycle nodes, with the services of one
(`~/change_state`, `~/get_state`, ...).
The parameters are in [parameters.md](parameters.md).
"""
_HEAD = ('| topic | type | quality of service | content |', '|---|---|---|---|')


def documentation() -> str:
    """Return ``docs/reference/topics.md``."""
    parts = [_INTRODUCTION]
    for node, topics in NODE_TOPICS.items():
        for verb, rows in (('subscribes to', topics.subscribes), ('publishes', topics.publishes)):
            if rows:
                parts += [f'## `{node}` {verb}', '', *_HEAD, *map(_row, rows), '']
        parts += [fill(topics.note, 120), ''] if topics.note else []
    return '\n'.join(parts)


def _row(topic: Topic[Any]) -> str:
    service = describe_profile(topic.qos) if topic.qos else 'as offered'
    return f'| `{topic.name}` | `{topic.message_name}` | {service} | {topic.content} |'


if __name__ == '__main__':
    sys.stdout.write(documentation())
