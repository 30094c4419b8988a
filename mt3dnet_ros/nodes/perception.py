"""The lifecycle node that turns an endoscope's images into masks, detections, depth and points."""

from __future__ import annotations

import gc
import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from rclpy.clock import Clock, ClockType
from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn
from rclpy.parameter import Parameter

from mt3dnet_ros.perception.back_ends.relay import BackEndFailedError, BackEndWarning
from mt3dnet_ros.ros.diagnostics import ERROR, OK, Finding, health_values
from mt3dnet_ros.ros.evidence.gatherer import EvidenceGatherer, check_files
from mt3dnet_ros.ros.health import Health, HealthMonitor
from mt3dnet_ros.ros.latest_camera import LatestCamera
from mt3dnet_ros.ros.messages.headers import make_header
from mt3dnet_ros.ros.monitoring.clock import ClockMonitor
from mt3dnet_ros.ros.monitoring.judge import Situation, judge
from mt3dnet_ros.ros.outputs import Publishers
from mt3dnet_ros.ros.parameters.perception import PerceptionParameters
from mt3dnet_ros.ros.parameters.table import declare_parameters, read_parameters
from mt3dnet_ros.ros.reporter import Reporter
from mt3dnet_ros.ros.run import run_node
from mt3dnet_ros.ros.stream import Stream
from mt3dnet_ros.ros.topics.perception import BY_KEY, CAMERA_INFO

if TYPE_CHECKING:
    from mt3dnet_ros.ros.processor import FrameProcessor

REPORT_PERIOD = 1.0  # seconds
STOP_TIMEOUT = 1.5  # seconds that a frame may take until it is given up
LOG_PERIOD = 5.0  # seconds between two messages of a kind


@dataclass(frozen=True)
class ActivePerception:
    """What the node has while it is active."""

    processor: FrameProcessor
    stream: Stream
    beside: EvidenceGatherer

    def stop(self) -> bool:
        """Unsubscribe, end the work and forget the frames that were seen; False where the work does not end."""
        ended = self.stream.close(STOP_TIMEOUT)
        self.beside.close()
        self.processor.beside = None
        if ended:
            self.processor.reset()
        return ended

    def follow_publishers(self) -> None:
        """Ask for what the publishers of now offer; to be called regularly."""
        self.stream.follow_publishers()
        self.beside.follow_publishers()


