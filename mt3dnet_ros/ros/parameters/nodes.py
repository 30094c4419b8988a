"""The parameters of every node, and their documentation."""

from __future__ import annotations

import sys

from mt3dnet_ros.ros.parameters.console import ConsoleOverlayParameters
from mt3dnet_ros.ros.parameters.guidance import CameraGuidanceParameters
from mt3dnet_ros.ros.parameters.guidance_beside import GuidanceWatchdogParameters, SimulatedEcmParameters
from mt3dnet_ros.ros.parameters.native_video import DvrkVideoParameters
from mt3dnet_ros.ros.parameters.perception import PerceptionParameters
from mt3dnet_ros.ros.parameters.reconstruction import ReconstructionParameters
from mt3dnet_ros.ros.parameters.rig import CameraInfoSourceParameters, HandEyeParameters, StereoTransformParameters
from mt3dnet_ros.ros.parameters.rviz import OpenRvizParameters
from mt3dnet_ros.ros.parameters.table import markdown_table
from mt3dnet_ros.ros.parameters.video import RecorderParameters, VideoSourceParameters
from mt3dnet_ros.ros.parameters.viewer import ViewerParameters

NODE_TABLES: dict[str, type] = {
    'perception': PerceptionParameters,
    'video_source': VideoSourceParameters,
    'dvrk_video': DvrkVideoParameters,
    'recorder': RecorderParameters,
    'camera_info_source': CameraInfoSourceParameters,
    'hand_eye': HandEyeParameters,
    'stereo_transform': StereoTransformParameters,
    'open_rviz': OpenRvizParameters,
    'camera_guidance': CameraGuidanceParameters,
    'guidance_watchdog': GuidanceWatchdogParameters,
    'simulated_ecm': SimulatedEcmParameters,
    'viewer': ViewerParameters,
    'console_overlay': ConsoleOverlayParameters,
    'reconstruction': ReconstructionParameters,
}


INTRODUCTION = """# Parameters

Here you look up every parameter of every node: its default, its range with the unit, and when it may change.

Made by `python -m mt3dnet_ros.ros.parameters.nodes > docs/reference/parameters.md`.
"""


def documentation() -> str:
    """Return ``docs/reference/parameters.md``."""
    parts = [INTRODUCTION]
    for node, table in NODE_TABLES.items():
        parts += [f'## `{node}`', '', markdown_table(table)]
    return '\n'.join(parts)


if __name__ == '__main__':
    sys.stdout.write(documentation())
