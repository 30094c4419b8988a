"""The parameters of guidance: their file, their groups, and the settings that they make."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import yaml

pytest.importorskip('rclpy', reason='needs ROS 2; `source .venv/ros.sh`')

from support.paths import ROOT

from mt3dnet_ros.guidance.ecm import Ecm
from mt3dnet_ros.guidance.settings import GuidanceSettings, SettingsError
from mt3dnet_ros.ros.parameters.guidance import CameraGuidanceParameters, guidance_settings
from mt3dnet_ros.ros.parameters.table import parameter_table

DEFAULTS = CameraGuidanceParameters()


def flattened(tree: dict[str, Any], group: str = '') -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, value in tree.items():
        values |= flattened(value, f'{group}{name}.') if isinstance(value, dict) else {group + name: value}
    return values


def test_the_parameter_file_has_every_parameter_at_its_default() -> None:
    (node,) = yaml.safe_load((ROOT / 'config' / 'guidance.yaml').read_text()).values()
    assert flattened(node['ros__parameters']) == {row.name: row.default for row in parameter_table(type(DEFAULTS))}


def test_the_defaults_are_those_of_the_settings() -> None:
    assert guidance_settings(DEFAULTS) == GuidanceSettings()


def test_no_arm_moves_by_default() -> None:
    assert guidance_settings(DEFAULTS).ecm is None
    assert guidance_settings(replace(DEFAULTS, dvrk__enabled=True, dvrk__model='si')).ecm == Ecm('straight', 'si')


@pytest.mark.parametrize('changed', [{'target_timeout': 0.2}, {'depth_timeout': 0.2}, {'advance_speed': 0.03}])
def test_parameters_that_could_not_stop_in_time_are_refused(changed: dict[str, float]) -> None:
    with pytest.raises(SettingsError, match='lower timeouts or speeds'):
        guidance_settings(replace(DEFAULTS, **changed))