class PerceptionNode(LifecycleNode):
    """Subscribes to images and CameraInfo and publishes what is seen; ros/topics/perception.py lists the topics."""

    def __init__(self, **options: Any) -> None:
        super().__init__('perception', **options)
        self._processor: FrameProcessor | None = None  # while configured
        self._active: ActivePerception | None = None
        self._problem = ''  # why it is not configured
        self._failure = ''  # why it is not active any more
        self._health = HealthMonitor()
        declare_parameters(self, PerceptionParameters, is_configured=lambda: self._processor is not None)
        self._settings = read_parameters(self, PerceptionParameters)
        self.add_post_set_parameters_callback(self._apply)
        self._reporter, self._clock_monitor = Reporter(self), ClockMonitor(self.get_clock())
        self.create_timer(REPORT_PERIOD, self._report, clock=Clock(clock_type=ClockType.STEADY_TIME))

    def start(self) -> None:
        """Configure and activate, where the parameter ``autostart`` says so."""
        if self._settings.autostart and self.trigger_configure() == TransitionCallbackReturn.SUCCESS:
            self.trigger_activate()

    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Load the network; where that fails the node stays unconfigured and says why."""
        try:
            self._processor = self._load()
            self._problem = ''
        except Exception as error:  # rclpy would swallow it
            self._problem = _text(error)
            self.get_logger().error(f'not configured: {self._problem}')
            return TransitionCallbackReturn.FAILURE
        return super().on_configure(state)

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Subscribe and start to work."""
        assert self._processor is not None  # rclpy activates configured nodes only
        self._failure = ''
        result = super().on_activate(state)
        self._publish_labels(self._processor)
        self._active = self._activate(self._processor)
        device, source = self._processor.perceiver.back_end.device, self._active.stream.images.describe()
        self.get_logger().info(f'active on {device}, waiting for images on {source}')
        return result

    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Unsubscribe, end the work and forget the frames that were seen."""
        if not self._stop():
            self.get_logger().error(f'the frame in work did not end within {STOP_TIMEOUT} s')
            return TransitionCallbackReturn.ERROR
        return super().on_deactivate(state)

    def on_cleanup(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Free the network."""
        self._unload()
        return super().on_cleanup(state)

    def on_shutdown(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Stop, from whatever state."""
        self._stop()
        self._unload()
        return super().on_shutdown(state)

    def on_error(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Return to the unconfigured state."""
        self._stop()
        self._unload()
        return TransitionCallbackReturn.SUCCESS

    def destroy_node(self) -> None:
        """End the work, then the node."""
        self._stop()
        super().destroy_node()

    def _load(self) -> FrameProcessor:
        from mt3dnet_ros.perception.loading import load  # PyTorch takes seconds to import
        from mt3dnet_ros.ros.processor import FrameProcessor

        now = self._settings
        check_files(now)
        # A thread that runs PyTorch gets helpers of its own. Where more wait than there are cores, they fall asleep
        # between operations, and the network takes twice as long: here they end with the thread that first ran it.
        with ThreadPoolExecutor(1) as apart, warnings.catch_warnings(record=True) as said:
            start = partial(load, now.checkpoint, now.device, now.back_end, now.threads, serve_meanwhile=True)
            perceiver = apart.submit(start).result()
        for warning in said:
            self.get_logger().warning(str(warning.message))
        publishers = Publishers(self, self._count_failure)
        camera = LatestCamera(now.rectified, self._reject, self.resolve_topic_name(CAMERA_INFO.name))
        return FrameProcessor(perceiver, publishers, camera, self._health, self.get_clock(), now)

    def _activate(self, processor: FrameProcessor) -> ActivePerception:
        beside = EvidenceGatherer(self, self._settings, processor.camera, self._reject)
        processor.beside = beside
        stream = Stream(
            self,
            self._settings.image_transport,
            self._settings.image_qos,
            processor.camera,
            self._health,
            work=processor,
            on_error=self._take_error,
        )
        return ActivePerception(processor, stream, beside)

    def _unload(self) -> None:
        if self._processor is None:
            return
        self._processor.publishers.close()
        self._processor.perceiver.back_end.close()
        self._processor = None
        gc.collect()

    def _stop(self) -> bool:
        active, self._active = self._active, None
        return active is None or active.stop()

    def _take_error(self, error: Exception) -> None:
        """Count an image that was not perceived, and see to it that the node rests where none would be."""
        if isinstance(error, BackEndFailedError):
            self._failure = str(error)
        self._refuse(_text(error))

    def _refuse(self, reason: str) -> None:
        """Count an image that cannot be used."""
        self._health.refused(reason)
        self.get_logger().error(reason, throttle_duration_sec=LOG_PERIOD)

    def _reject(self, reason: str) -> None:
        """Count another message that cannot be used."""
        self._health.rejected(reason)
        self.get_logger().error(reason, throttle_duration_sec=LOG_PERIOD)

    def _count_failure(self, topic: str) -> None:
        if not self.context.ok():  # interrupted while a frame was in work
            return
        self._health.publish_failed(topic)
        self.get_logger().warning(
            f'{topic} could not be published: its subscribers do not keep up', throttle_duration_sec=LOG_PERIOD
        )

    def _apply(self, _: list[Parameter]) -> None:
        before, self._settings = self._settings, read_parameters(self, PerceptionParameters)
        if self._processor is not None:
            self._processor.apply(self._settings)
        if self._active is not None and before.score_threshold != self._settings.score_threshold:
            self._publish_labels(self._active.processor)

    def _publish_labels(self, processor: FrameProcessor) -> None:
        header = make_header(self.get_clock().now().nanoseconds, self._settings.frame_id)
        processor.publishers.publish_labels(processor.perceiver.taxonomy, self._settings.score_threshold, header)

    def _report(self) -> None:
        if self._active is not None and self._failure:
            self.get_logger().fatal(f'not active any more: {self._failure}')
            self.trigger_deactivate()
        if self._active is not None:
            self._active.follow_publishers()
        health = self._health.snapshot()
        values = {'checkpoint': self._settings.checkpoint or 'shipped', 'back end': self._settings.back_end}
        values |= (self._processor.describe() if self._processor else {}) | health_values(health)
        self._reporter(self._findings(health), values, values.get('device', ''))

    def _findings(self, health: Health) -> list[Finding]:
        clock = self._clock_monitor.findings()
        if self._processor is None:
            problem = Finding('state', ERROR, f'not configured: {self._problem}', logged=True)
            return [problem if self._problem else Finding('state', OK, 'unconfigured')]
        if self._active is None:
            failure = Finding('state', ERROR, f'inactive: {self._failure}', logged=True)
            return [failure if self._failure else Finding('state', OK, 'inactive')]
        stream = self._active.stream
        judged = judge(self._situation(health, self._processor, stream))
        return [*stream.findings(), *clock, *judged, *self._active.beside.findings()]

    def _situation(self, health: Health, processor: FrameProcessor, stream: Stream) -> Situation:
        camera = processor.camera
        return Situation(
            health,
            source=stream.images.describe(),
            patience=self._settings.no_image_warning,
            pictures=processor.pictures.snapshot(),
            frozen_timeout=self._settings.frozen_timeout,
            calibration=camera.problem if camera.arrived else f'{camera.problem}; {stream.infos.describe()}',
            camera_change=camera.change,
            scale=processor.scale.snapshot().scale,
            silent_eye=processor.scale.unanswered(self._settings.no_image_warning),
            unknown_shafts=tuple(processor.unknown_shafts()),
            back_end=processor.back_end_problem,
            doubt=processor.decoder.doubt,
            subscribed=tuple(processor.subscribed()),
            disabled=tuple(processor.disabled()),
            missing=tuple(processor.missing()),
            example=processor.publishers.names[BY_KEY['overlay']],
        )


def _text(error: Exception) -> str:
    """Return what an error says; one that was not foreseen also says its type."""
    foreseen = type(error).__module__.startswith('mt3dnet_ros.')
    return str(error) if foreseen else f'{type(error).__name__}: {error}'


def main(args: list[str] | None = None) -> None:
    """Run the node until it is interrupted."""
    warnings.simplefilter('ignore', BackEndWarning)  # diagnostics say it, and log it
    run_node(PerceptionNode, args, PerceptionNode.start, on_loss=PerceptionNode._reject)


if __name__ == '__main__':
    main()
