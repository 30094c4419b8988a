"""The tables of parameters against the documentation and the parameter file."""

from __future__ import annotations

import yaml
from support.paths import ROOT

from mt3dnet_ros.ros.outputs import OUTPUT_TABLE
from mt3dnet_ros.ros.parameters.nodes import OUTPUTS, PerceptionParameters, documentation
from mt3dnet_ros.ros.parameters.table import parameter_table


def test_the_documentation_is_that_of_the_tables() -> None:
    written = (ROOT / 'docs' / 'reference' / 'parameters.md').read_text()
    assert written == documentation(), 'run python -m mt3dnet_ros.ros.parameters.nodes > docs/reference/parameters.md'


def test_the_parameter_file_has_every_parameter_at_its_default() -> None:
    content = yaml.safe_load((ROOT / 'config' / 'perception.yaml').read_text())
    (node,) = content.values()
    defaults = {row.name: row.default for row in parameter_table(PerceptionParameters)}
    assert {
        name: tuple(value) if isinstance(value, list) else value for name, value in node['ros__parameters'].items()
    } == defaults


def test_every_output_can_be_switched() -> None:
    assert {output.enabled_by for output in OUTPUT_TABLE} == set(OUTPUTS)
