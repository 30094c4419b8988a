"""The node ``simulated_ecm``: an ECM's kinematics behind the topics of the dVRK."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from rclpy.node import Node
from rclpy.parameter import Parameter
from sensor_msgs.msg import JointState

from mt3dnet_ros.guidance.ecm import Ecm
from mt3dnet_ros.guidance.signs_of_life.operating_state import OperatingState
from mt3dnet_ros.guidance.simulated_arm import SimulatedArm
from mt3dnet_ros.ros.guidance.messages import GuidanceMessageError, fill_joints, fill_pose, read_joints
from mt3dnet_ros.ros.messages.headers import SECOND, StampError, make_header, stamp_to_ns
from mt3dnet_ros.ros.monitoring.clock_log import log_stopped_clock
from mt3dnet_ros.ros.parameters.guidance_beside import SimulatedEcmParameters
from mt3dnet_ros.ros.parameters.table import declare_parameters, read_parameters
from mt3dnet_ros.ros.run import run_node
from mt3dnet_ros.ros.topics.guidance import (
    MEASURED_JOINTS,
    MEASURED_POSE,
    MOVE_JOINTS,
    OPERATING_STATE,
    SERVO_GOALS,
    SERVO_JOINTS,
    SETPOINT_JOINTS,
)

_LONGEST_STEP = 0.1  # seconds; a clock that jumps farther was set


class SimulatedEcm(Node):
    """Publishes measured_js, setpoint_js, measured_cp and operating_state; takes servo_jr, servo_jp and move_jp."""

    def __init__(self) -> None:
        super().__init__('simulated_ecm')
        declare_parameters(self, SimulatedEcmParameters)
        log_stopped_clock(self)
        parameters = read_parameters(self, SimulatedEcmParameters)
        start = np.array([parameters.yaw, parameters.pitch, parameters.insertion, parameters.roll])
        self._arm = SimulatedArm(Ecm(parameters.endoscope, parameters.model), start, parameters.time_constant)
        self.add_post_set_parameters_callback(self._apply)
        arm = parameters.arm
        self._base = f'{arm.strip("/")}_base'
        self._measured = MEASURED_JOINTS.of(arm=arm).publisher(self)
        self._setpoint = SETPOINT_JOINTS.of(arm=arm).publisher(self)
        self._pose = MEASURED_POSE.of(arm=arm).publisher(self)
        state = OPERATING_STATE.of(arm=arm)
        self._state = None if state.missing else state.publisher(self)
        self._said: OperatingState | None = None
        self._be(parameters)
        SERVO_JOINTS.of(arm=arm).subscription(self, self._command(self._arm.servo_jr))
        SERVO_GOALS.of(arm=arm).subscription(self, self._command(self._arm.servo_jp))
        MOVE_JOINTS.of(arm=arm).subscription(self, self._command(self._arm.move_jp))
        self._commands: list[tuple[int, Callable[[np.ndarray], None], np.ndarray]] = []  # that wait for their time
        self._refused = ''  # why a command was refused last
        self._time = self.get_clock().now().nanoseconds
        self.create_timer(1.0 / parameters.rate, self._step)

    def _command(self, execute: Callable[[np.ndarray], None]) -> Callable[[JointState], None]:
        def receive(message: JointState) -> None:
            try:
                joints = read_joints(message, may_be_nameless=True)
                if not np.isfinite(joints).all():
                    raise GuidanceMessageError(f'joint command {joints.tolist()} is not finite')
                stamp = stamp_to_ns(message.header.stamp)
                self._check_time(stamp)
            except (GuidanceMessageError, StampError) as error:
                self._refuse(str(error))
            else:
                self._commands.append((stamp, execute, joints))

        return receive

    def _refuse(self, reason: str) -> None:
        if reason != self._refused:  # a hundred a second may come
            self.get_logger().error(reason)
        self._refused = reason

    def _check_time(self, stamp: int) -> None:
        ahead = (stamp - self.get_clock().now().nanoseconds) / SECOND
        if ahead > _LONGEST_STEP:
            raise GuidanceMessageError(
                f'joint command is stamped {ahead:.1f} s ahead; let both nodes have the same clock (use_sim_time)'
            )

    def _step(self) -> None:
        now = self.get_clock().now().nanoseconds
        elapsed, self._time = (now - self._time) / SECOND, now
        self._execute_commands(now)
        if 0.0 < elapsed <= _LONGEST_STEP:
            self._arm.step(elapsed)
        header = make_header(now, self._base)
        self._measured.publish(fill_joints(self._arm.joints, header, self._arm.velocity))
        self._setpoint.publish(fill_joints(self._arm.setpoint, header))
        self._pose.publish(fill_pose(self._arm.ecm.tip_pose(self._arm.joints), header))

    def _execute_commands(self, now: int) -> None:
        """Execute what was commanded before now; a command takes effect from its stamp on, however fast it came."""
        due = [command for command in self._commands if command[0] < now]
        self._commands = [command for command in self._commands if command[0] >= now]
        for _, execute, joints in due:
            execute(joints)

    def _be(self, parameters: SimulatedEcmParameters) -> None:
        """Move, or not, as the parameters say, and say so, where they have changed that."""
        state = OperatingState(parameters.state, parameters.homed)
        self._arm.freeze(parameters.frozen or bool(state.objection))
        if self._state and state != self._said:
            header = make_header(self.get_clock().now().nanoseconds, '')
            message = self._state.msg_type(header=header, state=state.name, is_homed=state.is_homed)
            self._state.publish(message)
        self._said = state

    def _apply(self, _: list[Parameter]) -> None:
        self._be(read_parameters(self, SimulatedEcmParameters))


def main(args: list[str] | None = None) -> None:
    """Run the node until it is interrupted."""
    run_node(SimulatedEcm, args)


if __name__ == '__main__':
    main()
