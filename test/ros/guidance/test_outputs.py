"""What an ECM is sent: increments while it moves and one at the end, or goals now and then."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

pytest.importorskip('rclpy', reason='needs ROS 2; `source .venv/ros.sh`')

from mt3dnet_ros.guidance.guide import MotionCommand
from mt3dnet_ros.ros.guidance.outputs import GuidancePublishers
from mt3dnet_ros.ros.parameters.guidance import CameraGuidanceParameters

PARAMETERS = CameraGuidanceParameters(dvrk__enabled=True)
SPEED = np.array([1e-3, 0.0, 0.0, 0.0])


class Topics:
    """In place of a node: keeps what is published, by topic."""

    def __init__(self) -> None:
        self.messages: dict[str, list[Any]] = {}

    def create_lifecycle_publisher(self, message_type: type, topic: str, qos: Any) -> Any:
        messages = self.messages.setdefault(topic, [])
        return type('Publisher', (), {'publish': lambda self, message: messages.append(message)})()


def send(parameters: CameraGuidanceParameters, motion: str) -> Topics:
    """Publish a motion, a letter per period: ``m`` moves on, ``.`` stands."""
    topics, goal = Topics(), np.zeros(4)
    publishers = GuidancePublishers(topics, parameters)
    for period, letter in enumerate(motion):
        increments = SPEED if letter == 'm' else np.zeros(4)
        goal = goal + increments
        publishers.publish_command(MotionCommand(np.zeros(6), letter == 'm', increments, goal), period, 'camera')
    return topics


def positions(messages: list[Any]) -> list[float]:
    return [message.position[0] for message in messages]


def test_without_an_ecm_only_the_twist_is_published() -> None:
    assert send(CameraGuidanceParameters(), 'mm.').messages.keys() == {'~/target', '~/camera_twist'}


def test_increments_end_with_one_of_zero_and_then_there_is_silence() -> None:
    topics = send(PARAMETERS, '..mm...')
    assert positions(topics.messages['/ECM/servo_jr']) == [1e-3, 1e-3, 0.0]
    assert len(topics.messages['~/camera_twist']) == 7


def test_goals_come_twenty_times_a_second_at_the_begin_and_at_the_end() -> None:
    sent = positions(send(replace(PARAMETERS, dvrk__command='move_jp'), 23 * 'm' + '...').messages['/ECM/move_jp'])
    np.testing.assert_allclose(sent, [0.001, 0.005, 0.010, 0.015, 0.020, 0.023])


def test_positions_to_take_at_once_come_every_period() -> None:
    sent = positions(send(replace(PARAMETERS, dvrk__command='servo_jp'), 'mmm...').messages['/ECM/servo_jp'])
    np.testing.assert_allclose(sent, [0.001, 0.002, 0.003, 0.003])


@pytest.mark.parametrize('command', ['servo_jp', 'move_jp'])
def test_no_position_is_beyond_the_limits(command: str) -> None:
    topics = Topics()
    publishers = GuidancePublishers(topics, replace(PARAMETERS, dvrk__command=command, dvrk__model='virtual'))
    publishers.publish_command(MotionCommand(np.zeros(6), True, np.zeros(4), np.array([0.0, 0.786, -1e-4, 5.0])), 0, '')
    (message,) = topics.messages[f'/ECM/{command}']
    np.testing.assert_allclose(message.position, [0.0, 0.7853982, 0.0, 4.53786])


def test_a_goal_that_is_not_known_is_not_sent() -> None:
    topics = Topics()
    publishers = GuidancePublishers(topics, replace(PARAMETERS, dvrk__command='move_jp'))
    for moving, goal in ((True, np.zeros(4)), (False, np.full(4, np.nan))):
        publishers.publish_command(MotionCommand(np.zeros(6), moving, np.zeros(4), goal), 0, 'camera')
    assert len(topics.messages['/ECM/move_jp']) == 1
    assert len(topics.messages['~/camera_twist']) == 2
