"""A configuration of RViz with the names and the frame of a rig."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip('rclpy', reason='needs ROS 2; `source .venv/ros.sh`')

import yaml
from support.views import CONFIGURATIONS, displays, read

from mt3dnet_ros.ros.rviz_config import RvizConfigError, read_rviz_config, rviz_config

NODES = {
    'stereo.rviz': {'/left/perception': '/jhu_daVinci/left/perception', '/right/perception': '/b/perception'},
    'mono.rviz': {'/perception': '/jhu_daVinci/left/eye'},
    'reconstruction.rviz': {'/perception': '/left/perception', '/reconstruction': '/left/tissue'},
    'dvrk.rviz': {'/perception': '/jhu_daVinci/left/perception'},
}


@pytest.mark.parametrize('path', CONFIGURATIONS, ids=lambda path: path.name)
def test_topics_are_those_of_the_nodes_and_the_rest_stays(path: Path, tmp_path: Path) -> None:
    nodes = NODES[path.name]
    written = tmp_path / 'written.rviz'
    written.write_text(rviz_config(read_rviz_config(path), 'lens', nodes))
    before, after = displays(path), displays(written)
    assert read(written)['Visualization Manager']['Global Options']['Fixed Frame'] == 'lens'
    assert read(written)['Panels'] == read(path)['Panels']
    assert [each['Name'] for each in after] == [each['Name'] for each in before]
    for old, new in zip(before, after, strict=True):
        if 'Topic' in old:
            shown = next(name for name in nodes if old['Topic']['Value'].startswith(f'{name}/'))
            assert new['Topic']['Value'] == nodes[shown] + old['Topic']['Value'].removeprefix(shown)


def test_what_a_person_saved_with_other_topics_keeps_them() -> None:
    content = {'Visualization Manager': {'Displays': [{'Topic': {'Value': '/camera/perception/points'}}]}}
    changed = yaml.safe_load(rviz_config(content, 'lens', {'/perception': '/other'}))
    assert changed['Visualization Manager']['Displays'] == content['Visualization Manager']['Displays']
    assert changed['Visualization Manager']['Global Options'] == {'Fixed Frame': 'lens'}


@pytest.mark.parametrize(
    ('text', 'reason'), [(None, 'No such file'), ('[1', 'cannot be read'), ('a: 1', 'no RViz'), ('', 'no RViz')]
)
def test_what_is_no_configuration_is_refused_by_name(tmp_path: Path, text: str | None, reason: str) -> None:
    path = tmp_path / 'view.rviz'
    if text is not None:
        path.write_text(text)
    with pytest.raises(RvizConfigError, match=rf'view\.rviz.*{reason}'):
        read_rviz_config(path)
