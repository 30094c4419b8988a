"""The topics of the nodes that publish what a rig's drivers do not: the camera, and where it is on the robot."""

from __future__ import annotations

from typing import Any

from sensor_msgs.msg import CameraInfo

from mt3dnet_ros.ros.qos import LATCHED
from mt3dnet_ros.ros.topics.topic import NodeTopics, Topic

CAMERA_INFO = Topic('camera_info', CameraInfo, 'the same camera, every second', LATCHED)
CAMERA_INFO_SOURCE = NodeTopics(publishes=(CAMERA_INFO,))

TRANSFORM: Topic[Any] = Topic(
    '/tf_static', 'tf2_msgs/msg/TFMessage', 'the pose of the optical frame on the robot', LATCHED
)
HAND_EYE = NodeTopics(publishes=(TRANSFORM,))
