"""A camera and a perception in one process, which show the same pictures again and again, perceived beforehand."""

from __future__ import annotations

import time
from itertools import count
from typing import Any

import numpy as np
import rclpy

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.perception.frame import Frame
from mt3dnet_ros.perception.loading import load
from mt3dnet_ros.perception.perceiver import Perceiver
from mt3dnet_ros.ros.messages.camera_info import info_from_camera
from mt3dnet_ros.ros.messages.detections import fill_detections
from mt3dnet_ros.ros.messages.headers import make_header, stamp_from_ns
from mt3dnet_ros.ros.messages.images import fill_image
from mt3dnet_ros.ros.qos import OUTPUT
from speed.pictures import camera_of, read_pictures

_PICTURES = 16
_OUTPUTS = frozenset({'labels', 'depth', 'detections', 'tracks'})
_TOPICS = {
    'segmentation/labels': 'labels',
    'detections': 'detections',
    'depth/image': 'depth',
    'depth/camera_info': 'camera_info',
}


def run_perceived_camera(source: str, size: tuple[int, int], rate: float, perception: str) -> None:
    """Publish images with what is perceived in them, forth and back, until the process is ended.

    :param source: video or folder
    :param size: width and height in pixels
    :param rate: images per second
    :param perception: name of the node that these outputs have
    """
    camera, perceiver = camera_of(size), load()
    seen = [_perceive(perceiver, picture, camera) for picture in read_pictures(source, size, _PICTURES)]
    rclpy.init(args=[], signal_handler_options=rclpy.SignalHandlerOptions.NO)
    node = rclpy.create_node('perceived_camera')
    names = {key: f'{perception}/{topic}' for topic, key in _TOPICS.items()} | {'image': 'image'}
    publishers = {key: node.create_publisher(type(seen[0][key]), name, OUTPUT) for key, name in names.items()}
    order, due = [*seen, *reversed(seen)], time.perf_counter()
    for index in count():
        due += 1.0 / rate
        time.sleep(max(0.0, due - time.perf_counter()))
        stamp = stamp_from_ns(node.get_clock().now().nanoseconds)
        for key, publisher in publishers.items():
            message = order[index % len(order)][key]
            message.header.stamp = stamp
            publisher.publish(message)


def _perceive(perceiver: Perceiver, picture: np.ndarray, camera: Camera) -> dict[str, Any]:
    """Return the messages of a picture, the image among them, by what they are."""
    scene, header = perceiver(Frame(picture), camera, _OUTPUTS), make_header(0, 'scope')
    assert scene.labels is not None and scene.depth is not None  # for mypy
    return {
        'labels': fill_image(scene.labels, 'mono8', header),
        'detections': fill_detections(scene.detections or [], header),
        'depth': fill_image(scene.depth, '32FC1', header),
        'camera_info': info_from_camera(camera, header),
        'image': fill_image(picture, 'rgb8', header),
    }
