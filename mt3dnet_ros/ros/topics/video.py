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
    note='It records what it subscribes to here and all that `perception` publishes, but for what says the same as '
    'another topic; or what the parameter `topics` names. Messages are written as they come.',
)


def recorded_topics(perception: str) -> list[str]:
    """Return what the recorder takes where the user names no topics.

    :param perception: full name of the node ``perception``
    """
    from mt3dnet_ros.ros.topics.perception import RECORDED  # of many messages, which a video source does not need

    published = [topic.below(perception) for topic in (*RECORDER.subscribes, *RECORDED)]
    return list(dict.fromkeys(published))  # both have /diagnostics
