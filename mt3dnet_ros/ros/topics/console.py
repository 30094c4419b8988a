"""The topics of the node ``console_overlay``."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sensor_msgs.msg import CameraInfo, Image, Joy

from mt3dnet_ros.ros.qos import BEST_EFFORT_INPUT, LATCHED, OUTPUT, QUEUED
from mt3dnet_ros.ros.topics.perception import BY_KEY, LABEL_INFO
from mt3dnet_ros.ros.topics.topic import DIAGNOSTICS, NodeTopics, Topic

SIDES = ('left', 'right')


def _of_perception(key: str, content: str) -> Topic[Any]:
    """Return an output of the node ``perception`` of an eye."""
    return Topic(f'{{perception}}/{key}', BY_KEY[key].message, content, OUTPUT)


INPUTS: dict[str, Topic[Any]] = {
    'labels': _of_perception('segmentation/labels', 'outlines; its size is that of the picture'),
    'detections': _of_perception('detections', 'of the same image: names, tips and their distance'),
    'scanpath': _of_perception('scanpath', 'its first stop is the gaze, where there is no `gaze`'),
    'gaze': _of_perception('gaze', 'where to look'),
}
COLORS: Topic[Any] = Topic(
    '{perception}/segmentation/label_info', LABEL_INFO.message, 'the colours of the classes', LATCHED
)
CAMERA_INFOS = {
    side: Topic(
        f'{side}/camera_info',
        CameraInfo,
        f'of the {side} eye: where points are in its picture, and its size while nothing is perceived',
        BEST_EFFORT_INPUT,
    )
    for side in SIDES
}
PEDAL = Topic(
    'pedal',
    Joy,
    'the button `pedal_button`: 1 pressed, 0 released, 2 the short tap of the dVRK; see `pedal_mode`',
    QUEUED,
)
PICTURES = {
    side: Topic(
        f'~/{side}/image',
        Image,
        f'`bgra8`, what is laid over the {side} eye, transparent where nothing is; stamped as the image that it '
        'belongs to, or as now where it is empty',
    )
    for side in SIDES
}
CONSOLE_OVERLAY = NodeTopics(
    subscribes=(*INPUTS.values(), COLORS, *CAMERA_INFOS.values(), PEDAL),
    publishes=(
        *PICTURES.values(),
        replace(
            DIAGNOSTICS, content='on or off, and why nothing is shown; how much is covered, what was left out; latency'
        ),
    ),
    note='`{perception}` is `left_perception_ns` and `right_perception_ns`; an eye whose parameter is empty has no '
    'topics. The outputs of perception are subscribed only while the overlay is on. The service `~/enable` '
    '(`std_srvs/srv/SetBool`) turns it on and off. The same pictures go to the sockets that `left_socket` and '
    '`right_socket` name.',
    services=('~/enable',),
    is_lifecycle=True,
)
