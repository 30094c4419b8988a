"""The lifecycle node that points the camera at where perception sees the attention; disabled until it is enabled."""

from __future__ import annotations

from typing import Any

from rclpy.clock import Clock, ClockType
from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn
from std_srvs.srv import SetBool

from mt3dnet_ros.guidance.settings import SettingsError
from mt3dnet_ros.guidance.supervisor import State
from mt3dnet_ros.ros.diagnostics import ERROR, OK, Finding, fill_diagnostics
from mt3dnet_ros.ros.guidance.loop import ConfiguredGuidance, GuidanceLoop
from mt3dnet_ros.ros.guidance.report import describe_state, guidance_finding, guidance_values
from mt3dnet_ros.ros.messages.headers import make_header
from mt3dnet_ros.ros.monitoring.clock import ClockMonitor
from mt3dnet_ros.ros.monitoring.clock_log import log_stopped_clock
from mt3dnet_ros.ros.monitoring.restarts import publish_diagnostics
from mt3dnet_ros.ros.parameters.guidance import CameraGuidanceParameters
from mt3dnet_ros.ros.parameters.table import declare_parameters, read_parameters
from mt3dnet_ros.ros.run import run_node
from mt3dnet_ros.ros.topics.topic import DIAGNOSTICS

REPORT_PERIOD = 1.0  # seconds
DELIVERY_TIMEOUT = 0.5  # seconds that the last command may take to arrive
LOG_PERIOD = 5.0  # seconds between two messages of a kind


class CameraGuidanceNode(LifecycleNode):
    """Subscribes to gaze, scanpath, depth, dead-man switch and joints; publishes a twist and commands to an ECM."""

    def __init__(self, **options: Any) -> None:
        super().__init__('camera_guidance', **options)
        self._configured: ConfiguredGuidance | None = None
        self._loop: GuidanceLoop | None = None  # while active
        self._problem = ''  # why it is not configured
        self._logged_state = ''
        self._rejected = 0  # messages
        self._rejection = 'none'  # the last reason
        declare_parameters(self, CameraGuidanceParameters, lambda: self._configured is not None, keeps_clock=True)
        log_stopped_clock(self)
        self.create_service(SetBool, '~/enable', self._enable)
        self._diagnostics, self._clock_monitor = DIAGNOSTICS.publisher(self), ClockMonitor(self.get_clock())
        self.create_timer(REPORT_PERIOD, self._report, clock=Clock(clock_type=ClockType.STEADY_TIME))

    def start(self) -> None:
        """Configure and activate, where the parameter ``autostart`` says so."""
        autostart = read_parameters(self, CameraGuidanceParameters).autostart
        if autostart and self.trigger_configure() == TransitionCallbackReturn.SUCCESS:
            self.trigger_activate()

    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Take the parameters; where they do not go together the node stays unconfigured and says why."""
        try:
            self._configured = ConfiguredGuidance.create(self, read_parameters(self, CameraGuidanceParameters))
            self._problem = ''
        except SettingsError as error:
            self._problem = str(error)
            self.get_logger().error(f'not configured: {self._problem}')
            return TransitionCallbackReturn.FAILURE
        return super().on_configure(state)

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Subscribe and begin to command; the camera stands still until ``~/enable`` is called."""
        assert self._configured is not None  # rclpy activates configured nodes only
        result = super().on_activate(state)
        self._configured = configured = self._configured.with_new_guide()
        self._loop = GuidanceLoop(self, configured, lambda: self._log_state(configured), self._reject)
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
        if loop := self._stop():
            loop.wait_for_delivery(DELIVERY_TIMEOUT)
        super().destroy_node()

    def _stop(self) -> GuidanceLoop | None:
        """Stop the camera; return the loop that was running."""
        loop, self._loop = self._loop, None
        if loop:
            loop.stop()
        return loop

    def _forget(self) -> None:
        if self._configured:
            self._configured.publishers.close()
        self._configured = None

    def _enable(self, request: SetBool.Request, response: SetBool.Response) -> SetBool.Response:
        if self._loop:
            response.success, response.message = self._loop.enable(request.data)
        else:
            response.success, response.message = not request.data, 'the node is not active'
        return response

    def _reject(self, reason: str) -> None:
        self._rejected, self._rejection = self._rejected + 1, reason
        self.get_logger().error(reason, throttle_duration_sec=LOG_PERIOD)

    def _log_state(self, configured: ConfiguredGuidance) -> None:
        """Log and report a state that is not the one that was logged last."""
        state = describe_state(configured.guide)
        if state != self._logged_state:
            self._logged_state = state
            if configured.guide.state is State.GUIDING:
                self.get_logger().info(state)
            else:
                self.get_logger().warning(state)
            self._report()

    def _report(self) -> None:
        values: dict[str, str] = {}
        if self._configured:
            told = self._loop.values() if self._loop else {}
            values = (
                guidance_values(self._configured.guide)
                | told
                | {
                    'messages rejected': str(self._rejected),
                    'last rejection': self._rejection,
                    'publish failures': str(self._configured.publishers.failures),
                }
            )
        header = make_header(self.get_clock().now().nanoseconds, '')
        name = self.get_fully_qualified_name()
        publish_diagnostics(self._diagnostics, fill_diagnostics(name, header, self._findings(), values))

    def _findings(self) -> list[Finding]:
        clock = self._clock_monitor.findings()
        if self._configured and self._loop:
            return [guidance_finding(self._configured.guide), *self._loop.findings(), *clock]
        if self._problem:
            return [Finding('state', ERROR, f'not configured: {self._problem}')]
        return [Finding('state', OK, 'inactive' if self._configured else 'unconfigured')]


def main(args: list[str] | None = None) -> None:
    """Run the node until it is interrupted."""
    run_node(CameraGuidanceNode, args, CameraGuidanceNode.start, on_loss=CameraGuidanceNode._reject)


if __name__ == '__main__':
    main()
