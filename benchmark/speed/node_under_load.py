"""The node perception in a process of its own, a camera in another, and all subscribers here, over real DDS."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rclpy
from diagnostic_msgs.msg import DiagnosticArray
from rclpy.executors import SingleThreadedExecutor
from rclpy.parameter import Parameter
from rclpy.parameter_client import AsyncParameterClient

from mt3dnet_ros.demo.interruption import INTERRUPTION
from mt3dnet_ros.demo.processes import NodeError, NodeProcess, prepare_environment
from mt3dnet_ros.ros.qos import OUTPUT
from mt3dnet_ros.ros.topics.output import Output
from mt3dnet_ros.ros.topics.perception import BY_KEY, OUTPUTS
from mt3dnet_ros.ros.topics.topic import DIAGNOSTICS
from speed.camera import CameraProcess
from speed.measurement import Measurement
from speed.process_use import use_of

if TYPE_CHECKING:
    from rclpy.subscription import MessageInfo, Subscription

NODE = '/perception'
EVERY_OUTPUT = tuple(output.key for output in OUTPUTS if output.is_recorded and not output.needs_saliency)
MAIN_OUTPUTS = ('segmentation/labels', 'detections', 'depth/image')
START_TIMEOUT = 180.0  # seconds for the node to be active and to have images
_OUTPUT_TIMEOUT = 60.0  # seconds until outputs come that were just subscribed to
_LATEST = 0.5  # seconds that outputs of the last image of a measurement are waited for
_NOT_CONFIGURED = 'not configured'  # how diagnostics begin to say why
_MEANWHILE = 'until'  # in what diagnostics say of a back end that serves until another one is prepared
_WITHOUT_HEADER = ('markers',)


def choose_domain() -> None:
    """Take a ROS domain of our own, unless the caller chose one."""
    os.environ.setdefault('ROS_DOMAIN_ID', str(1 + os.getpid() % 99))


def parameters_of(words: Iterable[str]) -> dict[str, str]:
    """Return the parameters that are written as in ROS arguments, NAME:=VALUE."""
    return {name: value for name, _, value in (word.partition(':=') for word in words)}


class NodeUnderLoad:
    """Node and camera while they run; a context manager.

    :param source: video or folder that the camera shows
    :param size: width and height of the images in pixels
    :param rate: images per second
    :param parameters: of the node, as ROS arguments write them
    :param niceness: of the node
    """

    def __init__(
        self,
        source: str,
        size: tuple[int, int],
        rate: float,
        parameters: Mapping[str, str] | None = None,
        niceness: int = 0,
    ) -> None:
        self._source, self._size, self._rate = source, size, rate
        self._parameters, self._niceness = parameters or {}, niceness
        self._stack = ExitStack()
        self._subscriptions: dict[str, Subscription[Any]] = {}  # by topic, relative to the node
        self._values: dict[str, str] = {}  # of the diagnostics
        self._message = ''
        self._arrived: dict[int, tuple[int, int]] = {}  # stamp -> outputs, time of the last

    def __enter__(self) -> NodeUnderLoad:
        prepare_environment()
        with ExitStack() as stack, INTERRUPTION.held():
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix='mt3dnet_ros_benchmark_')))
            self._log = folder / 'perception.log'
            self._start_node()
            stack.callback(lambda: self._process.stop(3.0))
            self.camera = CameraProcess(self._source, self._size, self._rate)
            stack.callback(self.camera.end)
            rclpy.init(args=[], signal_handler_options=rclpy.SignalHandlerOptions.NO)
            stack.callback(rclpy.try_shutdown)
            self._node = rclpy.create_node('measuring')
            self._executor = SingleThreadedExecutor()
            self._executor.add_node(self._node)
            stack.callback(self._executor.shutdown)
            DIAGNOSTICS.subscription(self._node, self._read_diagnostics)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        with INTERRUPTION.held():
            self._stack.close()

    @property
    def values(self) -> Mapping[str, str]:
        """What the node's last diagnostics say."""
        return self._values

    def kill(self) -> None:
        """End the node's process at once, as a fault does."""
        self._process.kill()

    def restart(self) -> None:
        """Start the node again, which was killed."""
        with INTERRUPTION.held():
            self._start_node()

    def wait_for_images(self) -> None:
        """Wait until the node is active and has images.

        :raises NodeError: it ended, could not be configured, or has none in time
        """
        self._values, self._message = {}, ''

        def works() -> bool:
            if self._message.startswith(_NOT_CONFIGURED):
                raise NodeError(f'perception: {self._message}')
            return int(self._values.get('frames received', 0)) > 0

        if not self.spin_until(works, START_TIMEOUT):
            raise NodeError(f'perception has no images after {START_TIMEOUT:.0f} s; last it said: {self._last_words()}')

    def measure(self, topics: Collection[str], seconds: float, settle: float = 2.0) -> Measurement:
        """Subscribe to some outputs, let the node settle, and measure.

        :param topics: relative to the node
        """
        self.subscribe(topics)
        if topics:
            self._wait_for_back_end()
        self.spin(settle)
        self._arrived.clear()
        before, start = use_of(self._process.pid), time.time_ns()
        self.spin(seconds)
        use, end = use_of(self._process.pid), time.time_ns()
        stages, passed = self._stages(), 1e-9 * (end - start)
        self.spin(_LATEST)
        sent = self.camera.stamps(start, end)
        arrivals = self._complete(sent)
        return Measurement(passed, len(sent), arrivals, (use.processor - before.processor) / passed, use, stages)

    def _wait_for_back_end(self) -> None:
        """Wait until what runs the network is what will: it may be prepared while another one serves."""
        if not self.spin_until(lambda: _MEANWHILE not in self._values.get('back end', ''), START_TIMEOUT):
            raise NodeError(f'the back end of perception is still: {self._values["back end"]}')

    def wait_for_outputs(self, timeout: float) -> float:
        """Wait until every output that is subscribed to has come of an image of now or later; return the seconds.

        :raises NodeError: that takes longer than the timeout
        """
        start = time.time_ns()
        self._arrived.clear()
        if not self.spin_until(lambda: bool(self._complete(self.camera.stamps(start, time.time_ns()))), timeout):
            raise NodeError(f'perception gives nothing for {timeout:.0f} s')
        return 1e-9 * (time.time_ns() - start)

    def subscribe(self, topics: Collection[str]) -> None:
        """Subscribe to these outputs, relative to the node, and to no others; return when they come."""
        if set(topics) == self._subscriptions.keys():
            return
        for subscription in self._subscriptions.values():
            self._node.destroy_subscription(subscription)
        self._subscriptions = {topic: self._subscription(BY_KEY[topic]) for topic in topics}
        if topics:
            self.wait_for_outputs(_OUTPUT_TIMEOUT)

    def _subscription(self, output: Output[Any]) -> Subscription[Any]:
        take = _ignore if output.key in _WITHOUT_HEADER else self._take
        return self._node.create_subscription(output.message_class, output.below(NODE), take, OUTPUT, raw=True)

    def set_parameter(self, name: str, value: Any) -> None:
        """Change a parameter of the node.

        :raises NodeError: it refuses
        """
        client = AsyncParameterClient(self._node, NODE)
        future = client.set_parameters([Parameter(name, value=value)])
        if not self.spin_until(future.done, 10.0):
            raise NodeError(f'perception does not answer to parameter {name}')
        response = future.result()
        for result in response.results if response else ():
            if not result.successful:
                raise NodeError(f'perception refuses parameter {name}: {result.reason}')

    def count_subscribers(self, topic: str) -> int:
        """Return how many subscribe to an output."""
        return self._node.count_subscribers(BY_KEY[topic].below(NODE))

    def spin(self, seconds: float) -> None:
        """Let messages come.

        :raises NodeError: the node has ended
        """
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            self._executor.spin_once(timeout_sec=min(left, 1.0))
            self._check()

    def spin_until(self, condition: Callable[[], bool], timeout: float) -> bool:
        """Let messages come until the condition holds; return whether it does."""
        deadline = time.monotonic() + timeout
        while not (holds := condition()) and time.monotonic() < deadline:
            self.spin(0.05)
        return holds

    def _check(self) -> None:
        if not self._process.running:
            raise NodeError(f'perception has ended; last it said: {self._last_words()}')

    def _last_words(self) -> str:
        lines = self._log.read_text(encoding='utf-8', errors='replace').split('\n')
        return next((line for line in reversed(lines) if line.strip()), 'nothing')

    def _start_node(self) -> None:
        self._process = NodeProcess('perception', self._parameters, {}, self._log, self._niceness)

    def _complete(self, stamps: Collection[int]) -> list[float]:
        """Return the latency of every image of these stamps of which all outputs have come, seconds."""
        outputs = sum(topic not in _WITHOUT_HEADER for topic in self._subscriptions)
        arrived = {stamp: last for stamp, (count, last) in self._arrived.items() if count == outputs}
        return [1e-9 * (arrived[stamp] - stamp) for stamp in stamps if stamp in arrived]

    def _take(self, data: bytes, info: MessageInfo) -> None:
        # Every other output begins with a header: after four bytes of encapsulation, the stamp.
        stamp = 1_000_000_000 * int.from_bytes(data[4:8], 'little') + int.from_bytes(data[8:12], 'little')
        count, last = self._arrived.get(stamp, (0, 0))
        self._arrived[stamp] = count + 1, max(last, info['received_timestamp'])

    def _read_diagnostics(self, array: DiagnosticArray) -> None:
        for status in array.status:
            if status.name == NODE:
                self._values, self._message = {value.key: value.value for value in status.values}, status.message

    def _stages(self) -> dict[str, float]:
        """Return the median milliseconds per stage."""
        return {
            key.removesuffix(' [ms]'): float(value)
            for key, value in self._values.items()
            if key.endswith(' [ms]') and not key.startswith('latency')
        }


def _ignore(data: bytes, info: MessageInfo) -> None:
    """Take an array of markers, which has no header of its own."""
