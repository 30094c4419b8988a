"""A definition carries every type that its message is made of, once."""

from __future__ import annotations

import pytest
from mcap_ros2._dynamic import generate_dynamic

from mt3dnet_ros.ros.message_types import MessageTypeError, message_definition

TYPES = [
    'sensor_msgs/msg/Image',
    'sensor_msgs/msg/CameraInfo',
    'sensor_msgs/msg/PointCloud2',
    'std_msgs/msg/String',
    'visualization_msgs/msg/MarkerArray',
    'diagnostic_msgs/msg/DiagnosticArray',
    'mt3dnet_ros/msg/DetectionArray',
    'mt3dnet_ros/msg/LabelInfo',
    'mt3dnet_ros/msg/Scanpath',
]


@pytest.mark.parametrize('message_type', TYPES)
def test_definition_is_complete(message_type: str) -> None:
    generate_dynamic(message_type, message_definition(message_type))  # fails on a type it does not find


def test_each_type_comes_once_and_the_asked_one_first() -> None:
    definition = message_definition('visualization_msgs/msg/MarkerArray')
    contained = {'visualization_msgs/Marker', 'std_msgs/Header', 'builtin_interfaces/Time', 'geometry_msgs/Point'}
    names = [line.removeprefix('MSG: ') for line in definition.splitlines() if line.startswith('MSG: ')]
    assert len(names) == len(set(names))
    assert contained <= set(names)
    assert definition.startswith('Marker[] markers')


@pytest.mark.parametrize(
    ('message_type', 'reason'),
    [
        ('no_such_msgs/msg/Image', "package 'no_such_msgs' of the message Image is not installed"),
        ('sensor_msgs/msg/Picture', r"Picture\.msg' cannot be read"),
        ('sensor_msgs/srv/SetCameraInfo', 'is not a message type'),
        ('Image', 'is not a message type'),
    ],
)
def test_type_that_is_not_installed_is_named(message_type: str, reason: str) -> None:
    with pytest.raises(MessageTypeError, match=reason):
        message_definition(message_type)
