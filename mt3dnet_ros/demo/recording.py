"""What a recording of the demo holds."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from diagnostic_msgs.msg import DiagnosticArray
from mcap.reader import make_reader
from rclpy.serialization import deserialize_message
from sensor_msgs.msg import Image, PointCloud2

from mt3dnet_ros.demo.depth_colors import DepthColors
from mt3dnet_ros.demo.overview import Moment, panel_size
from mt3dnet_ros.demo.side_view import SideView
from mt3dnet_ros.demo.topics import CLOUD, DEPTH, DETECTIONS, DIAGNOSTICS, IMAGE, NODE, OVERLAY
from mt3dnet_ros.msg import DetectionArray
from mt3dnet_ros.perception.scene import Cloud
from mt3dnet_ros.ros.clouds import read_cloud
from mt3dnet_ros.ros.images import decode_image

_SAMPLES = 8  # moments that limits of colours and of the side view are taken from
_STAGE_UNIT = ' [ms]'
_STAMPED = (IMAGE, OVERLAY, DETECTIONS, DEPTH, CLOUD)


class EmptyRecordingError(ValueError):
    """A recording without a single moment that is complete."""


@dataclass
class TopicRecord:
    """What came on one topic.

    :param published: when each message was published, nanoseconds of the system clock
    :param stamps: of the headers of images and what was made of them, in nanoseconds
    :param sequences: the publisher's numbers of the messages; 0 where the middleware has none
    :param size: of all messages in bytes
    """

    published: list[int] = field(default_factory=list)
    stamps: list[int] = field(default_factory=list)
    sequences: list[int] = field(default_factory=list)
    size: int = 0

    @property
    def count(self) -> int:
        """Number of messages in the recording."""
        return len(self.published)

    @property
    def sent(self) -> int:
        """Number of messages that were published since the first, recorded or lost on the way to the recorder."""
        numbered = any(self.sequences)
        return max(self.sequences) - min(self.sequences) + 1 if numbered else self.count

    @property
    def rate(self) -> float:
        """Messages per second that were published; NaN of fewer than two."""
        span = max(self.published, default=0) - min(self.published, default=0)
        return 1e9 * (self.sent - 1) / span if span else float('nan')

    def latency(self) -> np.ndarray:
        """Return from the image's stamp to the publication of each message, seconds."""
        return 1e-9 * (np.array(self.published) - np.array(self.stamps))


@dataclass
class Summary:
    """The figures of a recording.

    :param topics: by name
    :param stages: median milliseconds per stage of the node ``perception``, as it reported them
    :param scores: sum of the detections' scores per stamp
    """

    topics: dict[str, TopicRecord] = field(default_factory=dict)
    stages: dict[str, float] = field(default_factory=dict)
    scores: dict[int, float] = field(default_factory=dict)

    def topic(self, name: str) -> TopicRecord:
        """Return what came on a topic; of one without a message, an empty record."""
        return self.topics.get(name, TopicRecord())

    def complete_stamps(self) -> list[int]:
        """Return the stamps of all moments that have input, overlay, depth and cloud, in order."""
        return sorted(set.intersection(*(set(self.topic(name).stamps) for name in (IMAGE, OVERLAY, DEPTH, CLOUD))))

    def best_stamp(self) -> int:
        """Return the stamp of the complete moment whose detections have the highest scores.

        :raises EmptyRecordingError: no moment is complete
        """
        stamps = self.complete_stamps()
        if not stamps:
            counts = ', '.join(f'{name} {self.topic(name).count}' for name in (IMAGE, OVERLAY, DEPTH, CLOUD))
            raise EmptyRecordingError(f'no frame has image, overlay, depth and cloud (messages: {counts})')
        return max(stamps, key=lambda stamp: self.scores.get(stamp, 0.0))


def summarise(path: Path) -> Summary:
    """Return the figures of a recording."""
    summary = Summary()
    stages: dict[str, list[float]] = {}
    for topic, message in _messages(path):
        record = summary.topics.setdefault(topic, TopicRecord())
        record.published.append(message.publish_time)
        record.sequences.append(message.sequence)
        record.size += len(message.data)
        if topic in _STAMPED:
            record.stamps.append(_stamp(message.data))
        if topic == DETECTIONS:
            detections = deserialize_message(message.data, DetectionArray).detections
            summary.scores[record.stamps[-1]] = sum(detection.score for detection in detections)
        elif topic == DIAGNOSTICS:
            _read_stages(deserialize_message(message.data, DiagnosticArray), stages)
    summary.stages = {name: float(np.median(values)) for name, values in stages.items()}
    return summary


def _read_stages(array: DiagnosticArray, stages: dict[str, list[float]]) -> None:
    for status in array.status:
        if status.name != NODE:
            continue
        for value in status.values:
            if value.key.endswith(_STAGE_UNIT) and not value.key.startswith('latency'):
                stages.setdefault(value.key.removesuffix(_STAGE_UNIT), []).append(float(value.value))


def moments(path: Path, stamps: list[int]) -> Iterator[tuple[Moment, Cloud]]:
    """Yield complete moments in order.

    :param stamps: of the moments that are wanted
    """
    wanted = set(stamps)
    waiting: dict[int, dict[str, Any]] = {}
    for topic, message in _messages(path, [IMAGE, OVERLAY, DEPTH, CLOUD]):
        stamp = _stamp(message.data)
        if stamp not in wanted:
            continue
        parts = waiting.setdefault(stamp, {})
        parts[topic] = deserialize_message(message.data, PointCloud2 if topic == CLOUD else Image)
        if len(parts) == 4:
            yield _moment(stamp, waiting.pop(stamp))


def _moment(stamp: int, parts: dict[str, Any]) -> tuple[Moment, Cloud]:
    depth, cloud = parts[DEPTH], read_cloud(parts[CLOUD])
    metres = np.frombuffer(depth.data, np.float32).reshape(depth.height, depth.width)
    image, overlay = decode_image(parts[IMAGE]), decode_image(parts[OVERLAY])
    return Moment(stamp, image, overlay, metres, cloud.xyz, cloud.rgb), cloud


def choose_views(path: Path, stamps: list[int]) -> tuple[DepthColors, SideView]:
    """Return colours and side view that fit the whole recording.

    :param stamps: of its complete moments
    """
    samples = [moment for moment, _ in moments(path, stamps[::max(1, len(stamps) // _SAMPLES)])]
    size = panel_size(*samples[0].image.shape[:2])
    colors = DepthColors.of([moment.depth[::4, ::4] for moment in samples])
    return colors, SideView.around([moment.xyz[::4, ::4] for moment in samples], size)


def _messages(path: Path, topics: list[str] | None = None) -> Iterator[tuple[str, Any]]:
    with path.open('rb') as stream:
        for _, channel, message in make_reader(stream).iter_messages(topics):
            yield channel.topic, message


def _stamp(data: bytes) -> int:
    """Return the stamp in nanoseconds of a serialised message that begins with a header."""
    order = '<' if data[1] & 1 else '>'  # the encapsulation says the byte order
    sec, nanosec = struct.unpack_from(f'{order}iI', data, 4)
    return sec * 1_000_000_000 + nanosec
