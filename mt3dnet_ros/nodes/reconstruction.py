"""The lifecycle node that fuses what perception sees into one surface of the tissue, without instruments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rclpy.clock import Clock, ClockType
from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn
from rclpy.parameter import Parameter
from std_srvs.srv import Trigger

from mt3dnet_ros.errors import MissingExtraError, MT3DNetError
from mt3dnet_ros.reconstruction.settings import ODOMETRY
from mt3dnet_ros.ros.diagnostics import ERROR, OK, Finding
from mt3dnet_ros.ros.frames.transform_tree import TransformTree
from mt3dnet_ros.ros.health import HealthMonitor
from mt3dnet_ros.ros.latest import LatestWorker
from mt3dnet_ros.ros.monitoring.clock import ClockMonitor
from mt3dnet_ros.ros.parameters.reconstruction import ReconstructionParameters
from mt3dnet_ros.ros.parameters.table import declare_parameters, read_parameters
from mt3dnet_ros.ros.reconstruction.inputs import ImageMessages, ReconstructionInputs
from mt3dnet_ros.ros.reconstruction.outputs import ReconstructionOutputs
from mt3dnet_ros.ros.reconstruction.poses import listen_to_tf
from mt3dnet_ros.ros.reconstruction.report import (
    ReconstructionSituation,
    reconstruction_findings,
    reconstruction_values,
)
from mt3dnet_ros.ros.reconstruction.views import ViewReader
from mt3dnet_ros.ros.reporter import Reporter
from mt3dnet_ros.ros.run import run_node

if TYPE_CHECKING:
    from mt3dnet_ros.ros.reconstruction.fusion import SurfaceFusion

REPORT_PERIOD = 1.0  # seconds
STOP_TIMEOUT = 5.0  # seconds that an image may take until it is given up
LOG_PERIOD = 5.0  # seconds between two messages of a kind


@dataclass(frozen=True)
class ConfiguredReconstruction:
    """What the node has from configuration to clean-up."""

    parameters: ReconstructionParameters
    fusion: SurfaceFusion
    outputs: ReconstructionOutputs


@dataclass(frozen=True)
class ActiveReconstruction:
    """What the node has while it is active."""

    inputs: ReconstructionInputs
    worker: LatestWorker[ImageMessages]
    tree: TransformTree | None

    def stop(self) -> bool:
        """Unsubscribe and end the work; False where it does not end."""
        self.inputs.close()
        ended = self.worker.stop(STOP_TIMEOUT)
        if self.tree is not None:
            self.tree.close()
        return ended


class ReconstructionNode(LifecycleNode):
    """Subscribes to perception and publishes the surface; ros/topics/reconstruction.py lists the topics."""

    def __init__(self, **options: Any) -> None:
        super().__init__('reconstruction', **options)
        self._configured: ConfiguredReconstruction | None = None
        self._active: ActiveReconstruction | None = None
        self._problem = ''  # why it is not configured
        self._health = HealthMonitor()
        declare_parameters(self, ReconstructionParameters, lambda: self._configured is not None)
        self.add_post_set_parameters_callback(self._apply)
        self.create_service(Trigger, '~/reset', self._reset)
        self.create_service(Trigger, '~/save', self._save)
        self._reporter, self._clock_monitor = Reporter(self), ClockMonitor(self.get_clock())
        self.create_timer(REPORT_PERIOD, self._report, clock=Clock(clock_type=ClockType.STEADY_TIME))

    def start(self) -> None:
        """Configure and activate, where the parameter ``autostart`` says so."""
        autostart = read_parameters(self, ReconstructionParameters).autostart
        if autostart and self.trigger_configure() == TransitionCallbackReturn.SUCCESS:
            self.trigger_activate()

    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Begin a surface; where open3d is not installed the node stays unconfigured and says so."""
        try:
            self._configured = self._configure(read_parameters(self, ReconstructionParameters))
            self._problem = ''
        except MissingExtraError as error:
            self._problem = str(error)
            self.get_logger().error(f'not configured: {self._problem}')
            return TransitionCallbackReturn.FAILURE
        return super().on_configure(state)

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Subscribe and start to work."""
        assert self._configured is not None  # rclpy activates configured nodes only
        result = super().on_activate(state)
        self._health.restart_silence()
        self._active = self._activate(self._configured)
        return result

    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Unsubscribe and end the work; the surface is kept."""
        if not self._stop():
            self.get_logger().error(f'the image in work did not end within {STOP_TIMEOUT} s')
            return TransitionCallbackReturn.ERROR
        return super().on_deactivate(state)

    def on_cleanup(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Free the surface."""
        self._forget()
        return super().on_cleanup(state)

    def on_shutdown(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Stop, from whatever state."""
        self._stop()
        self._forget()
        return super().on_shutdown(state)

    def on_error(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Return to the unconfigured state."""
        self._stop()
        self._forget()
        return TransitionCallbackReturn.SUCCESS

    def destroy_node(self) -> None:
        """End the work, free the surface, then end the node."""
        self._stop()
        self._forget()
        super().destroy_node()

    def _configure(self, parameters: ReconstructionParameters) -> ConfiguredReconstruction:
        from mt3dnet_ros.ros.reconstruction.fusion import SurfaceFusion  # open3d takes seconds to import

        publishes_tf = parameters.publish_tf and parameters.pose_source == ODOMETRY
        outputs = ReconstructionOutputs(self, publishes_tf, self._count_failure)
        reader = ViewReader(parameters, self._reject)
        fusion = SurfaceFusion(parameters, reader, outputs, self._health, self.get_clock())
        return ConfiguredReconstruction(parameters, fusion, outputs)

    def _activate(self, configured: ConfiguredReconstruction) -> ActiveReconstruction:
        parameters, fusion = configured.parameters, configured.fusion
        tree = listen_to_tf(self, parameters)
        fusion.poses.lookup = tree.lookup if tree else None
        worker: LatestWorker[ImageMessages] = LatestWorker(fusion, self._take_error, self._health.dropped)

        def receive(messages: ImageMessages) -> None:
            self._health.received()
            worker.put(messages)

        return ActiveReconstruction(ReconstructionInputs(self, parameters, receive, self._reject), worker, tree)

    def _stop(self) -> bool:
        active, self._active = self._active, None
        return active is None or active.stop()

    def _forget(self) -> None:
        configured, self._configured = self._configured, None
        if configured:
            configured.outputs.close()
            configured.fusion.close()

    def _apply(self, _: list[Parameter]) -> None:
        if self._configured:
            self._configured.fusion.apply(read_parameters(self, ReconstructionParameters))

    def _reset(self, _: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        return self._serve(response, lambda fusion: f'map {fusion.reset()} begins')

    def _save(self, _: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        return self._serve(response, lambda fusion: fusion.save())

    def _serve(self, response: Trigger.Response, work: Callable[[SurfaceFusion], str]) -> Trigger.Response:
        if self._configured is None:
            response.success, response.message = False, self._problem or 'the node is not configured'
            return response
        try:
            response.success, response.message = True, work(self._configured.fusion)
            self.get_logger().info(response.message)
        except MT3DNetError as error:
            response.success, response.message = False, str(error)
            self.get_logger().error(response.message)
        return response

    def _take_error(self, error: Exception) -> None:
        """Count an image that was not fused."""
        text = str(error) if isinstance(error, MT3DNetError) else f'{type(error).__name__}: {error}'
        self._health.refused(text)
        self.get_logger().error(text, throttle_duration_sec=LOG_PERIOD)

    def _reject(self, reason: str) -> None:
        """Count another message that cannot be used."""
        self._health.rejected(reason)
        self.get_logger().error(reason, throttle_duration_sec=LOG_PERIOD)

    def _count_failure(self, topic: str) -> None:
        if self.context.ok():  # not interrupted while an image was in work
            self._health.publish_failed(topic)

    def _report(self) -> None:
        if self._active:
            self._active.inputs.follow_publishers()
        situation = self._situation()
        if situation is None or self._configured is None:
            state = Finding('state', ERROR, f'not configured: {self._problem}', logged=True)
            self._reporter([state if self._problem else Finding('state', OK, 'unconfigured')], {})
            return
        inputs, points = self._active and self._active.inputs, self._configured.fusion.publishing.points
        figures = (inputs.unmatched, inputs.late) if inputs else (0, 0)
        values = reconstruction_values(situation, points, *figures)
        not_installed = ', '.join(self._configured.outputs.missing.values()) or 'none'
        self._reporter(self._findings(situation), values | {'outputs not installed': not_installed})

    def _findings(self, situation: ReconstructionSituation) -> list[Finding]:
        if self._active is None:
            return [Finding('state', OK, 'inactive')]
        wrong = [*self._active.inputs.findings(), *self._clock_monitor.findings()]
        return [*wrong, *reconstruction_findings(situation)]

    def _situation(self) -> ReconstructionSituation | None:
        if self._configured is None:
            return None
        fusion = self._configured.fusion
        return ReconstructionSituation(
            self._health.snapshot(),
            fusion.state,
            read_parameters(self, ReconstructionParameters),
            self._active.inputs.missing() if self._active else '',
            fusion.events.recent(),
            fusion.drift.problem,
            fusion.reader.camera.change,
        )


def main(args: list[str] | None = None) -> None:
    """Run the node until it is interrupted."""
    run_node(ReconstructionNode, args, ReconstructionNode.start, on_loss=ReconstructionNode._reject)


if __name__ == '__main__':
    main()
