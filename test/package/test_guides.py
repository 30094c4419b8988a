"""The guides name arguments, parameters and files that exist."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from xml.etree import ElementTree

import pytest

pytest.importorskip('rclpy', reason='needs ROS 2; `source .venv/ros.sh`')

from support.paths import ROOT

from mt3dnet_ros.ros.parameters.perception import PerceptionParameters

GUIDES = [ROOT / 'docs' / name for name in ('dvrk.md', 'rviz.md', 'troubleshooting.md', 'transport.md')]
ARGUMENTS = {
    argument.attrib['name']
    for path in (ROOT / 'launch').glob('*.launch.xml')
    for argument in ElementTree.parse(path).getroot().findall('arg')
}
OF_OTHER_PACKAGES = {'stereo_rig_name'}
each_guide = pytest.mark.parametrize('path', GUIDES, ids=lambda path: path.name)


@each_guide
def test_every_argument_belongs_to_a_launch_file(path: Path) -> None:
    named = set(re.findall(r'(?<![\w/])([a-z_]+):=', path.read_text()))
    assert named - ARGUMENTS - OF_OTHER_PACKAGES == set()


@each_guide
def test_every_launch_file_of_ours_exists(path: Path) -> None:
    named = set(re.findall(r'mt3dnet_ros (\S+\.launch\.xml)', path.read_text()))
    assert [name for name in named if not (ROOT / 'launch' / name).is_file()] == []


@each_guide
def test_every_setting_is_a_parameter_of_perception(path: Path) -> None:
    """A setting is written as `name: value`; what diagnostics say has spaces in its name or is listed here."""
    said = {'calibration', 'unconfigured', 'inactive', 'transform', 'parent_frame', 'child_frame'}
    named = set(re.findall(r'`([a-z_]+): ', path.read_text())) - said
    assert named <= {row.name for row in fields(PerceptionParameters)}


@each_guide
def test_every_link_leads_to_a_file(path: Path) -> None:
    links = {link for link in re.findall(r'\]\(([^)#]+)', path.read_text()) if '://' not in link}
    assert [link for link in links if not (path.parent / link).is_file()] == []
