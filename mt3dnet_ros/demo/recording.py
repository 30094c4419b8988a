"""What a recording of the demo holds."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from diagnostic_msgs.msg import DiagnosticArray
from mcap.reader import make_reader
from rclpy.serialization import deserialize_message

from mt3dnet_ros.demo.topics import CLOUD, DEPTH, DETECTIONS, DIAGNOSTICS, IMAGE, NODE, OVERLAY, SALIENCY, SCANPATH
from mt3dnet_ros.errors import MT3DNetError
from mt3dnet_ros.msg import DetectionArray
from mt3dnet_ros.ros.recording.bag_folder import mcap_files

_STAGE_UNIT = ' [ms]'
_PICTURES = (IMAGE, OVERLAY, DEPTH, CLOUD)
_ATTENTION = (SALIENCY, SCANPATH)
_STAMPED = (*_PICTURES, *_ATTENTION, DETECTIONS)


class EmptyRecordingError(MT3DNetError, ValueError):
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
        if not any(self.sequences):
            return self.count
        # Of several publishers, as /diagnostics has, each numbers its own.
        return max(self.count, max(self.sequences) - min(self.sequences) + 1)

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

    @property
    def drawn(self) -> tuple[str, ...]:
        """Topics that a moment is drawn from; without saliency and scanpath where the network had none."""
        return _PICTURES + (_ATTENTION if all(self.topic(name).count for name in _ATTENTION) else ())

    def complete_stamps(self) -> list[int]:
        """Return the stamps of all moments that have a message of every topic that is drawn, in order."""
        return sorted(set.intersection(*(set(self.topic(name).stamps) for name in self.drawn)))

    def best_stamp(self) -> int:
        """Return the stamp of the complete moment whose detections have the highest scores.

        :raises EmptyRecordingError: no moment is complete
        """
        stamps = self.complete_stamps()
        if not stamps:
            counts = ', '.join(f'{name} {self.topic(name).count}' for name in self.drawn)
            raise EmptyRecordingError(f'no frame has a message of every topic that is drawn (messages: {counts})')
        return max(stamps, key=lambda stamp: self.scores.get(stamp, 0.0))


def summarise(path: Path) -> Summary:
    """Return the figures of a recording."""
    summary = Summary()
    stages: dict[str, list[float]] = {}
    for topic, message in read_messages(path):
        record = summary.topics.setdefault(topic, TopicRecord())
        record.published.append(message.publish_time)
        record.sequences.append(message.sequence)
        record.size += len(message.data)
        if topic in _STAMPED:
            record.stamps.append(stamp_of(message.data))
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


def read_messages(path: Path, topics: Sequence[str] | None = None) -> Iterator[tuple[str, Any]]:
    """Yield topic and serialised message (an ``mcap.records.Message``) of a recording, in the order of arrival.

    :param path: a bag's folder or an MCAP file
    :param topics: those that are wanted; None for all
    """
    for file in mcap_files(path):
        with file.open('rb') as stream:
            for _, channel, message in make_reader(stream).iter_messages(topics):
                yield channel.topic, message


def stamp_of(data: bytes) -> int:
    """Return the stamp in nanoseconds of a serialised message that begins with a header."""
    order = '<' if data[1] & 1 else '>'  # the encapsulation says the byte order
    sec, nanosec = struct.unpack_from(f'{order}iI', data, 4)
    return sec * 1_000_000_000 + nanosec
