"""Guidance in a node: what exists while it is configured, and the loop that runs while it is active."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from rclpy.lifecycle import LifecycleNode

from mt3dnet_ros.guidance.guide import Guide, MotionCommand
from mt3dnet_ros.guidance.reasons import Reason
from mt3dnet_ros.guidance.supervisor import State
from mt3dnet_ros.ros.diagnostics import Finding
from mt3dnet_ros.ros.guidance.inputs import GuidanceSubscriptions
from mt3dnet_ros.ros.guidance.outputs import GuidancePublishers
from mt3dnet_ros.ros.guidance.report import describe_state
from mt3dnet_ros.ros.guidance.robot import Robot
from mt3dnet_ros.ros.guidance.targets import Target
from mt3dnet_ros.ros.messages.headers import SECOND
from mt3dnet_ros.ros.monitoring.simulated_time import simulated_time
from mt3dnet_ros.ros.parameters.guidance import CameraGuidanceParameters, guidance_settings


@dataclass(frozen=True)
class ConfiguredGuidance:
    """What guidance has from configuration to clean-up.

    :param guide: of the last activation, which diagnostics go on to show
    """

    parameters: CameraGuidanceParameters
    guide: Guide
    publishers: GuidancePublishers

    @classmethod
    def create(cls, node: LifecycleNode, parameters: CameraGuidanceParameters) -> ConfiguredGuidance:
        """Return guidance that is configured.

        :raises SettingsError: the parameters do not go together
        """
        guide = Guide(guidance_settings(parameters))
        return cls(parameters, guide, GuidancePublishers(node, parameters))

    def with_new_guide(self) -> ConfiguredGuidance:
        """Return the same with a new guide: nothing that it knew holds any more, the dead-man switch least of all."""
        return replace(self, guide=Guide(self.guide.settings))


class GuidanceLoop:
    """Takes messages and publishes a command per period, until it is stopped.

    :param after_step: called after every command
    :param on_rejection: called with the reason why a message cannot be used
    """

    def __init__(
        self,
        node: LifecycleNode,
        configured: ConfiguredGuidance,
        after_step: Callable[[], None],
        on_rejection: Callable[[str], None],
    ) -> None:
        self._node = node
        self._guide = configured.guide
        self._publishers = configured.publishers
        self._after_step = after_step
        self._inputs = GuidanceSubscriptions(
            node, configured.guide, configured.parameters, self._publish_target, on_rejection
        )
        self._robot: Robot | None = None
        if configured.guide.arm:
            self._robot = Robot(node, configured.guide, configured.parameters, self._publishers)
        self._timer = node.create_timer(configured.guide.settings.period, self._step)

    def enable(self, wanted: bool) -> tuple[bool, str]:
        """Allow guidance, or end it; return whether that was possible, and the state in words."""
        if self._robot:
            self._robot.ask(at_once=True)
        self._guide.enable(wanted)
        self._guide.assess(self._now() / SECOND)
        if self._robot:
            self._robot.tell()
        refused = wanted and self._guide.state is State.DISABLED
        return not refused, describe_state(self._guide)

    def findings(self) -> list[Finding]:
        """Return what is wrong with what is published on the topics."""
        robot = self._robot.findings() if self._robot else []
        return [*robot, *self._inputs.findings(), *self._publishers.findings()]

    def values(self) -> dict[str, str]:
        """Return what the robot says, for diagnostics."""
        return self._robot.values() if self._robot else {}

    def stop(self) -> None:
        """Command rest, and end."""
        now = self._now()
        self._publish_command(self._guide.halt(now / SECOND, Reason.INACTIVE, *self._steady()), now)
        self._node.destroy_timer(self._timer)
        self._inputs.close()
        if self._robot:
            self._robot.close()

    def wait_for_delivery(self, timeout: float) -> None:
        """Wait until the last command has arrived.

        :param timeout: seconds
        """
        self._publishers.wait_for_delivery(timeout)

    def _now(self) -> int:
        return self._node.get_clock().now().nanoseconds

    def _steady(self) -> tuple[float, ...]:
        """Return the time of a clock that nobody sets; nothing under simulated time, which has a pace of its own."""
        return () if simulated_time(self._node) is not None else (time.monotonic(),)

    def _step(self) -> None:
        now = self._now()
        try:
            self._inputs.follow_publishers()
            if self._robot:
                self._robot.ask()
            command = self._guide.step(now / SECOND, *self._steady())
        except Exception as error:  # the camera must stand still, whatever it was
            self._guide.error = f'{type(error).__name__}: {error}'
            command = self._guide.halt(now / SECOND, Reason.ERROR, *self._steady())
        self._publish_command(command, now)
        if self._robot:
            self._robot.tell()
        self._after_step()

    def _publish_command(self, command: MotionCommand, now: int) -> None:
        self._publishers.publish_command(command, now, self._inputs.frame_id)

    def _publish_target(self, target: Target) -> None:
        point = self._guide.inputs.target.point
        if np.isfinite(point).all():
            self._publishers.publish_target(point, target.stamp, target.frame_id)
