"""Launch files and parameter file name things that exist in the package."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from xml.etree import ElementTree

import pytest

pytest.importorskip('rclpy', reason='needs ROS 2; `source .venv/ros.sh`')

from support.paths import ROOT

from mt3dnet_ros.ros.parameters.nodes import NODE_TABLES
from mt3dnet_ros.ros.parameters.perception import PerceptionParameters
from mt3dnet_ros.ros.parameters.table import parameter_table
from mt3dnet_ros.ros.topics.nodes import NODE_TOPICS

FILES = sorted((ROOT / 'launch').glob('*.launch.xml'))
SHARE = '$(find-pkg-share mt3dnet_ros)/'
each_file = pytest.mark.parametrize('path', FILES, ids=lambda path: path.name)


def root_of(path: Path) -> ElementTree.Element:
    return ElementTree.parse(path).getroot()


def attributes(path: Path) -> Iterator[str]:
    """Yield the values of all attributes in a launch file."""
    for element in root_of(path).iter():
        yield from element.attrib.values()


def own_nodes(path: Path) -> Iterator[ElementTree.Element]:
    """Yield the nodes of this package that a launch file starts."""
    return (node for node in root_of(path).iter('node') if node.get('pkg') == 'mt3dnet_ros')


def declared_arguments(path: Path) -> dict[str, ElementTree.Element]:
    return {argument.attrib['name']: argument for argument in root_of(path).findall('arg')}


@each_file
def test_a_launch_file_fits_a_screen_or_two(path: Path) -> None:
    assert len(path.read_text().splitlines()) < 100


@each_file
def test_every_argument_has_a_default_and_a_description(path: Path) -> None:
    for name, argument in declared_arguments(path).items():
        assert argument.get('description'), f'argument {name} of {path.name} has no description'
        assert 'default' in argument.attrib, f'argument {name} of {path.name} has no default'


@each_file
def test_arguments_are_declared_and_used(path: Path) -> None:
    lets = {let.attrib['name'] for let in root_of(path).iter('let')}
    used = set(re.findall(r'\$\(var (\w+)\)', ' '.join(attributes(path))))
    assert used == set(declared_arguments(path)) | lets


@each_file
def test_a_default_is_one_of_the_choices(path: Path) -> None:
    for argument in declared_arguments(path).values():
        choices = [choice.attrib['value'] for choice in argument.findall('choice')]
        assert not choices or argument.attrib['default'] in choices


@each_file
def test_named_files_of_the_package_exist(path: Path) -> None:
    named = {value.split(SHARE)[1].rstrip(')') for value in attributes(path) if SHARE in value}
    assert [name for name in named if not (ROOT / name).is_file()] == []


@each_file
def test_included_files_declare_the_arguments_they_are_given(path: Path) -> None:
    for include in root_of(path).iter('include'):
        file = include.attrib['file']
        declared = set(declared_arguments(ROOT / file.removeprefix(SHARE)))
        assert {argument.attrib['name'] for argument in include.findall('arg')} - declared == set()


@each_file
def test_an_included_file_gets_its_arguments_explicitly_where_names_are_shared(path: Path) -> None:
    """An argument that is not passed has the value of the including file's argument of the same name."""
    lets = {let.attrib['name'] for let in root_of(path).iter('let')}
    for include in root_of(path).iter('include'):
        if include.attrib['file'].startswith(SHARE):
            declared = set(declared_arguments(ROOT / include.attrib['file'].removeprefix(SHARE)))
            given = {argument.attrib['name'] for argument in include.findall('arg')}
            assert declared & (set(declared_arguments(path)) | lets) <= given


@each_file
def test_an_include_that_changes_an_argument_is_in_a_group(path: Path) -> None:
    """What is passed to an included file is passed to all that comes after it as well."""
    shared = set(declared_arguments(path)) | {let.attrib['name'] for let in root_of(path).iter('let')}
    for include in root_of(path).findall('include'):
        given = {argument.attrib['name']: argument.attrib['value'] for argument in include.findall('arg')}
        assert [name for name in given if name in shared and given[name] != f'$(var {name})'] == []


@each_file
def test_every_process_that_handles_images_has_the_environment_for_them(path: Path) -> None:
    """It is included first, and outside of groups, which would keep it from what comes after them."""
    files = [include.attrib['file'] for include in root_of(path).iter('include')]
    if any('perception' in name or 'rviz' in name for name in files):
        first = root_of(path).find('include')
        assert first.attrib['file'] == files[0] == f'{SHARE}launch/environment.launch.xml'


@each_file
def test_what_may_not_be_installed_comes_before_what_would_be_left_running(path: Path) -> None:
    """A package that is not found ends a launch at once, and what it started before is left to itself."""
    ours = []
    for item in root_of(path).iter():
        if item.tag in ('node', 'include') and 'environment' not in item.get('file', ''):
            source = item.get('pkg') or item.attrib['file']
            ours.append('mt3dnet_ros' in source and 'rviz' not in source)
    assert ours == sorted(ours)


@each_file
def test_rviz_can_be_asked_for(path: Path) -> None:
    if path.name not in ('console.launch.xml', 'environment.launch.xml', 'rviz.launch.xml'):
        assert declared_arguments(path)['rviz'].attrib['default'] == 'false'


@each_file
def test_nodes_have_executables_and_known_parameters_and_topics(path: Path) -> None:
    for node in own_nodes(path):
        executable = node.attrib['exec']
        assert (ROOT / 'scripts' / executable).is_file()
        known = {row.name for row in parameter_table(NODE_TABLES[executable])}
        given = {param.attrib['name'].replace('$(var side)', 'left') for param in node.findall('param')}
        assert given - known == set()
        assert {remap.attrib['from'] for remap in node.findall('remap')} - NODE_TOPICS[executable].remappable == set()


@each_file
def test_a_text_is_said_to_be_one(path: Path) -> None:
    """What it holds would be read as YAML, in which @ begins nothing, and 0 is a number."""
    for node in own_nodes(path):
        rows = {row.name: row for row in parameter_table(NODE_TABLES[node.attrib['exec']])}
        given = {param.attrib['name'].replace('$(var side)', 'left'): param for param in node.findall('param')}
        texts = {name: param.get('type') for name, param in given.items() if isinstance(rows[name].default, str)}
        assert set(texts.values()) <= {'str'}, texts


@each_file
def test_parameters_set_for_a_group_belong_to_perception(path: Path) -> None:
    names = {parameter.attrib['name'] for parameter in root_of(path).iter('set_parameter')}
    assert names - {row.name for row in fields(PerceptionParameters)} - {'use_sim_time'} == set()


@each_file
def test_ros_launch_reads_the_file(path: Path) -> None:
    pytest.importorskip('launch_ros', reason='launch_ros comes with a ROS installation, not from PyPI')
    from launch.launch_description_sources import AnyLaunchDescriptionSource

    from launch import LaunchContext

    description = AnyLaunchDescriptionSource(str(path)).get_launch_description(LaunchContext())
    assert {argument.name for argument in description.get_launch_arguments()} >= set(declared_arguments(path))


@pytest.mark.parametrize('argument', ['checkpoint', 'device', 'image_transport', 'rectified', 'frame_id', 'autostart'])
def test_an_argument_that_is_not_given_leaves_the_parameter_file_alone(argument: str) -> None:
    path = ROOT / 'launch/perception.launch.xml'
    (setting,) = (item for item in root_of(path).iter('set_parameter') if item.get('name') == argument)
    assert declared_arguments(path)[argument].attrib['default'] == ''
    assert setting.attrib['unless'] == rf"$(eval '\'$(var {argument})\' == \'\'')"
