"""From a recording to the files that a person looks at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from rclpy.serialization import deserialize_message
from sensor_msgs.msg import Image
from tqdm import tqdm

from mt3dnet_ros.demo.overview import Moment, draw_overview, panel_size
from mt3dnet_ros.demo.recording import Summary, read_messages, stamp_of
from mt3dnet_ros.demo.side_view import SideView
from mt3dnet_ros.demo.topics import CLOUD, DEPTH, IMAGE, MESSAGES, OVERLAY, SALIENCY, SCANPATH
from mt3dnet_ros.media.depth_colors import DepthColors
from mt3dnet_ros.media.shapes.ply import write_ply
from mt3dnet_ros.media.video_writer import VideoWriter
from mt3dnet_ros.perception.scene import Cloud
from mt3dnet_ros.ros.messages.clouds import read_cloud
from mt3dnet_ros.ros.messages.images import decode_image
from mt3dnet_ros.ros.messages.scanpath import read_scanpath

_SAMPLES = 8  # moments that limits of colours and of the side view are taken from


def write_results(recording: Path, summary: Summary, folder: Path) -> list[Path]:
    """Write overview.mp4, overview.png and scene.ply; return their paths.

    :raises EmptyRecordingError: no frame was processed to its end
    """
    best = summary.best_stamp()
    stamps = summary.complete_stamps()
    colors, view = choose_views(recording, stamps, summary.drawn)
    height, width = view.size
    video, picture, scene = (folder / name for name in ('overview.mp4', 'overview.png', 'scene.ply'))
    recorded = moments(recording, stamps, summary.drawn)
    with VideoWriter(video, _rate(stamps), (2 * height, 2 * width)) as writer:
        for moment, cloud in tqdm(recorded, 'drawing', len(stamps), unit='frame', disable=None):
            overview = draw_overview(moment, colors, view)
            writer.write(overview)
            if moment.stamp == best:
                cv2.imwrite(str(picture), cv2.cvtColor(overview, cv2.COLOR_RGB2BGR))
                write_ply(scene, cloud.xyz, cloud.rgb, cloud.labels)
    return [video, picture, scene]


def _rate(stamps: list[int]) -> float:
    """Return the pictures per second that let the video last as long as what it shows."""
    span = 1e-9 * (stamps[-1] - stamps[0])
    return min(100.0, max(1.0, (len(stamps) - 1) / span)) if span else 25.0


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
        parts[topic] = deserialize_message(message.data, MESSAGES[topic])
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
