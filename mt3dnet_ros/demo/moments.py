"""The moments of a recording, to be drawn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rclpy.serialization import deserialize_message
from sensor_msgs.msg import Image, PointCloud2

from mt3dnet_ros.demo.depth_colors import DepthColors
from mt3dnet_ros.demo.overview import Moment, panel_size
from mt3dnet_ros.demo.recording import read_messages, stamp_of
from mt3dnet_ros.demo.side_view import SideView
from mt3dnet_ros.demo.topics import CLOUD, DEPTH, IMAGE, OVERLAY, SALIENCY, SCANPATH
from mt3dnet_ros.msg import Scanpath
from mt3dnet_ros.perception.scene import Cloud
from mt3dnet_ros.ros.messages.clouds import read_cloud
from mt3dnet_ros.ros.messages.images import decode_image
from mt3dnet_ros.ros.messages.scanpath import read_scanpath

_SAMPLES = 8  # moments that limits of colours and of the side view are taken from
_TYPES = {CLOUD: PointCloud2, SCANPATH: Scanpath}  # all others are images


def moments(path: Path, stamps: Sequence[int], topics: Sequence[str]) -> Iterator[tuple[Moment, Cloud]]:
    """Yield complete moments in order.

    :param stamps: of the moments that are wanted
    :param topics: that they are made of, as ``Summary.drawn`` gives them
    """
    wanted = set(stamps)
    waiting: dict[int, dict[str, Any]] = {}
    for topic, message in read_messages(path, topics):
        stamp = stamp_of(message.data)
        if stamp not in wanted:
            continue
        parts = waiting.setdefault(stamp, {})
        parts[topic] = deserialize_message(message.data, _TYPES.get(topic, Image))
        if len(parts) == len(topics):
            yield _moment(stamp, waiting.pop(stamp))


def _moment(stamp: int, parts: dict[str, Any]) -> tuple[Moment, Cloud]:
    cloud = read_cloud(parts[CLOUD])
    moment = Moment(
        stamp,
        decode_image(parts[IMAGE]),
        decode_image(parts[OVERLAY]),
        _array_of(parts[DEPTH], np.float32),
        cloud.xyz,
        cloud.rgb,
        saliency=_array_of(parts[SALIENCY], np.uint8) if SALIENCY in parts else None,
        scanpath=read_scanpath(parts[SCANPATH]) if SCANPATH in parts else (),
    )
    return moment, cloud


def _array_of(message: Image, kind: type) -> np.ndarray:
    return np.frombuffer(message.data, kind).reshape(message.height, message.width)


def choose_views(path: Path, stamps: Sequence[int], topics: Sequence[str]) -> tuple[DepthColors, SideView]:
    """Return colours and side view that fit the whole recording; parameters as for ``moments``."""
    samples = [moment for moment, _ in moments(path, stamps[:: max(1, len(stamps) // _SAMPLES)], topics)]
    size = panel_size(*samples[0].image.shape[:2])
    colors = DepthColors.of([moment.depth[::4, ::4] for moment in samples])
    return colors, SideView.around([moment.xyz[::4, ::4] for moment in samples], size)
