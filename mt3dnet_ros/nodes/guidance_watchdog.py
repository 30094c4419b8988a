"""The node ``guidance_watchdog``: rest in the place of guidance that was killed, or stopped, while the camera moved."""

from __future__ import annotations

import time

import numpy as np
from geometry_msgs.msg import TwistStamped
from rclpy.clock import Clock, ClockType
from rclpy.node import Node
from std_msgs.msg import Empty

from mt3dnet_ros.guidance.signs_of_life.command_watch import CommandWatch
from mt3dnet_ros.guidance.signs_of_life.pauses import PauseMonitor
from mt3dnet_ros.ros.diagnostics import ERROR, OK, WARN, Finding
from mt3dnet_ros.ros.guidance.messages import fill_twist, read_twist
from mt3dnet_ros.ros.messages.headers import SECOND, make_header
from mt3dnet_ros.ros.monitoring.simulated_time import simulated_time
from mt3dnet_ros.ros.parameters.guidance_beside import GuidanceWatchdogParameters
from mt3dnet_ros.ros.parameters.table import declare_parameters, read_parameters
from mt3dnet_ros.ros.reporter import Reporter
from mt3dnet_ros.ros.run import run_node
from mt3dnet_ros.ros.topics.guidance import COMMANDED_TWIST, HOLD

_PERIOD = 0.01  # seconds between two looks
_REPORT_PERIOD = 1.0  # seconds
_REST = 1.0  # seconds for which rest is published


class GuidanceWatchdog(Node):
    """Publishes a twist of zero, and lets an ECM hold, where the twists of a motion have broken off."""

    def __init__(self) -> None:
        super().__init__('guidance_watchdog')
        declare_parameters(self, GuidanceWatchdogParameters, keeps_clock=True)
        parameters = read_parameters(self, GuidanceWatchdogParameters)
        self._watch, self._pauses = CommandWatch(parameters.timeout), PauseMonitor(parameters.timeout)
        self._waits = False  # for what has come in a pause
        self._resting_until = float('-inf')
        self._heard = self._breaks = 0
        self._frame_id, self._problem = '', ''
        self._reporter = Reporter(self)
        self._twist = COMMANDED_TWIST.publisher(self)
        hold = HOLD.of(arm=parameters.dvrk__arm)
        self._hold = hold.publisher(self) if parameters.dvrk__enabled else None
        self._topic = COMMANDED_TWIST.subscription(self, self._take).topic_name
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        self.create_timer(_PERIOD, self._look, clock=steady)
        self.create_timer(_REPORT_PERIOD, self._report, clock=steady)

    def _now(self) -> float:
        """Return the seconds of a clock that nobody sets, or of simulated time, at whose pace guidance works."""
        simulated = simulated_time(self)
        return time.monotonic() if simulated is None else simulated / SECOND

    def _take(self, message: TwistStamped) -> None:
        self._heard += 1
        moving = bool(np.any(read_twist(message) != 0.0))
        self._watch.take(moving, self._now())
        self._frame_id = message.header.frame_id
        if moving:
            self._resting_until, self._problem = float('-inf'), ''

    def _look(self) -> None:
        now = self._now()
        self._waits = self._pauses.note(now) and not self._waits
        if self._waits:
            return  # what came in a pause of this process is taken before the next look
        if self._watch.broken_off(now):
            self._begin_rest(now)
        if now < self._resting_until:
            header = make_header(self.get_clock().now().nanoseconds, self._frame_id)
            self._twist.publish(fill_twist(np.zeros(6), header))

    def _begin_rest(self, now: float) -> None:
        self._watch.take(False, now)
        self._resting_until = now + _REST
        self._breaks += 1
        self._problem = 'the commands of a motion have broken off, and rest was published: look at what sent them'
        if self._hold:
            self._hold.publish(Empty())
        self._report()

    def _report(self) -> None:
        values = {'commands heard': str(self._heard), 'motions that broke off': str(self._breaks)}
        self._reporter([self._finding()], values)

    def _finding(self) -> Finding:
        if self._problem:
            return Finding('commands', ERROR, self._problem)
        if not self._heard:
            return Finding('commands', WARN, f'no command has come on {self._topic} yet, so there is nothing to watch')
        return Finding('state', OK, 'watching')


def main(args: list[str] | None = None) -> None:
    """Run the node until it is interrupted."""
    run_node(GuidanceWatchdog, args)


if __name__ == '__main__':
    main()
