"""The lifecycle node that moves the camera to where perception says to look; disabled until it is enabled."""

from __future__ import annotations

import signal
from typing import Any

import numpy as np
from diagnostic_msgs.msg import DiagnosticArray
from rclpy.clock import Clock, ClockType
from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn
from rclpy.signals import SignalHandlerOptions
from rclpy.timer import Timer
from std_srvs.srv import SetBool

from mt3dnet_ros.guidance.guide import Guide
from mt3dnet_ros.guidance.reasons import Reason
from mt3dnet_ros.guidance.settings import SettingsError
from mt3dnet_ros.guidance.supervisor import State
from mt3dnet_ros.ros.diagnostics import ERROR, OK, Finding, fill_diagnostics
from mt3dnet_ros.ros.guidance.inputs import GuidanceSubscriptions
from mt3dnet_ros.ros.guidance.outputs import GuidancePublishers
from mt3dnet_ros.ros.guidance.report import describe_state, guidance_finding, guidance_values
from mt3dnet_ros.ros.guidance.targets import Target
from mt3dnet_ros.ros.messages.headers import SECOND, make_header
from mt3dnet_ros.ros.parameters.guidance import CameraGuidanceParameters, guidance_settings
from mt3dnet_ros.ros.parameters.table import declare_parameters, read_parameters
from mt3dnet_ros.ros.run import run_node

REPORT_PERIOD = 1.0  # seconds
DELIVERY_TIMEOUT = 0.5  # seconds that the last command may take to arrive
LOG_PERIOD = 5.0  # seconds between two messages of a kind


class CameraGuidanceNode(LifecycleNode):
    """Subscribes to gaze, scanpath, depth, dead-man switch and joints; publishes a twist and commands to an ECM."""

    def __init__(self, **options: Any) -> None:
        super().__init__('camera_guidance', **options)
        self._guide: Guide | None = None  # while configured
        self._outputs: GuidancePublishers | None = None  # while configured
        self._inputs: GuidanceSubscriptions | None = None  # while active
        self._timer: Timer | None = None  # while active
        self._problem = ''  # why it is not configured
        self._told = ''  # state that was logged last
        self._rejected = 0  # messages
        self._rejection = 'none'  # the last reason
        declare_parameters(self, CameraGuidanceParameters, is_configured=lambda: self._guide is not None)
        self.create_service(SetBool, '~/enable', self._enable)
        self._diagnostics = self.create_publisher(DiagnosticArray, '/diagnostics', 10)
        self.create_timer(REPORT_PERIOD, self._report, clock=Clock(clock_type=ClockType.STEADY_TIME))

    def start(self) -> None:
        """Configure and activate, where the parameter ``autostart`` says so."""
        autostart = read_parameters(self, CameraGuidanceParameters).autostart
        if autostart and self.trigger_configure() == TransitionCallbackReturn.SUCCESS:
            self.trigger_activate()

    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Take the parameters; where they do not go together the node stays unconfigured and says why."""
        parameters = read_parameters(self, CameraGuidanceParameters)
        try:
            self._guide = Guide(guidance_settings(parameters))
            self._problem = ''
        except SettingsError as error:
            self._problem = str(error)
            self.get_logger().error(f'not configured: {self._problem}')
            return TransitionCallbackReturn.FAILURE
        self._outputs = GuidancePublishers(self, parameters)
        return super().on_configure(state)

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Subscribe and begin to command; the camera stands still until ``~/enable`` is called."""
        result = super().on_activate(state)
        parameters = read_parameters(self, CameraGuidanceParameters)
        self._guide = Guide(self._guide.settings)  # knows nothing of before, the dead-man switch least of all
        self._inputs = GuidanceSubscriptions(self, self._guide, parameters, self._publish_target, self._reject)
        self._timer = self.create_timer(self._guide.settings.period, self._step)
        return result

    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Stop the camera, then unsubscribe."""
        self._stop()
        return super().on_deactivate(state)

    def on_cleanup(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Forget the parameters."""
        self._forget()
        return super().on_cleanup(state)

    def on_shutdown(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Stop the camera, from whatever state."""
        self._stop()
        self._forget()
        return super().on_shutdown(state)

    def on_error(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Stop the camera and return to the unconfigured state."""
        self._stop()
        self._forget()
        return TransitionCallbackReturn.SUCCESS

    def destroy_node(self) -> None:
        """Stop the camera, then end the node."""
        if self._inputs is not None:
            self._stop()
            self._outputs.wait_for_delivery(DELIVERY_TIMEOUT)
        super().destroy_node()

    def _now(self) -> int:
        return self.get_clock().now().nanoseconds

    def _enable(self, request: SetBool.Request, response: SetBool.Response) -> SetBool.Response:
        if self._inputs is None:
            response.success, response.message = not request.data, 'the node is not active'
            return response
        self._guide.enable(request.data)
        self._guide.assess(self._now() / SECOND)
        refused = request.data and self._guide.state is State.DISABLED
        response.success, response.message = not refused, describe_state(self._guide)
        return response

    def _step(self) -> None:
        now = self._now()
        try:
            self._inputs.check_dead_man()
            command = self._guide.step(now / SECOND)
        except Exception as error:  # the camera must stand still, whatever it was
            self._guide.error = f'{type(error).__name__}: {error}'
            command = self._guide.halt(now / SECOND, Reason.ERROR)
        self._outputs.publish_command(command, now, self._inputs.frame_id)
        self._log_news()

    def _stop(self) -> None:
        if self._inputs is None:
            return
        now = self._now()
        command = self._guide.halt(now / SECOND, Reason.INACTIVE)
        self._outputs.publish_command(command, now, self._inputs.frame_id)
        self.destroy_timer(self._timer)
        self._inputs.close()
        self._inputs = self._timer = None

    def _forget(self) -> None:
        if self._outputs is not None:
            self._outputs.close()
        self._outputs = self._guide = None

    def _publish_target(self, target: Target) -> None:
        point = self._guide.inputs.target.point
        if np.isfinite(point).all():
            self._outputs.publish_target(point, target.stamp, target.frame_id)

    def _reject(self, reason: str) -> None:
        self._rejected, self._rejection = self._rejected + 1, reason
        self.get_logger().error(reason, throttle_duration_sec=LOG_PERIOD)

    def _log_news(self) -> None:
        news = describe_state(self._guide)
        if news != self._told:
            self._told = news
            if self._guide.state is State.GUIDING:
                self.get_logger().info(news)
            else:
                self.get_logger().warning(news)
            self._report()

    def _report(self) -> None:
        finding, values = self._finding(), {}
        if self._guide is not None:
            values = guidance_values(self._guide) | {
                'messages rejected': str(self._rejected),
                'last rejection': self._rejection,
                'publish failures': str(self._outputs.failures),
            }
        header = make_header(self._now(), '')
        self._diagnostics.publish(fill_diagnostics(self.get_fully_qualified_name(), header, [finding], values))

    def _finding(self) -> Finding:
        if self._inputs is not None:
            return guidance_finding(self._guide)
        if self._problem:
            return Finding('state', ERROR, f'not configured: {self._problem}')
        return Finding('state', OK, 'inactive' if self._guide else 'unconfigured')


def _make_node() -> CameraGuidanceNode:
    node = CameraGuidanceNode()
    node.start()
    return node


def main(args: list[str] | None = None) -> None:
    """Run the node until it is interrupted; the signals are Python's, so that it can still stop the camera then."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    run_node(_make_node, args, SignalHandlerOptions.NO)


if __name__ == '__main__':
    main()
