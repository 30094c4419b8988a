"""Draw what config/rviz/mono.rviz shows of a recording, where RViz is not installed.

Use: python benchmark/draw_views.py demo_output/recording docs/images/views.jpg [--labels]
"""

from __future__ import annotations

import argparse
import math
from itertools import product
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from rclpy.serialization import deserialize_message
from sensor_msgs.msg import Image
from visualization_msgs.msg import Marker, MarkerArray

from mt3dnet_ros.demo.recording import read_messages, summarise
from mt3dnet_ros.ros.messages.clouds import read_cloud
from mt3dnet_ros.ros.messages.headers import stamp_to_ns
from mt3dnet_ros.ros.messages.images import decode_image
from mt3dnet_ros.ros.topics.perception import BY_KEY

NODE = '/perception'
SHOWN = tuple(BY_KEY[key] for key in ('overlay', 'saliency', 'depth/image', 'points', 'markers', 'gaze'))
NEAR, FAR = 0.02, 0.2  # metres: black and white of the depth image in mono.rviz
LAST_LABEL = 8  # the highest of its display Labels
WIDTH, HEIGHT, SMALL, FOCAL = 900, 768, 480, 900.0  # pixels
FOCUS, DISTANCE, PITCH, YAW = np.array([0.0, 0.0, 0.08]), 0.2, -0.9, 4.712  # of mono.rviz
BACKGROUND, GAZE = (48, 48, 48), (255, 255, 0)


