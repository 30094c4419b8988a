"""A process that subscribes to every output of perception and never reads: `python FILE`."""

from __future__ import annotations

import time

import rclpy
from rclpy.qos import QoSProfile, ReliabilityPolicy

from mt3dnet_ros.ros.topics.perception import OUTPUTS

if __name__ == '__main__':
    rclpy.init()
    node = rclpy.create_node('deaf')
    profile = QoSProfile(depth=1, reliability=ReliabilityPolicy.RELIABLE)
    wanted = [output for output in OUTPUTS if not output.missing]
    kept = [
        node.create_subscription(output.message_class, output.below('/perception'), print, profile) for output in wanted
    ]
    print(f'deaf to {len(kept)} topics', flush=True)
    while True:
        time.sleep(1.0)
