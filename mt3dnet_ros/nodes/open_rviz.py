"""The node ``open_rviz``: becomes RViz, once the frame of what is to be shown is known."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from rclpy.clock import Clock, ClockType
from rclpy.logging import get_logger, get_logging_directory
from rclpy.node import Node

from mt3dnet_ros.errors import MT3DNetError
from mt3dnet_ros.resources import package_file
from mt3dnet_ros.ros.frames.output_frame import OutputFrame
from mt3dnet_ros.ros.parameters.rviz import OpenRvizParameters
from mt3dnet_ros.ros.parameters.table import declare_parameters, read_parameters
from mt3dnet_ros.ros.process.ending import ENDING, SIGNALS
from mt3dnet_ros.ros.run import run_node
from mt3dnet_ros.ros.rviz_config import RvizConfigError, read_rviz_config, rviz_config

_PERIOD = 0.2  # seconds between two looks at whether the frame is known
_PATIENCE = 15.0  # seconds before it is said what is missing


class RvizMissingError(MT3DNetError, FileNotFoundError):
    """RViz is not installed."""


class OpenRviz(Node):
    """Waits for the frame and ends.

    :param on_ready: called with the text of the configuration just before
    :raises RvizConfigError: the configuration cannot be used
    """

    def __init__(self, on_ready: Callable[[str], None]) -> None:
        super().__init__('open_rviz')
        declare_parameters(self, OpenRvizParameters)
        self._settings = read_parameters(self, OpenRvizParameters)
        self._content = read_rviz_config(self._settings.config or package_file('config', 'rviz', 'mono.rviz'))
        self._on_ready = on_ready
        self._frame = OutputFrame(self, self._settings.perception_ns, self._settings.fixed_frame)
        self._looks, self._said = 0, ''
        self.create_timer(_PERIOD, self._look, clock=Clock(clock_type=ClockType.STEADY_TIME))

    def _look(self) -> None:
        self._looks += 1
        if self._frame.frame:
            self._on_ready(rviz_config(self._content, self._frame.frame, self._nodes()))
            self.context.try_shutdown()
        elif self._frame.problem != self._said and self._looks * _PERIOD >= _PATIENCE:
            self._said = self._frame.problem
            self.get_logger().warning(f'RViz opens when its fixed frame is known (fixed_frame names it): {self._said}')

    def _nodes(self) -> dict[str, str]:
        """Return the full names of the nodes by those of the configurations in ``config/rviz``."""
        shown = self.resolve_topic_name(self._settings.perception_ns)
        if not self._settings.right_perception_ns:
            return {'/perception': shown}
        return {
            '/left/perception': shown,
            '/right/perception': self.resolve_topic_name(self._settings.right_perception_ns),
        }


def _become_rviz(config: str, args: list[str]) -> None:
    """Go on as RViz; the configuration stays in the folder of the logs.

    :param args: the command line of this node, whose remapped name, parameters and log level hold for RViz too
    """
    path = Path(get_logging_directory()) / f'rviz_{os.getpid()}.rviz'
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(config, encoding='utf-8')
    for number in SIGNALS:  # ignored since the node closed
        signal.signal(number, signal.SIG_DFL)
    os.execvp('rviz2', ['rviz2', '-d', str(path), *args])


def main(args: list[str] | None = None) -> None:
    """Open RViz; end with status 1 where that cannot be."""
    ready: list[str] = []
    try:
        if shutil.which('rviz2') is None:
            raise RvizMissingError("rviz2 is not installed, or not sourced: install your ROS distribution's rviz2")
        run_node(lambda: OpenRviz(ready.append), args)
    except (RvizConfigError, RvizMissingError) as error:
        get_logger('open_rviz').fatal(str(error))
        sys.exit(1)
    if ready and not ENDING.requested.is_set():
        _become_rviz(ready[0], sys.argv[1:] if args is None else args)
