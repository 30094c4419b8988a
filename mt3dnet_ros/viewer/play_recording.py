"""A recording into a log of Rerun."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from mt3dnet_ros.errors import MT3DNetError
from mt3dnet_ros.media.recordings.message import StoredMessage
from mt3dnet_ros.media.recordings.reader import RecordingReader
from mt3dnet_ros.viewer.scene_log import SceneLog

_ALWAYS = ('label_info', 'diagnostics')  # few, and each counts


@dataclass
class Played:
    """What came of a recording.

    :param shown: messages by topic
    :param skipped: messages that came faster than the rate
    :param problems: messages that could not be shown, with why; only the first of a topic is told
    """

    shown: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    problems: dict[str, str] = field(default_factory=dict)


def play(reader: RecordingReader, topics: Mapping[str, str], log: SceneLog, rate: float) -> Played:
    """Log the messages of a recording.

    :param topics: keys of ``scene_log.SHOWN`` by the topics' names
    :param rate: most messages of a topic per second of the recording
    """
    played = Played()
    due: dict[str, int] = {}
    period = round(1e9 / rate)
    for message in reader.messages(list(topics)):
        name = message.topic.name
        key = topics[name]
        if key not in _ALWAYS and message.received < due.get(name, 0):
            played.skipped[name] += 1
            continue
        due[name] = max(due.get(name, message.received) + period, message.received)
        _attempt(reader, message, key, log, played)
    return played


def _attempt(reader: RecordingReader, message: StoredMessage, key: str, log: SceneLog, played: Played) -> None:
    name = message.topic.name
    try:
        log.log(key, reader.decode(message))
        played.shown[name] += 1
    except MT3DNetError as error:
        played.refused[name] += 1
        played.problems.setdefault(name, f"'{name}': {error}")
