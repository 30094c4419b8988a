"""The topics of the nodes that publish what a rig's drivers do not: the camera, and where it is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sensor_msgs.msg import CameraInfo

from mt3dnet_ros.ros.qos import BEST_EFFORT_INPUT, LATCHED
from mt3dnet_ros.ros.topics.topic import NodeTopics, Topic

CAMERA_INFO = Topic('camera_info', CameraInfo, 'the same camera, every second', LATCHED)
CAMERA_INFO_SOURCE = NodeTopics(publishes=(CAMERA_INFO,))

TRANSFORM: Topic[Any] = Topic('/tf_static', 'tf2_msgs/msg/TFMessage', 'the pose of an optical frame', LATCHED)
HAND_EYE = NodeTopics(publishes=(TRANSFORM,))

LEFT_CAMERA_INFO = Topic('left/camera_info', CameraInfo, 'of the left eye, where no file is given', BEST_EFFORT_INPUT)
RIGHT_CAMERA_INFO = Topic('right/camera_info', CameraInfo, 'of the right eye', BEST_EFFORT_INPUT)
STEREO_TRANSFORM = NodeTopics(
    subscribes=(LEFT_CAMERA_INFO, RIGHT_CAMERA_INFO, replace(TRANSFORM, content='who places the right eye already')),
    publishes=(replace(TRANSFORM, content='the pose of the right eye in the frame of the left one'),),
    note=(
        'Latched CameraInfo is taken as well. Frames that no parameter names are those of the outputs of the two nodes '
        '`perception`: of `~/detections`, `~/segmentation/labels`, `~/segmentation/label_info` or '
        '`~/depth/camera_info`, which are subscribed until then. `open_rviz` learns its fixed frame so.'
    ),
)

OPEN_RVIZ = NodeTopics()  # RViz itself subscribes to what its configuration shows
