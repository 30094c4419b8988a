"""The parameters of guidance, and the settings that they make."""

from __future__ import annotations

from dataclasses import replace

import pytest

pytest.importorskip('rclpy', reason='needs ROS 2; `source .venv/ros.sh`')

from mt3dnet_ros.guidance.ecm import Ecm
from mt3dnet_ros.guidance.settings import GuidanceSettings, SettingsError
from mt3dnet_ros.ros.parameters.guidance import CameraGuidanceParameters, guidance_settings

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
