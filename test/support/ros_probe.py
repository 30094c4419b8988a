"""The tests' own end of the graph: publishes images, collects what comes back, changes states and parameters."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any

import rclpy
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from lifecycle_msgs.srv import ChangeState, GetState
from rcl_interfaces.msg import SetParametersResult
from rcl_interfaces.srv import SetParameters
from rclpy.executors import SingleThreadedExecutor
from rclpy.parameter import Parameter
from rclpy.publisher import Publisher
from rclpy.qos import QoSProfile
from sensor_msgs.msg import Image


def patience(seconds: float) -> float:
    """Return how long something may take that takes ``seconds`` on a machine with nothing else to do."""
    return seconds * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


class Probe:
    """A node that is spun only while a test waits.

    :param target: full name of the node that is looked at
    """

    def __init__(self, target: str) -> None:
        self.target = target
        self._context = rclpy.Context()
        rclpy.init(context=self._context)
        self.node = rclpy.create_node('probe', context=self._context)
        self._executor = SingleThreadedExecutor(context=self._context)
        self._executor.add_node(self.node)
        self._status: list[DiagnosticStatus] = []
        self.node.create_subscription(DiagnosticArray, '/diagnostics', self._take_diagnostics, 10)

    def close(self) -> None:
        """Leave the graph."""
        self.node.destroy_node()
        self._executor.shutdown()
        self._context.try_shutdown()

    def spin(self, seconds: float) -> None:
        """Let messages arrive."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            self._executor.spin_once(timeout_sec=left)

    def spin_until(self, condition: Callable[[], Any], timeout: float = 20.0, what: str = 'the condition') -> Any:
        """Let messages arrive until the condition holds, and return its value."""
        deadline = time.monotonic() + timeout
        while not (value := condition()):
            assert time.monotonic() < deadline, f'{what} did not hold within {timeout} s'
            self._executor.spin_once(timeout_sec=0.05)
        return value

    def collect(self, message_type: type, topic: str, qos: QoSProfile | int = 10) -> list[Any]:
        """Return a list that grows by every message of a topic."""
        messages: list[Any] = []
        self.node.create_subscription(message_type, topic, messages.append, qos)
        return messages

    def publisher(self, message_type: type, topic: str, qos: QoSProfile | int = 1) -> Publisher:
        """Return a publisher that has found a subscriber."""
        publisher = self.node.create_publisher(message_type, topic, qos)
        self.spin_until(publisher.get_subscription_count, what=f'a subscriber of {topic}')
        return publisher

    def call(self, service_type: type, name: str, request: Any) -> Any:
        """Call a service of the target."""
        client = self.node.create_client(service_type, f'{self.target}/{name}')
        assert client.wait_for_service(20.0), f'{self.target} has no service {name}'
        future = client.call_async(request)
        self._executor.spin_until_future_complete(future, timeout_sec=30.0)
        assert future.done(), f'{name} of {self.target} did not answer'
        self.node.destroy_client(client)
        return future.result()

    def set_parameter(self, name: str, value: Any) -> SetParametersResult:
        """Set a parameter of the target."""
        request = SetParameters.Request(parameters=[Parameter(name, value=value).to_parameter_msg()])
        return self.call(SetParameters, 'set_parameters', request).results[0]

    def transition(self, label: str) -> bool:
        """Ask the target for a transition: configure, activate, deactivate, cleanup or shutdown."""
        request = ChangeState.Request()
        request.transition.label = label
        return self.call(ChangeState, 'change_state', request).success

    def state(self) -> str:
        """Return the target's lifecycle state."""
        return self.call(GetState, 'get_state', GetState.Request()).current_state.label

    def status(self) -> tuple[DiagnosticStatus, dict[str, str]]:
        """Return the target's next diagnostics and their values by key."""
        self._status.clear()
        self.spin_until(lambda: self._status, what=f'diagnostics of {self.target}')
        return self._status[-1], {pair.key: pair.value for pair in self._status[-1].values}

    def status_where(self, condition: Callable[[DiagnosticStatus, dict[str, str]], bool]) -> dict[str, str]:
        """Return the values of the first diagnostics for which the condition holds."""
        deadline = time.monotonic() + 20.0
        while True:
            status, values = self.status()
            if condition(status, values):
                return values
            assert time.monotonic() < deadline, f'last diagnostics: {status}'

    def _take_diagnostics(self, message: DiagnosticArray) -> None:
        self._status += [status for status in message.status if status.name == self.target]


def stamp(message: Image, probe: Probe, frame_id: str = '/rig/left_frame') -> int:
    """Stamp a message with now, and return the stamp in nanoseconds."""
    now = probe.node.get_clock().now()
    message.header.stamp = now.to_msg()
    message.header.frame_id = frame_id
    return now.nanoseconds
