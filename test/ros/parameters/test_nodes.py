"""The tables of parameters against the documentation and the parameter files."""

from __future__ import annotations

from typing import Any

import pytest
import rclpy
import yaml
from rclpy.context import Context
from support.paths import ROOT

from mt3dnet_ros.ros.parameters.file import FILES, parameter_file
from mt3dnet_ros.ros.parameters.nodes import NODE_TABLES, documentation
from mt3dnet_ros.ros.parameters.perception import PerceptionParameters
from mt3dnet_ros.ros.parameters.table import parameter_table
from mt3dnet_ros.ros.topics.perception import CHOICES

each_file = pytest.mark.parametrize('node', FILES)


def flattened(tree: dict[str, Any], group: str = '') -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, value in tree.items():
        values |= flattened(value, f'{group}{name}.') if isinstance(value, dict) else {group + name: value}
    return values


def test_the_documentation_is_that_of_the_tables() -> None:
    written = (ROOT / 'docs' / 'reference' / 'parameters.md').read_text()
    assert written == documentation(), 'run python -m mt3dnet_ros.ros.parameters.nodes > docs/reference/parameters.md'


@each_file
def test_a_parameter_file_is_that_of_the_table(node: str) -> None:
    written = (ROOT / 'config' / FILES[node]).read_text()
    command = f'run python -m mt3dnet_ros.ros.parameters.file {node} > config/{FILES[node]}'
    assert written == parameter_file(node), command


@each_file
def test_a_parameter_file_has_every_parameter_at_its_default(node: str) -> None:
    (content,) = yaml.safe_load(parameter_file(node)).values()
    read = flattened(content['ros__parameters'])
    rows = {row.name: row for row in parameter_table(NODE_TABLES[node])}
    assert read.keys() == rows.keys()
    assert {name: rows[name].read(value) for name, value in read.items()} == {
        name: row.default for name, row in rows.items()
    }


@each_file
def test_ros_reads_a_parameter_file(node: str) -> None:
    context = Context()
    rclpy.init(args=['--ros-args', '--params-file', str(ROOT / 'config' / FILES[node])], context=context)
    rclpy.shutdown(context=context)


def test_every_output_is_enabled_by_default() -> None:
    assert PerceptionParameters().outputs == CHOICES
