"""The node ``recorder``: topics, as they come, into a recording."""

from __future__ import annotations

import sys
from contextlib import ExitStack

from rclpy.clock import Clock, ClockType
from rclpy.impl.implementation_singleton import rclpy_implementation
from rclpy.logging import get_logger
from rclpy.node import Node
from rclpy.topic_endpoint_info import TopicEndpointInfo

from mt3dnet_ros.errors import InputError
from mt3dnet_ros.ros.message_types import MessageTypeError, load_message_class
from mt3dnet_ros.ros.monitoring.clock_log import log_stopped_clock
from mt3dnet_ros.ros.monitoring.simulated_time import simulated_time
from mt3dnet_ros.ros.parameters.table import declare_parameters, read_parameters
from mt3dnet_ros.ros.parameters.video import RecorderParameters
from mt3dnet_ros.ros.recording.file import RecordingFile
from mt3dnet_ros.ros.recording.output import RecordingError
from mt3dnet_ros.ros.recording.recorded_topic import RecordedTopic
from mt3dnet_ros.ros.recording.report import Progress, RecordingReport
from mt3dnet_ros.ros.recording.thread import RecordingThread
from mt3dnet_ros.ros.reporter import Reporter
from mt3dnet_ros.ros.run import run_node
from mt3dnet_ros.ros.topics.topic import DIAGNOSTICS
from mt3dnet_ros.ros.topics.video import recorded_topics

_MEBIBYTE = 1024 * 1024
_REPORTING = 1.0  # s
_PATIENCE = 0.02  # s; the queue of a topic holds many times what comes meanwhile
_NO_CLOCK = 'nothing has come on /clock, which use_sim_time waits for'


class Recorder(Node):
    """Subscribes to topics as soon as they have a publisher and writes their messages without deserialising them."""

    def __init__(self) -> None:
        super().__init__('recorder')
        self._opened = ExitStack()  # what ends with the node
        declare_parameters(self, RecorderParameters)
        parameters = read_parameters(self, RecorderParameters)
        by_itself = recorded_topics(parameters.perception_ns, parameters.reconstruction_ns)
        topics = map(self._resolve, parameters.topics or by_itself)
        self._waiting = dict.fromkeys(topics, 'had no publisher')  # why a topic is not recorded
        self._recorded: dict[str, RecordedTopic] = {}
        self._file = RecordingFile(parameters.output, parameters.compression, parameters.overwrite)
        self._thread = RecordingThread(self._file, parameters.buffer * _MEBIBYTE)
        self._opened.callback(self._finish)
        # Simulated time may not have begun, or stand still.
        self.create_timer(0.1, self._look_for_publishers, clock=Clock(clock_type=ClockType.STEADY_TIME))
        self._reporter, self._report = Reporter(self), RecordingReport(parameters.buffer * _MEBIBYTE)
        self.create_timer(_REPORTING, self._publish_report, clock=Clock(clock_type=ClockType.STEADY_TIME))
        log_stopped_clock(self)
        start = ' once /clock runs' if simulated_time(self) == 0 else ''
        self.get_logger().info(f"recording {len(self._waiting)} topics to '{self._file.path}'{start}")

    def _resolve(self, topic: str) -> str:
        try:
            return self.resolve_topic_name(topic)
        except rclpy_implementation.RCLError as error:
            reason = str(error).removeprefix('failed to resolve name: ').partition(', at /')[0]
            raise InputError(f"parameter topics: '{topic}' is no name of a topic: {reason}") from error

    def _look_for_publishers(self) -> None:
        if self._thread.error:
            raise RecordingError(
                f"recording '{self._file.path}' stopped: {self._thread.error}; it can be read up to here"
            )
        if simulated_time(self) == 0:  # messages would have no time
            return
        for topic in self._waiting:
            if publishers := self.get_publishers_info_by_topic(topic):
                self._record(topic, publishers)
        for topic, recorded in self._recorded.items():
            self._waiting.pop(topic, None)
            recorded.follow_publishers()

    def _record(self, topic: str, publishers: list[TopicEndpointInfo]) -> None:
        message_type = publishers[0].topic_type
        try:
            message_class = load_message_class(message_type)
            self._file.add_topic(topic, message_type, [i for i in publishers if i.topic_type == message_type])
        except MessageTypeError as error:
            self._waiting[topic] = f'cannot be recorded: {error}'
            self.get_logger().error(f"'{topic}' {self._waiting[topic]}", throttle_duration_sec=60.0)
        else:
            self._recorded[topic] = RecordedTopic(self, topic, message_type, message_class, self._thread.put)

    def _publish_report(self) -> None:
        now = self._progress()
        self._reporter(self._report.findings(now), self._report.values(now))

    def _progress(self) -> Progress:
        """Return how far the recording is; the node's own diagnostics, and others', are no sign that it works."""
        taken = sum(recorded.taken for topic, recorded in self._recorded.items() if topic != DIAGNOSTICS.name)
        lost = sum(recorded.lost for recorded in self._recorded.values())
        return Progress(taken, lost, self._thread.waiting, len(self._recorded), len(self._waiting))

    def destroy_node(self) -> None:
        """Finish the recording and say what is in it."""
        self._opened.close()
        super().destroy_node()

    def _finish(self) -> None:
        logger = get_logger('recorder')
        try:
            self._thread.close()
        except Exception as error:
            logger.fatal(f"recording '{self._file.path}' ends early: {error}")
        no_clock = simulated_time(self) == 0
        for topic, reason in self._waiting.items():
            logger.warning(f"'{topic}' {_NO_CLOCK if no_clock else reason}")
        counts, lost = self._file.counts, 0
        for topic, recorded in self._recorded.items():
            missing = recorded.lost + recorded.taken - counts[topic]
            lost += missing
            logger.info(f'{topic}: {counts[topic]} messages' + (f', {missing} lost' if missing else ''))
        total = sum(counts.values())
        logger.info(f"'{self._file.path}' has {total} messages of {len(self._recorded)} topics, {lost} lost")


def main(args: list[str] | None = None) -> None:
    """Run the node until Ctrl-C; end with status 1 where the recording cannot be written."""
    try:
        run_node(Recorder, args, patience=_PATIENCE)
    except (RecordingError, InputError) as error:
        get_logger('recorder').fatal(str(error))
        sys.exit(1)
