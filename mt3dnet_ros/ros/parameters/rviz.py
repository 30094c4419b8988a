"""The parameters of the node ``open_rviz``."""

from __future__ import annotations

from dataclasses import dataclass

from mt3dnet_ros.ros.parameters.table import parameter


@dataclass(frozen=True)
class OpenRvizParameters:
    """Parameters of the node ``open_rviz``."""

    config: str = parameter('', 'RViz configuration; empty for config/rviz/mono.rviz', is_path=True, changes='at start')
    fixed_frame: str = parameter('', 'fixed frame; empty for that of the outputs of perception', changes='at start')
    perception_ns: str = parameter(
        'perception', 'node perception that is shown; the left one where there are two', changes='at start'
    )
    right_perception_ns: str = parameter(
        '', 'node perception of the right eye; empty where there is one', changes='at start'
    )
