"""The table of parameters: what is declared, refused, read and documented."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

import pytest
import rclpy
from rclpy.exceptions import InvalidParameterValueException
from rclpy.node import Node
from rclpy.parameter import Parameter as RosParameter

from mt3dnet_ros.ros.evidence.tool_names import parse_named
from mt3dnet_ros.ros.parameters.nodes import NODE_TABLES
from mt3dnet_ros.ros.parameters.perception import PerceptionParameters
from mt3dnet_ros.ros.parameters.table import (
    declare_parameters,
    markdown_table,
    parameter,
    parameter_table,
    read_parameters,
)


@dataclass(frozen=True)
class Table:
    device: str = parameter('auto', 'where it runs')
    rate: float = parameter(25.0, 'frames per second', unit='Hz', range=(0.0, 100.0), changes='any time')
    gain: float = parameter(1.0, 'gain', changes='any time')
    stride: int = parameter(2, 'every n-th', unit='pixels', range=(1, 8), changes='any time')
    loop: bool = parameter(False, 'begin again', changes='at start')
    fixed_rate: float = parameter(25.0, 'rate of the source', unit='Hz', changes='at start')
    outputs: tuple[str, ...] = parameter(('a', 'b'), 'what is made', choices=('a', 'b'), changes='any time')


@dataclass(frozen=True)
class Switch:
    light: str = parameter('on', 'whether it shines', choices=('on', 'off'))


@dataclass(frozen=True)
class Named:
    topics: tuple[str, ...] = parameter((), 'of tools', check=parse_named)


@pytest.fixture
def context() -> Iterator[rclpy.Context]:
    context = rclpy.Context()
    rclpy.init(context=context)
    yield context
    context.try_shutdown()


def make_node(context: rclpy.Context, configured: bool = True, **overrides: Any) -> Node:
    given = [RosParameter(name, value=value) for name, value in overrides.items()]
    node = Node('table', context=context, parameter_overrides=given)
    declare_parameters(node, Table, lambda: configured)
    return node


def test_defaults_are_those_of_the_table(context: rclpy.Context) -> None:
    assert read_parameters(make_node(context), Table) == Table()


def test_overrides_are_read_in_the_type_of_the_default(context: rclpy.Context) -> None:
    node = make_node(context, rate=30, stride=4, outputs=['b'], device='cpu')
    values = read_parameters(node, Table)
    assert values == Table(rate=30.0, stride=4, outputs=('b',), device='cpu')
    assert isinstance(values.rate, float)


@pytest.mark.parametrize('empty', [[], ['']])
def test_an_empty_list_is_an_empty_tuple(context: rclpy.Context, empty: list[str]) -> None:
    assert read_parameters(make_node(context, outputs=empty), Table).outputs == ()


def test_a_list_may_be_one_string_as_launch_files_give_it(context: rclpy.Context) -> None:
    assert read_parameters(make_node(context, outputs='b, a'), Table).outputs == ('b', 'a')
    assert read_parameters(make_node(context, outputs=''), Table).outputs == ()


def test_off_is_off_though_yaml_reads_it_as_false() -> None:
    (row,) = parameter_table(Switch)
    assert (row.read(False), row.read('off'), row.read('on')) == ('off', 'off', 'on')
    with pytest.raises(ValueError, match='must be of type string, got True'):
        row.read(True)


def test_a_check_refuses_what_range_and_choices_cannot() -> None:
    (row,) = parameter_table(Named)
    assert row.read(['a=b']) == ('a=b',)
    with pytest.raises(ValueError, match="'a' must be NAME=VALUE"):
        row.read(['a'])


@pytest.mark.parametrize(
    ('name', 'value', 'words'),
    [
        ('rate', 101.0, ['rate', '100']),
        ('rate', 101, ['rate', '0 to 100 Hz', '101']),
        ('rate', float('nan'), ['rate', 'nan']),
        ('gain', float('inf'), ['gain', 'finite', 'inf']),
        ('stride', 0, ['stride', '1', '8', '0']),
        ('stride', 2.0, ['stride', 'int', '2.0']),
        ('stride', True, ['stride', 'int', 'True']),
        ('device', 3, ['device', 'string', '3']),
        ('outputs', ['a', 'c'], ['outputs', "'c'", 'a, b']),
        ('outputs', 'a,c', ['outputs', "'c'", 'a, b']),
        ('outputs', [1], ['outputs', 'string[]']),
    ],
)
def test_a_wrong_value_is_refused_with_the_reason(
    context: rclpy.Context, name: str, value: Any, words: list[str]
) -> None:
    with pytest.raises(InvalidParameterValueException) as error:
        make_node(context, **{name: value})
    assert all(word in str(error.value) for word in words), str(error.value)
    node = make_node(context, configured=False)
    result = node.set_parameters([RosParameter(name, value=value)])[0]
    assert not result.successful
    assert all(word in result.reason for word in words), result.reason
    assert read_parameters(node, Table) == Table()


def test_a_value_that_may_change_at_any_time_changes(context: rclpy.Context) -> None:
    node = make_node(context)
    assert node.set_parameters([RosParameter('stride', value=8)])[0].successful
    assert read_parameters(node, Table).stride == 8


@pytest.mark.parametrize('configured', [True, False])
def test_a_value_of_an_unconfigured_node_is_locked_once_it_is_configured(
    context: rclpy.Context, configured: bool
) -> None:
    result = make_node(context, configured).set_parameters([RosParameter('device', value='cpu')])[0]
    assert result.successful is not configured
    assert configured is ('clean up first' in result.reason)


def test_a_value_of_the_start_never_changes(context: rclpy.Context) -> None:
    result = make_node(context, configured=False).set_parameters([RosParameter('loop', value=True)])[0]
    assert not result.successful
    assert 'read-only' in result.reason


@pytest.mark.parametrize('table', NODE_TABLES.values(), ids=NODE_TABLES.keys())
def test_the_values_that_a_node_has_already_are_never_refused(context: rclpy.Context, table: type) -> None:
    node = Node('table', context=context)
    declare_parameters(node, table)
    present = [node.get_parameter(row.name) for row in parameter_table(table)]
    assert [result.reason for result in node.set_parameters(present) if not result.successful] == []


def test_an_int_that_is_the_present_value_of_a_float_is_no_change(context: rclpy.Context) -> None:
    result = make_node(context).set_parameters([RosParameter('fixed_rate', value=25)])[0]
    assert (result.successful, result.reason) == (True, '')


def test_tools_see_what_is_read_only(context: rclpy.Context) -> None:
    (loop,) = make_node(context).describe_parameters(['loop'])
    assert loop.additional_constraints == 'read-only after the start'


def test_a_parameter_cannot_be_deleted(context: rclpy.Context) -> None:
    result = make_node(context).set_parameters([RosParameter('stride')])[0]
    assert (result.successful, result.reason) == (False, 'stride cannot be deleted')


def test_tools_see_description_unit_and_range(context: rclpy.Context) -> None:
    node = make_node(context)
    rate, stride, outputs = node.describe_parameters(['rate', 'stride', 'outputs'])
    assert rate.description == 'frames per second [Hz]'
    assert (rate.floating_point_range[0].from_value, rate.floating_point_range[0].to_value) == (0.0, 100.0)
    assert (stride.integer_range[0].from_value, stride.integer_range[0].to_value) == (1, 8)
    assert outputs.additional_constraints == 'one of: a, b'


def test_the_documentation_has_a_row_per_parameter() -> None:
    lines = markdown_table(Table).splitlines()
    assert lines[2] == '| `device` | string | `auto` |  | while unconfigured | where it runs |'
    assert lines[3] == '| `rate` | double | `25.0` | 0 to 100 Hz | any time | frames per second |'
    assert len(lines) == 2 + len(fields(Table))


def test_a_field_without_a_row_is_refused() -> None:
    @dataclass(frozen=True)
    class Wrong:
        plain: int = 3

    with pytest.raises(TypeError, match=r'Wrong\.plain'):
        parameter_table(Wrong)


@pytest.mark.parametrize('table', NODE_TABLES.values(), ids=NODE_TABLES.keys())
def test_every_default_is_allowed_and_every_parameter_described(table: type) -> None:
    for row in parameter_table(table):
        assert row.read(row.default) == row.default
        assert row.description


@pytest.mark.parametrize('table', NODE_TABLES.values(), ids=NODE_TABLES.keys())
def test_a_path_may_begin_at_home(table: type, monkeypatch: pytest.MonkeyPatch) -> None:
    """No shell replaces the ~ of `video:=~/clip.mp4`, and no launch file does."""
    monkeypatch.setenv('HOME', '/home/surgeon')
    for row in parameter_table(table):
        names_a_file = bool(re.search(r'\b(file|folder|path)\b', row.description)) and not row.choices
        about_frames = row.name.endswith('_frame')
        if isinstance(row.default, str) and names_a_file and not about_frames:
            assert row.read('~/a file') == '/home/surgeon/a file', row.name
        elif isinstance(row.default, str) and not row.choices and row.check is None:
            assert row.read('~/topic') == ('/home/surgeon/topic' if row.is_path else '~/topic')


def test_parameters_that_the_network_is_loaded_with_are_locked_while_it_is_loaded() -> None:
    any_time = {row.name for row in parameter_table(PerceptionParameters) if row.changes == 'any time'}
    assert any_time >= {'score_threshold', 'stride', 'max_depth', 'overlay_opacity', 'outputs'}
    assert not any_time & {'checkpoint', 'device', 'back_end', 'threads'}
