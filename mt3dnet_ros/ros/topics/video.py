"""The topics of the nodes ``video_source`` and ``recorder``."""

from __future__ import annotations

from dataclasses import replace

from sensor_msgs.msg import CameraInfo, Image

from mt3dnet_ros.ros.topics.topic import DIAGNOSTICS, NodeTopics, Topic

IMAGE = Topic('image', Image, 'the pictures of a video, a folder or a camera')
CAMERA_INFO = Topic('camera_info', CameraInfo, 'with the stamp of its image')
VIDEO_SOURCE = NodeTopics(publishes=(IMAGE, CAMERA_INFO))

RECORDER = NodeTopics(
    subscribes=tuple(replace(topic, qos=None) for topic in (IMAGE, CAMERA_INFO, DIAGNOSTICS)),
    publishes=(replace(DIAGNOSTICS, content='messages recorded and lost, and how full the buffer is; once a second'),),
    note='It records what it subscribes to here, all that `perception` publishes but for what says the same as another '
    'topic, and surface, distances and odometry of `reconstruction`; or what the parameter `topics` names. Messages '
    'are written as they come.',
)


def recorded_topics(perception: str, reconstruction: str = '') -> list[str]:
    """Return what the recorder takes where the user names no topics.

    :param perception: full name of the node ``perception``
    :param reconstruction: of the node ``reconstruction``; empty: nothing of it
    """
    # Of many messages, which a video source does not need.
    from mt3dnet_ros.ros.topics import perception as of_perception
    from mt3dnet_ros.ros.topics import reconstruction as of_reconstruction

    published = [topic.below(perception) for topic in (*RECORDER.subscribes, *of_perception.RECORDED)]
    if reconstruction:
        published += [topic.below(reconstruction) for topic in of_reconstruction.RECORDED]
    return list(dict.fromkeys(published))  # both have /diagnostics