class Orbit:
    """RViz's orbiting view: it looks at a focal point from yaw and pitch, with the fixed frame's z upwards."""

    def __init__(self) -> None:
        back = np.array([math.cos(YAW) * math.cos(PITCH), math.sin(YAW) * math.cos(PITCH), math.sin(PITCH)])
        right = np.cross((0.0, 0.0, 1.0), back)
        right /= np.linalg.norm(right)
        self._axes = np.stack([right, -np.cross(back, right), -back])  # right, down, away
        self._eye = FOCUS + DISTANCE * back
        self.picture = np.full((HEIGHT, WIDTH, 3), BACKGROUND, np.uint8)

    def project(self, points: Any) -> tuple[np.ndarray, np.ndarray]:
        """Return pixels (N, 2) and distances (N) of points (N, 3) in metres."""
        seen = (np.asarray(points, float).reshape(-1, 3) - self._eye) @ self._axes.T
        with np.errstate(divide='ignore', invalid='ignore'):
            return FOCAL * seen[:, :2] / seen[:, 2:] + (WIDTH / 2, HEIGHT / 2), seen[:, 2]

    def draw_cloud(self, xyz: np.ndarray, rgb: np.ndarray) -> None:
        """Draw points of two pixels, the nearest last."""
        known = np.isfinite(xyz).all(-1)
        pixels, distance = self.project(xyz[known])
        order = np.argsort(-distance)
        columns, rows = pixels[order].astype(int).T
        for right, down in product((0, 1), repeat=2):
            inside = (columns >= 0) & (rows >= 0) & (columns < WIDTH - 1) & (rows < HEIGHT - 1)
            self.picture[rows[inside] + down, columns[inside] + right] = rgb[known][order][inside]

    def draw_lines(self, points: Any, color: tuple[int, int, int]) -> None:
        """Draw a line through points."""
        pixels = self.project(points)[0].round().astype(np.int32)
        cv2.polylines(self.picture, [pixels], False, color, 1, cv2.LINE_AA)

    def draw_ball(self, point: Any, radius: float, color: tuple[int, int, int]) -> None:
        """Draw a ball of a radius in metres."""
        (pixel,), (distance,) = self.project(point)
        size = max(2, round(FOCAL * radius / distance))
        cv2.circle(self.picture, pixel.round().astype(int).tolist(), size, color, -1, cv2.LINE_AA)

    def draw_text(self, point: Any, text: str, color: tuple[int, int, int]) -> None:
        """Draw a text around a point."""
        (width, _), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, 0.5, 1)
        column, row = self.project(point)[0][0].round().astype(int).tolist()
        at = (column - width // 2, row)
        cv2.putText(self.picture, text, at, cv2.FONT_HERSHEY_SIMPLEX, 0.5, color, 1, cv2.LINE_AA)

    def draw_marker(self, marker: Marker) -> None:
        """Draw a marker of the types that perception publishes."""
        position = np.array([marker.pose.position.x, marker.pose.position.y, marker.pose.position.z])
        red, green, blue = (int(255 * value) for value in (marker.color.r, marker.color.g, marker.color.b))
        color = (red, green, blue)
        if marker.type == Marker.CUBE:
            size = np.array([marker.scale.x, marker.scale.y, marker.scale.z])
            corners = position + 0.5 * size * np.array(list(product((-1, 1), repeat=3)))
            for first, second in ((a, b) for a in range(8) for b in range(a) if (a ^ b) in (1, 2, 4)):
                self.draw_lines(corners[[first, second]], color)
        elif marker.type == Marker.TEXT_VIEW_FACING:
            self.draw_text(position, marker.text, color)
        elif marker.type == Marker.SPHERE:
            self.draw_ball(position, 0.5 * marker.scale.x, color)
        elif marker.type == Marker.LINE_STRIP:
            self.draw_lines([(point.x, point.y, point.z) for point in marker.points], color)


def messages_at(path: Path, stamp: int) -> dict[str, Any]:
    """Return the messages of one moment by topic, without the node's name."""
    found: dict[str, Any] = {}
    outputs = {output.below(NODE): output for output in SHOWN}
    for topic, record in read_messages(path, list(outputs)):
        message: Any = deserialize_message(record.data, outputs[topic].message_class)
        header = message.markers[0].header if isinstance(message, MarkerArray) else message.header
        if stamp_to_ns(header.stamp) == stamp:
            found[outputs[topic].key] = message
    return found


def draw_scene(messages: dict[str, Any], by_label: bool) -> np.ndarray:
    """Return the cloud with axes, markers and gaze, (HEIGHT, WIDTH, 3) uint8 RGB."""
    orbit = Orbit()
    cloud = read_cloud(messages['points'])
    orbit.draw_cloud(cloud.xyz, label_colors(cloud.labels) if by_label else cloud.rgb)
    for axis, color in zip(np.eye(3), ((255, 0, 0), (0, 255, 0), (80, 80, 255)), strict=True):
        orbit.draw_lines([np.zeros(3), 0.01 * axis], color)
    for marker in messages['markers'].markers:
        orbit.draw_marker(marker)
    if 'gaze' in messages:
        point = messages['gaze'].point
        orbit.draw_ball((point.x, point.y, point.z), 0.003, GAZE)
    return orbit.picture


def draw_images(messages: dict[str, Any]) -> np.ndarray:
    """Return the image displays below each other, (HEIGHT, SMALL, 3) uint8 RGB."""
    images = [decode_image(messages[name]) for name in ('overlay', 'saliency') if name in messages]
    grey = 255 * (decode_depth(messages['depth/image']) - NEAR) / (FAR - NEAR)
    images.append(np.dstack([np.nan_to_num(np.clip(grey, 0, 255)).astype(np.uint8)] * 3))
    column = np.full((HEIGHT, SMALL, 3), BACKGROUND, np.uint8)
    each = HEIGHT // len(images)
    for number, image in enumerate(images):
        scale = min(SMALL / image.shape[1], each / image.shape[0])
        small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        column[number * each : number * each + small.shape[0], : small.shape[1]] = small
    return column


def label_colors(labels: np.ndarray) -> np.ndarray:
    """Return RViz's rainbow from 0 to LAST_LABEL for labels (h, w), (h, w, 3) uint8: hues from red to magenta."""
    hue = np.clip(150.0 * labels / LAST_LABEL, 0, 150)  # OpenCV counts hues to 180
    hsv = np.dstack([hue, np.full(labels.shape, 255), np.full(labels.shape, 255)]).astype(np.uint8)
    return cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB)


def decode_depth(message: Image) -> np.ndarray:
    """Return a 32FC1 image, (H, W) float32."""
    return np.frombuffer(message.data, np.float32).reshape(message.height, message.width)


def main() -> None:
    """Draw the moment of a recording whose detections have the highest scores."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('recording', type=Path)
    parser.add_argument('picture', type=Path)
    parser.add_argument('--labels', action='store_true', help='the display Labels in place of Points')
    arguments = parser.parse_args()
    messages = messages_at(arguments.recording, summarise(arguments.recording).best_stamp())
    picture = np.hstack([draw_images(messages), draw_scene(messages, arguments.labels)])
    cv2.imwrite(str(arguments.picture), picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 88])


if __name__ == '__main__':
    main()
