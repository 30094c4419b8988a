"""RViz configurations and the Foxglove layout show what perception publishes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip('rclpy', reason='needs ROS 2; `source .venv/ros.sh`')

from geometry_msgs.msg import PointStamped
from std_msgs.msg import Header
from support.paths import ROOT
from support.views import (
    CONFIGURATIONS,
    DISPLAYS,
    LAYOUT,
    displays,
    foxglove_topics,
    is_of_surface,
    output_of,
    read,
    rviz_topics,
    topic_of,
)

from mt3dnet_ros.msg import DepthScale
from mt3dnet_ros.perception.scene import Cloud
from mt3dnet_ros.ros.messages.clouds import fill_cloud

PANELS = {'rviz_common/Displays', 'rviz_common/Views'}
TOOLS = {f'rviz_default_plugins/{name}' for name in ('Interact', 'MoveCamera', 'Select', 'FocusCamera', 'Measure')}
SHOWN_OF_A_NODE = {'overlay', 'depth/image', 'points', 'markers', 'gaze'}  # and saliency, for one eye

each_configuration = pytest.mark.parametrize('path', CONFIGURATIONS, ids=lambda path: path.name)


@each_configuration
def test_rviz_knows_every_class(path: Path) -> None:
    manager = read(path)['Visualization Manager']
    assert {panel['Class'] for panel in read(path)['Panels']} <= PANELS
    assert {tool['Class'] for tool in manager['Tools']} <= TOOLS
    assert {display['Class'] for display in displays(path)} <= set(DISPLAYS)
    assert manager['Views']['Current']['Class'] == 'rviz_default_plugins/Orbit'


@each_configuration
def test_every_display_has_a_topic_of_its_type(path: Path) -> None:
    for display in displays(path):
        assert (DISPLAYS[display['Class']] is None) == ('Topic' not in display)
    for topic, message in rviz_topics(path):
        assert topic_of(topic).message_class is message, topic


@each_configuration
def test_a_configuration_shows_all_that_rviz_can_show_of_a_node(path: Path) -> None:
    topics = {topic for topic, _ in rviz_topics(path) if not is_of_surface(topic)}
    nodes = {topic.split('/perception/')[0] for topic in topics}
    assert len(nodes) == (2 if path.name == 'stereo.rviz' else 1)
    for node in nodes:
        assert {output_of(topic) for topic in topics if topic.startswith(f'{node}/perception/')} >= SHOWN_OF_A_NODE


@each_configuration
def test_displays_ask_for_what_is_offered(path: Path) -> None:
    profiles = [display['Topic'] for display in displays(path) if 'Topic' in display]
    assert {profile['Durability Policy'] for profile in profiles} == {'Volatile'}
    assert {profile['Depth'] for profile in profiles} == {1}


@each_configuration
def test_a_cloud_is_coloured_by_a_field_that_it_has(path: Path) -> None:
    zeros = np.zeros((1, 1, 3), np.uint8)
    cloud = fill_cloud(Cloud(xyz=zeros.astype(np.float32), rgb=zeros, labels=zeros[..., 0]), Header())
    names = {field.name for field in cloud.fields}
    clouds = [display for display in displays(path) if display['Class'].endswith('PointCloud2')]
    assert {display.get('Channel Name', 'rgb') for display in clouds} <= names


@each_configuration
def test_the_fixed_frame_has_no_slash_that_tf2_refuses(path: Path) -> None:
    assert not read(path)['Visualization Manager']['Global Options']['Fixed Frame'].startswith('/')


def panels_of(layout: Any) -> Iterator[str]:
    """Yield the panels that a Foxglove layout places."""
    if isinstance(layout, str):
        yield layout
    else:
        yield from panels_of(layout['first'])
        yield from panels_of(layout['second'])


def test_foxglove_places_every_panel_once() -> None:
    assert sorted(panels_of(LAYOUT['layout'])) == sorted(LAYOUT['configById'])


def test_foxglove_shows_topics_of_the_right_type() -> None:
    shown = dict(foxglove_topics())
    colored = {'depth/colored/compressed'}  # open-source players show depth in metres as nearly black
    assert {output_of(topic) for topic in shown if not is_of_surface(topic)} >= SHOWN_OF_A_NODE - {
        'depth/image'
    } | colored | {'saliency'}
    for topic, message in shown.items():
        assert topic_of(topic).message_class is message, topic


@pytest.mark.parametrize(('panel', 'message'), [('gaze', PointStamped), ('scale', DepthScale)])
def test_foxglove_plots_fields_that_exist(panel: str, message: type) -> None:
    for path in LAYOUT['configById'][f'Plot!{panel}']['paths']:
        value: Any = message()
        for name in path['value'].split('.')[1:]:
            value = getattr(value, name)
        assert value == 0.0


def test_the_surface_is_shown_in_both() -> None:
    wanted = {f'/reconstruction/{name}' for name in ('surface', 'mesh', 'image')}
    assert wanted <= {topic for topic, _ in rviz_topics(ROOT / 'config/rviz/reconstruction.rviz')}
    assert wanted <= set(dict(foxglove_topics()))


def test_foxglove_shows_the_health() -> None:
    assert LAYOUT['configById']['DiagnosticSummary!health']['topicToRender'] == '/diagnostics'
