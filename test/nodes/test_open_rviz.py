"""The node that opens RViz, with a program that says what RViz would be told."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from std_msgs.msg import Header
from support.paths import ROOT
from support.ros_listener import Listener, listening, wait_for_end
from support.ros_processes import NodeProcess
from support.views import displays, read

from mt3dnet_ros.msg import DetectionArray

RVIZ2 = '#!/bin/sh\necho "config: $2"\nwhile [ $# -gt 2 ]; do shift; done\necho "last: $*"\nexec sleep 60\n'


@pytest.fixture
def rviz2(tmp_path: Path) -> dict[str, str]:
    """Return an environment with a program in the place of RViz."""
    program = tmp_path / 'bin' / 'rviz2'
    program.parent.mkdir()
    program.write_text(RVIZ2)
    program.chmod(0o755)
    return {'PATH': f'{program.parent}:{os.environ["PATH"]}', 'ROS_LOG_DIR': str(tmp_path / 'logs')}


@pytest.fixture
def listener() -> Iterator[Listener]:
    with listening() as listener:
        yield listener


def configuration(process: NodeProcess) -> Path:
    """Return what RViz was told to show."""
    output = process.wait_for_output('last: ', timeout=60.0)
    return Path(output.partition('config: ')[2].splitlines()[0])


def publish_until_open(listener: Listener, process: NodeProcess, topic: str, frame: str) -> None:
    publisher = listener.node.create_publisher(DetectionArray, topic, 1)

    def is_open() -> bool:
        publisher.publish(DetectionArray(header=Header(frame_id=frame)))
        return 'last: ' in process.output()

    listener.spin_until(is_open, timeout=60.0)


def test_rviz_opens_in_the_frame_of_the_outputs(
    start_node: Callable[..., NodeProcess], rviz2: dict[str, str], listener: Listener
) -> None:
    process = start_node('open_rviz', {'perception_ns': '/rig/left/eye'}, {'__node': 'rviz'}, environment=rviz2)
    publish_until_open(listener, process, '/rig/left/eye/detections', 'rig/lens')
    path = configuration(process)
    assert read(path)['Visualization Manager']['Global Options']['Fixed Frame'] == 'rig/lens'
    topics = [each['Topic']['Value'] for each in displays(path) if 'Topic' in each]
    assert all(topic.startswith('/rig/left/eye/') for topic in topics)
    assert '__node:=rviz' in process.output()  # RViz is remapped as the node is
    assert process.stop()[0] == -2  # what was opened is the process, and gets its Ctrl-C


def test_a_frame_that_is_given_is_not_waited_for(start_node: Callable[..., NodeProcess], rviz2: dict[str, str]) -> None:
    parameters = {'fixed_frame': '/ECM_base', 'perception_ns': 'a/perception', 'right_perception_ns': '/b/perception'}
    parameters['config'] = str(ROOT / 'config/rviz/stereo.rviz')
    path = configuration(start_node('open_rviz', parameters, {'__ns': '/rig'}, environment=rviz2))
    assert read(path)['Visualization Manager']['Global Options']['Fixed Frame'] == 'ECM_base'
    topics = {each['Topic']['Value'].rpartition('/perception/')[0] for each in displays(path) if 'Topic' in each}
    assert topics == {'/rig/a', '/b'}


@pytest.mark.parametrize('number', [signal.SIGTERM, signal.SIGHUP])
def test_rviz_gets_signals_that_the_node_ignored_while_it_closed(
    start_node: Callable[..., NodeProcess], rviz2: dict[str, str], number: signal.Signals
) -> None:
    process = start_node('open_rviz', {'fixed_frame': 'ECM_base'}, environment=rviz2)
    process.wait_for_output('last: ', timeout=60.0)
    process.send(number)
    assert process.wait()[0] == -number


def test_it_says_what_it_waits_for(
    start_node: Callable[..., NodeProcess], rviz2: dict[str, str], listener: Listener
) -> None:
    process = start_node('open_rviz', {}, environment=rviz2)
    process.wait_for_output("nothing has come on '/perception/detections'", timeout=60.0)
    publisher = listener.node.create_publisher(DetectionArray, '/perception/detections', 1)
    listener.spin_until(lambda: bool(publisher.get_subscription_count()))

    def said() -> bool:
        publisher.publish(DetectionArray())
        return 'the images have no frame_id' in process.output()

    listener.spin_until(said, timeout=30.0)
    assert process.stop()[0] == 0


@pytest.mark.parametrize(
    ('parameters', 'environment', 'reason'),
    [
        ({}, {'PATH': '/usr/bin:/bin'}, 'rviz2 is not installed, or not sourced'),
        ({'config': '/nowhere/view.rviz'}, {}, "'/nowhere/view.rviz' cannot be read: No such file"),
    ],
)
def test_without_rviz_or_its_configuration_the_process_ends_with_one_message(
    start_node: Callable[..., NodeProcess],
    rviz2: dict[str, str],
    parameters: dict[str, str],
    environment: dict[str, str],
    reason: str,
) -> None:
    status, output = wait_for_end(start_node('open_rviz', parameters, environment=rviz2 | environment), timeout=60.0)
    assert (status, 'Traceback' in output) == (1, False)
    assert reason in output
