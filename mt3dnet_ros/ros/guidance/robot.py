"""What guidance asks the robot, and the graph around it, before and while it commands an arm."""

from __future__ import annotations

from rclpy.lifecycle import LifecycleNode

from mt3dnet_ros.guidance.guide import Guide
from mt3dnet_ros.guidance.reasons import Reason
from mt3dnet_ros.guidance.supervisor import State
from mt3dnet_ros.ros.diagnostics import WARN, Finding
from mt3dnet_ros.ros.guidance.claim import ArmClaim
from mt3dnet_ros.ros.guidance.operating_state import OperatingStateSubscription
from mt3dnet_ros.ros.guidance.outputs import GuidancePublishers
from mt3dnet_ros.ros.parameters.guidance import CameraGuidanceParameters

_GRAPH_PERIOD = 0.1  # seconds between two looks at who is there


class Robot:
    """Whether the arm is ready, nobody else guides it, and somebody hears the commands; until it is closed."""

    def __init__(
        self, node: LifecycleNode, guide: Guide, parameters: CameraGuidanceParameters, publishers: GuidancePublishers
    ) -> None:
        self._guide = guide
        self._publishers = publishers
        self._state = OperatingStateSubscription(node, parameters)
        self._claim = ArmClaim(node, parameters.dvrk__arm)
        self._steps_per_look = max(1, round(_GRAPH_PERIOD * parameters.rate))
        self._steps = 0

    def ask(self, at_once: bool = False) -> None:
        """Let guidance know what speaks against commanding the arm; to be called before every step.

        :param at_once: look who is there, however short ago that was
        """
        if at_once or self._steps % self._steps_per_look == 0:
            self._state.follow_publishers()
            self._claim.follow_publishers()
        self._steps += 1
        note = self._guide.objections.note
        note(Reason.ARM_NOT_READY, self._state.arm.objection)
        note(Reason.RIVAL, self._claim.objection)
        note(Reason.UNHEARD, self._publishers.silence())

    def tell(self) -> None:
        """Claim the arm while guidance is enabled; to be called after every step."""
        self._claim.hold(self._guide.state is not State.DISABLED)

    def findings(self) -> list[Finding]:
        """Return what would refuse to be enabled, where it is not the state of guidance already."""
        return [
            Finding(reason.name.lower(), WARN, f'{reason.value}: {self._guide.objections.text(reason)}')
            for reason in self._guide.objections
            if reason is not self._guide.supervisor.reason
        ]

    def values(self) -> dict[str, str]:
        """Return what diagnostics show."""
        return {'operating state': self._state.arm.text}

    def close(self) -> None:
        """Let the arm go, and hear no more."""
        self._claim.close()
        self._state.close()
