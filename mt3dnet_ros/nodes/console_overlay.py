"""The lifecycle node that lays what perception sees over the surgeon's view; off until it is turned on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rclpy.clock import Clock, ClockType
from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn
from rclpy.parameter import Parameter
from rclpy.subscription import Subscription
from rclpy.timer import Timer
from sensor_msgs.msg import Joy
from std_srvs.srv import SetBool

from mt3dnet_ros.gstreamer.console_writer import ConsoleWriter
from mt3dnet_ros.gstreamer.sockets import parse_socket
from mt3dnet_ros.perception.console.switch import RELEASED, OverlaySwitch
from mt3dnet_ros.ros.console.eye import EyeOverlay
from mt3dnet_ros.ros.console.output import EyeOutput
from mt3dnet_ros.ros.console.report import eye_findings, eye_values
from mt3dnet_ros.ros.diagnostics import ERROR, OK, WARN, Finding
from mt3dnet_ros.ros.health import Health
from mt3dnet_ros.ros.monitoring.clock import ClockMonitor
from mt3dnet_ros.ros.parameters.console import ConsoleOverlayParameters
from mt3dnet_ros.ros.parameters.table import declare_parameters, read_parameters
from mt3dnet_ros.ros.reporter import Reporter
from mt3dnet_ros.ros.run import run_node
from mt3dnet_ros.ros.topics.console import PEDAL, SIDES

REPORT_PERIOD = 1.0  # seconds
LOOK_PERIOD = 0.01  # seconds between two looks at whether what is shown is fresh
LOG_PERIOD = 5.0  # seconds between two messages of a kind


@dataclass(frozen=True)
class ConfiguredConsole:
    """What the node has from configuration to clean-up.

    :param writer: of the video sockets; None where none is named
    :param outputs: by the side of the eye
    """

    parameters: ConsoleOverlayParameters
    writer: ConsoleWriter | None
    outputs: dict[str, EyeOutput]

    def close(self) -> None:
        """Close the sockets and destroy the publishers."""
        for output in self.outputs.values():
            output.close()
        if self.writer:
            self.writer.close()


@dataclass(frozen=True)
class ActiveConsole:
    """What the node has while it is active."""

    switch: OverlaySwitch
    eyes: tuple[EyeOverlay, ...]
    pedal: Subscription[Joy]
    timer: Timer


class ConsoleOverlayNode(LifecycleNode):
    """Subscribes to perception's outputs while it is on, and shows pictures of them on topics and video sockets."""

    def __init__(self, **options: Any) -> None:
        super().__init__('console_overlay', **options)
        self._configured: ConfiguredConsole | None = None
        self._active: ActiveConsole | None = None
        self._problem = ''  # why it is not configured
        declare_parameters(self, ConsoleOverlayParameters, lambda: self._configured is not None)
        self.add_post_set_parameters_callback(self._apply)
        self.create_service(SetBool, '~/enable', self._enable)
        self._steady = Clock(clock_type=ClockType.STEADY_TIME)  # a simulated clock may stand still
        self._reporter, self._clock_monitor = Reporter(self), ClockMonitor(self.get_clock())
        self.create_timer(REPORT_PERIOD, self._report, clock=self._steady)

    def start(self) -> None:
        """Configure and activate, where the parameter ``autostart`` says so."""
        autostart = read_parameters(self, ConsoleOverlayParameters).autostart
        if autostart and self.trigger_configure() == TransitionCallbackReturn.SUCCESS:
            self.trigger_activate()

    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Open the sockets; where the parameters do not go together the node stays unconfigured and says why."""
        parameters = read_parameters(self, ConsoleOverlayParameters)
        self._problem = _contradiction(parameters)
        if self._problem:
            self.get_logger().error(f'not configured: {self._problem}')
            return TransitionCallbackReturn.FAILURE
        self._configured = self._configure(parameters)
        return super().on_configure(state)

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Show nothing, until it is turned on."""
        assert self._configured is not None  # rclpy activates configured nodes only
        result = super().on_activate(state)
        parameters = self._configured.parameters
        eyes = tuple(self._activate(side, parameters, output) for side, output in self._configured.outputs.items())
        switch = OverlaySwitch(parameters.pedal_mode)
        timer = self.create_timer(LOOK_PERIOD, self._look, clock=self._steady)
        self._active = ActiveConsole(switch, eyes, PEDAL.subscription(self, self._take_pedal), timer)
        return result

    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Show nothing, and unsubscribe."""
        self._stop()
        return super().on_deactivate(state)

    def on_cleanup(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Close the sockets."""
        self._forget()
        return super().on_cleanup(state)

    def on_shutdown(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Show nothing, and close the sockets, from whatever state."""
        self._stop()
        self._forget()
        return super().on_shutdown(state)

    def on_error(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Return to the unconfigured state."""
        self._stop()
        self._forget()
        return TransitionCallbackReturn.SUCCESS

    def destroy_node(self) -> None:
        """Show nothing, then end the node."""
        self._stop()
        self._forget()
        super().destroy_node()

    def _configure(self, parameters: ConsoleOverlayParameters) -> ConfiguredConsole:
        names = {'left': parameters.left_socket, 'right': parameters.right_socket}
        sockets = {side: parse_socket(name) for side, name in names.items() if name}
        for socket in sockets.values():
            if socket.remark:
                self.get_logger().warning(socket.remark)
        writer = ConsoleWriter(list(sockets.values())) if sockets else None
        outputs = {
            side: EyeOutput(self, side, writer, sockets.get(side), self._count_failure)
            for side in _perceptions(parameters)
        }
        return ConfiguredConsole(parameters, writer, outputs)

    def _activate(self, side: str, parameters: ConsoleOverlayParameters, output: EyeOutput) -> EyeOverlay:
        return EyeOverlay(self, side, _perceptions(parameters)[side], parameters, output, self._log_rejection)

    def _stop(self) -> None:
        active, self._active = self._active, None
        if active is None:
            return
        self.destroy_timer(active.timer)
        self.destroy_subscription(active.pedal)
        for eye in active.eyes:
            if not eye.close():
                self.get_logger().error(f'the picture of the {eye.side} eye that is in work did not end')

    def _forget(self) -> None:
        configured, self._configured = self._configured, None
        if configured:
            configured.close()

    def _enable(self, request: SetBool.Request, response: SetBool.Response) -> SetBool.Response:
        if self._active is None:
            response.success, response.message = not request.data, 'the node is not active'
            return response
        self._turn(self._active, lambda switch: switch.set(request.data))
        response.success, response.message = True, _state(self._active.switch)
        return response

    def _take_pedal(self, message: Joy) -> None:
        if self._active is None or self._configured is None:
            return
        button = self._configured.parameters.pedal_button
        pressed = message.buttons[button] if len(message.buttons) > button else RELEASED
        self._turn(self._active, lambda switch: switch.take_pedal(pressed))

    def _turn(self, active: ActiveConsole, change: Any) -> None:
        before = active.switch.is_on
        change(active.switch)
        if active.switch.is_on != before:
            self.get_logger().info(f'the overlay is {_state(active.switch)}')
            for eye in active.eyes:
                eye.turn(active.switch.is_on)
            self._report()

    def _look(self) -> None:
        for eye in self._active.eyes if self._active else ():
            eye.look()

    def _apply(self, _: list[Parameter]) -> None:
        parameters = read_parameters(self, ConsoleOverlayParameters)
        for eye in self._active.eyes if self._active else ():
            eye.apply(parameters)

    def _log_rejection(self, reason: str) -> None:
        self.get_logger().error(reason, throttle_duration_sec=LOG_PERIOD)

    def _count_failure(self, topic: str) -> None:
        for eye in self._active.eyes if self._active else ():
            if f'/{eye.side}/' in topic:
                eye.health.publish_failed(topic)

    def _report(self) -> None:
        active = self._active
        if active and not self.count_publishers(self.resolve_topic_name(PEDAL.name)):
            self._turn(active, OverlaySwitch.lose_pedal)
        values = {'overlay': _state(active.switch) if active else 'off'}
        healths = {eye: eye.health.snapshot() for eye in active.eyes} if active else {}
        for eye, health in healths.items():
            eye.infos.follow_publishers()
            values |= eye_values(eye, health)
        self._reporter(self._findings(healths), values)

    def _findings(self, healths: dict[EyeOverlay, Health]) -> list[Finding]:
        if self._problem:
            return [Finding('state', ERROR, f'not configured: {self._problem}', logged=True)]
        if self._configured is None or self._active is None:
            return [Finding('state', OK, 'inactive' if self._configured else 'unconfigured')]
        found = [*self._clock_monitor.findings(), *self._socket_findings(self._configured.writer)]
        if not self._active.switch.is_on:
            return [Finding('state', OK, 'off; ~/enable or the pedal turns the overlay on'), *found]
        shown = read_parameters(self, ConsoleOverlayParameters).show
        return [*found, *(one for eye, health in healths.items() for one in eye_findings(eye, health, shown))]

    def _socket_findings(self, writer: ConsoleWriter | None) -> list[Finding]:
        if writer is None:
            return []
        level = ERROR if writer.starts else WARN  # of a program that is about to start
        return [Finding(f'socket {name}', level, problem) for name, problem in writer.problems.items()]


def _perceptions(parameters: ConsoleOverlayParameters) -> dict[str, str]:
    """Return the node ``perception`` of every eye that has one."""
    named = zip(SIDES, (parameters.left_perception_ns, parameters.right_perception_ns), strict=True)
    return {side: name for side, name in named if name}


def _contradiction(parameters: ConsoleOverlayParameters) -> str:
    """Return why the parameters do not go together, with the remedy; empty where they do."""
    eyes = _perceptions(parameters)
    if not eyes:
        return 'neither eye has a node perception: name one in left_perception_ns or right_perception_ns'
    sockets = {'left': parameters.left_socket, 'right': parameters.right_socket}
    for side, name in sockets.items():
        if name and side not in eyes:
            return f"{side}_socket is '{name}', and {side}_perception_ns is empty: name the node that it is to show"
    if sockets['left'] and sockets['left'] == sockets['right']:
        return f"both eyes have the socket '{sockets['left']}': name two"
    return ''


def _state(switch: OverlaySwitch) -> str:
    return 'on' if switch.is_on else 'off'


def main(args: list[str] | None = None) -> None:
    """Run the node until it is interrupted."""
    run_node(ConsoleOverlayNode, args, ConsoleOverlayNode.start)


if __name__ == '__main__':
    main()
