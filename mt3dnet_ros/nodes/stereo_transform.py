"""The node ``stereo_transform``: where the right eye of a stereo endoscope is, for tf2."""

from __future__ import annotations

import sys

from geometry_msgs.msg import TransformStamped
from rclpy.clock import Clock, ClockType
from rclpy.logging import get_logger
from rclpy.node import Node

from mt3dnet_ros.media.calibration.camera_calibration import CameraCalibrationError
from mt3dnet_ros.media.calibration.stereo import StereoTransform
from mt3dnet_ros.ros.frames.output_frame import OutputFrame
from mt3dnet_ros.ros.frames.pair_calibration import PairCalibration
from mt3dnet_ros.ros.frames.static_transform import OtherTransforms, StaticTransform
from mt3dnet_ros.ros.messages.transforms import fill_transform, quaternion_of
from mt3dnet_ros.ros.parameters.rig import StereoTransformParameters
from mt3dnet_ros.ros.parameters.table import declare_parameters, read_parameters
from mt3dnet_ros.ros.run import run_node

_PERIOD = 1.0  # seconds between two looks at what is known by now
_PATIENCE = 15.0  # seconds before it is said what is missing


class StereoTransformPublisher(Node):
    """Publishes the transform on ``/tf_static``, latched, once it and the frames of both eyes are known."""

    def __init__(self) -> None:
        super().__init__('stereo_transform')
        declare_parameters(self, StereoTransformParameters)
        parameters = read_parameters(self, StereoTransformParameters)
        self._transform, self._others = StaticTransform(self), OtherTransforms(self)
        self._pair = PairCalibration(self, *_files(parameters))
        self._left = OutputFrame(self, parameters.left_perception_ns, parameters.left_frame)
        self._right = OutputFrame(self, parameters.right_perception_ns, parameters.right_frame)
        self._rectified = parameters.rectified
        self._looks, self._said = 0, ''
        self._timer = self.create_timer(_PERIOD, self._look, clock=Clock(clock_type=ClockType.STEADY_TIME))

    def _look(self) -> None:
        self._looks += 1
        problem = self._pair.problem or self._left.problem or self._right.problem or self._conflict()
        pair = self._pair.transform
        if not problem and pair is not None:
            self._publish(pair.rectified() if self._rectified else pair)
        elif problem != self._said and self._looks * _PERIOD >= _PATIENCE:
            self._said = problem
            self.get_logger().warning(f'the transform between the eyes is not published yet: {problem}')

    def _conflict(self) -> str:
        """Return why the tree of frames would be no tree; empty where it is one."""
        left, right = self._left.frame, self._right.frame
        if left == right:
            return f"the images of both eyes are in the frame '{left}': name two (left_frame, right_frame)"
        parent = self._others.parents.get(right, '')
        return f"'{right}' is already placed in '{parent}': switch that or this node off" if parent else ''

    def _publish(self, pair: StereoTransform) -> None:
        self._timer.cancel()
        self._others.close()
        transform = _pose_of_right(pair, self._left.frame, self._right.frame)
        transform.header.stamp = self.get_clock().now().to_msg()
        self._transform.publish(transform)
        if pair.remark:
            self.get_logger().warning(pair.remark)
        self.get_logger().info(
            f"'{self._right.frame}' is in '{self._left.frame}' as calibrated: {1e3 * pair.baseline:.2f} mm beside it"
        )


def _files(parameters: StereoTransformParameters) -> list[str]:
    """Return the file of the pair, or one for each eye; none where the CameraInfo of both tell.

    :raises CameraCalibrationError: one eye has a file and the other has none
    """
    if parameters.calibration:
        return [parameters.calibration]
    files = [parameters.left_calibration, parameters.right_calibration]
    if any(files) and not all(files):
        raise CameraCalibrationError(f'left and right calibration {files}: name both or none, or a file of the pair')
    return list(filter(None, files))


def _pose_of_right(pair: StereoTransform, left: str, right: str) -> TransformStamped:
    """Return the pose of the right camera in the frame of the left one, the inverse of what takes points there."""
    rotation = pair.rotation.T
    return fill_transform(left, right, -rotation @ pair.translation, quaternion_of(rotation))


def main(args: list[str] | None = None) -> None:
    """Run the node until Ctrl-C; end with status 1 where the file cannot be used or transforms cannot be published."""
    try:
        run_node(StereoTransformPublisher, args)
    except (CameraCalibrationError, ImportError) as error:
        get_logger('stereo_transform').fatal(str(error))
        sys.exit(1)
