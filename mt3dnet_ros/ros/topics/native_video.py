"""The topics of the node ``dvrk_video``."""

from __future__ import annotations

from dataclasses import replace

from sensor_msgs.msg import CameraInfo, Image

from mt3dnet_ros.ros.topics.topic import DIAGNOSTICS, NodeTopics, Topic

EYE_IMAGES = {
    eye: Topic(f'{eye}/image_raw', Image, f'of the {eye} eye, `rgb8`, with the time when it was taken')
    for eye in ('left', 'right')
}
EYE_CAMERA_INFOS = {
    eye: Topic(f'{eye}/camera_info', CameraInfo, 'with the stamp of its image') for eye in ('left', 'right')
}

DVRK_VIDEO = NodeTopics(
    publishes=(
        *(topic for eye in ('left', 'right') for topic in (EYE_IMAGES[eye], EYE_CAMERA_INFOS[eye])),
        replace(DIAGNOSTICS, content='why there are no pictures; rates, age of the pictures, losses; once a second'),
    ),
    note='Of the eyes that the parameter `eye` names, in the namespace of the node. Images go out where somebody '
    'subscribes to them.',
)
