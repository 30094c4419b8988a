"""The parameters of guidance, and the settings that they make."""

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
from mt3dnet_ros.ros.parameters.nodes import NODE_TABLES
from mt3dnet_ros.ros.parameters.table import parameter_table

DEFAULTS = CameraGuidanceParameters()


def test_the_defaults_are_those_of_the_settings() -> None:
    assert guidance_settings(DEFAULTS) == GuidanceSettings()


def test_no_arm_moves_by_default() -> None:
    assert guidance_settings(DEFAULTS).ecm is None
    assert guidance_settings(replace(DEFAULTS, dvrk__enabled=True, dvrk__model='si')).ecm == Ecm('straight', 'si')


@pytest.mark.parametrize(
    'changed', [{'target_timeout': 0.2}, {'depth_timeout': 0.2}, {'scale_timeout': 0.2}, {'advance_speed': 0.03}]
)
def test_parameters_that_could_not_stop_in_time_are_refused(changed: dict[str, float]) -> None:
    with pytest.raises(SettingsError, match='lower timeouts or speeds'):
        guidance_settings(replace(DEFAULTS, **changed))


def test_a_scale_that_is_not_required_has_no_timeout() -> None:
    assert not guidance_settings(replace(DEFAULTS, scale_required=False, scale_timeout=0.2)).scale_required


def test_the_file_for_simulators_has_known_parameters_that_go_together() -> None:
    content = yaml.safe_load((ROOT / 'config' / 'simulator.yaml').read_text())
    values = {node.rpartition('/')[2]: flat(nodes['ros__parameters']) for node, nodes in content.items()}
    assert values.keys() == {'perception', 'camera_guidance'}
    for node, given in values.items():
        assert given.keys() <= {row.name for row in parameter_table(NODE_TABLES[node])}
    ours = {name.replace('.', '__'): value for name, value in values['camera_guidance'].items()}
    usual = {'dvrk__enabled': True, 'dvrk__model': 'virtual', 'dvrk__command': 'move_jp'}
    settings = guidance_settings(replace(DEFAULTS, **ours, **usual))
    assert settings.sends_goals
    assert settings.timeouts.joints > DEFAULTS.dvrk__joint_timeout
    assert settings.following_window > DEFAULTS.dvrk__following_window


def flat(group: dict[str, Any]) -> dict[str, Any]:
    """Return nested parameters by their names."""
    found = {}
    for name, value in group.items():
        inner = {f'{name}.{key}': each for key, each in flat(value).items()} if isinstance(value, dict) else None
        found |= {name: value} if inner is None else inner
    return found
