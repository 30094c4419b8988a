"""A ROS node that acts on detections: it publishes the tool tip nearest to the camera, and warns when it is too near.

    python examples/act_on_detections.py --ros-args -p least_distance:=0.03
    ros2 topic echo /nearest_tip

It listens to the node ``perception``; ``-r /perception/detections:=/rig/perception/detections`` names another one.
Depth is a guess until its scale is known, so take the distances for what they are.
"""

import math

import rclpy
from geometry_msgs.msg import PointStamped
from rclpy.executors import ExternalShutdownException
from rclpy.node import Node

from mt3dnet_ros.msg import Detection, DetectionArray

RELEASE = 1.1  # of the least distance, beyond which a warning ends: no flicker at the border


class NearestTip(Node):
    """Publishes ``nearest_tip``, a point in the camera's optical frame, for every image in which one is known."""

    def __init__(self) -> None:
        super().__init__('nearest_tip')
        self._least_distance = self.declare_parameter('least_distance', 0.04).value  # metres
        self._is_near = False
        self._publisher = self.create_publisher(PointStamped, 'nearest_tip', 1)
        self.create_subscription(DetectionArray, '/perception/detections', self._act, 1)

    def _act(self, message: DetectionArray) -> None:
        known = [item for item in message.detections if math.isfinite(item.tip.z)]  # NaN: no depth, or not calibrated
        if not known:
            return
        nearest = min(known, key=distance)
        self._publisher.publish(PointStamped(header=message.header, point=nearest.tip))
        self._warn(nearest)

    def _warn(self, nearest: Detection) -> None:
        was_near, now = self._is_near, distance(nearest)
        self._is_near = now < self._least_distance * (RELEASE if was_near else 1.0)
        if self._is_near and not was_near:
            self.get_logger().warning(f'{nearest.class_name} is {1000 * now:.0f} mm from the camera')
        elif was_near and not self._is_near:
            self.get_logger().info('no tool tip is near any more')


def distance(detection: Detection) -> float:
    """Return how far the tool tip is from the camera, metres."""
    return math.hypot(detection.tip.x, detection.tip.y, detection.tip.z)


def main() -> None:
    """Run the node until Ctrl-C."""
    try:
        with rclpy.init():
            rclpy.spin(NearestTip())
    except (KeyboardInterrupt, ExternalShutdownException):
        pass


if __name__ == '__main__':
    main()
