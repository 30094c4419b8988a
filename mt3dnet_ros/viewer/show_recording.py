"""A recording in the browser, or in a file for Rerun."""

from __future__ import annotations

import sys
import threading
import uuid
import webbrowser
from collections import Counter
from pathlib import Path

from mt3dnet_ros.errors import InputError, MT3DNetError, needs_extra
from mt3dnet_ros.media.recordings.message import StoredMessage
from mt3dnet_ros.media.recordings.reader import RecordingReader
from mt3dnet_ros.viewer.layout import build_layout
from mt3dnet_ros.viewer.messages import read_picture
from mt3dnet_ros.viewer.recorded_topics import find_perception, find_shown
from mt3dnet_ros.viewer.rerun_server import RerunServer
from mt3dnet_ros.viewer.scene_log import APPLICATION, SceneLog
from mt3dnet_ros.viewer.settings import LogSettings, ServerSettings

with needs_extra('view'):
    import rerun as rr

_ALWAYS = ('label_info', 'diagnostics')  # few, and each counts


class RecordingShow:
    """Shows the messages of a recording, and says what became of them.

    :param rate: most messages of a topic per second of the recording
    :param perception: full name of the node whose outputs are shown; empty for the first
    :param image: topic of the camera; empty for that with most pictures
    """

    def __init__(self, path: Path, settings: LogSettings, rate: float, perception: str = '', image: str = '') -> None:
        self._path = path
        self._settings = settings
        self._rate = rate
        self._chosen = (perception, image)
        self._shown: Counter[str] = Counter()
        self._skipped: Counter[str] = Counter()
        self._refused: Counter[str] = Counter()
        self._problems: dict[str, str] = {}  # the first of each topic
        self._due: dict[str, int] = {}

    def save(self, output: Path, overwrite: bool) -> int:
        """Write a file for Rerun; return 1 where some of the recording could not be shown.

        :raises InputError: the file exists, or there is nothing to show
        :raises UnreadableRecordingError: the recording cannot be read
        """
        if output.exists() and not overwrite:
            raise InputError(f"'{output}' exists already; name another file, or add --overwrite")
        if not output.parent.is_dir():
            raise InputError(f"folder '{output.parent}' does not exist; make it, or name another")
        stream = _make_stream()
        with RecordingReader(self._path) as reader:
            topics = _choose_topics(reader, *self._chosen)
            stream.save(output, default_blueprint=build_layout(live=False))
            self._play(reader, topics, SceneLog(stream, read_picture, self._settings))
            stream.disconnect()
            print(f'wrote {output}')
            return 1 if self._problems or reader.problems else 0

    def serve(self, settings: ServerSettings, open_browser: bool) -> int:
        """Serve the recording until Ctrl-C; return 1 where some of it could not be shown.

        :raises InputError: there is nothing to show
        :raises UnreadableRecordingError: the recording cannot be read
        :raises PortError: nothing can be served at the address
        """
        stream = _make_stream()
        with RecordingReader(self._path) as reader:
            topics = _choose_topics(reader, *self._chosen)
            server = RerunServer(stream, settings, live=False)
            try:
                print(f'open {server.url} in a browser; Ctrl-C ends', flush=True)
                if open_browser:
                    webbrowser.open(server.url)
                log = SceneLog(stream, read_picture, self._settings)
                self._play(reader, topics, log)
                _tell_size(log, settings.memory)
                threading.Event().wait()
            except KeyboardInterrupt:
                pass
            finally:
                server.close()
            return 1 if self._problems or reader.problems else 0

    def _play(self, reader: RecordingReader, topics: dict[str, str], log: SceneLog) -> None:
        for message in reader.messages(list(topics)):
            key = topics[message.topic.name]
            if key in _ALWAYS or self._is_due(message):
                self._attempt(reader, message, key, log)
            else:
                self._skipped[message.topic.name] += 1
        self._tell(reader, topics)

    def _is_due(self, message: StoredMessage) -> bool:
        """Return whether a message is shown; due times follow a grid, so that 25 Hz become 10 Hz and not 8."""
        name = message.topic.name
        due = self._due.get(name, message.received)
        if message.received < due:
            return False
        self._due[name] = max(due + round(1e9 / self._rate), message.received)
        return True

    def _attempt(self, reader: RecordingReader, message: StoredMessage, key: str, log: SceneLog) -> None:
        name = message.topic.name
        try:
            log.log(key, reader.decode(message))
            self._shown[name] += 1
        except MT3DNetError as error:
            self._refused[name] += 1
            self._problems.setdefault(name, f"'{name}': {error}")

    def _tell(self, reader: RecordingReader, topics: dict[str, str]) -> None:
        for name, key in topics.items():
            skipped = f', {self._skipped[name]} skipped at --rate {self._rate:g}' if self._skipped[name] else ''
            print(f'{key}: {self._shown[name]} messages of {name}{skipped}', flush=True)
        for name, problem in self._problems.items():
            print(f'{self._refused[name]} messages could not be shown: {problem}', file=sys.stderr)
        for problem in reader.problems:
            print(problem, file=sys.stderr)


def _make_stream() -> rr.RecordingStream:
    return rr.RecordingStream(APPLICATION, recording_id=str(uuid.uuid4()))


def _choose_topics(reader: RecordingReader, perception: str, image: str) -> dict[str, str]:
    types = {name: topic.message_type for name, topic in reader.topics.items()}
    nodes = find_perception(types)
    if perception and perception not in nodes:
        known = ', '.join(nodes) or 'none'
        raise InputError(f"node '{perception}' has no detections in the recording (nodes: {known})")
    chosen = perception or (nodes[0] if nodes else '')
    if not perception and len(nodes) > 1:
        print(f'showing {chosen}; --perception shows another of {", ".join(nodes)}', file=sys.stderr)
    return find_shown(types, reader.counts, chosen, image)


def _tell_size(log: SceneLog, memory: int) -> None:
    if log.megabytes > memory:
        print(
            f'the recording takes about {log.megabytes:.0f} MiB and --memory is {memory}: its beginning is dropped; '
            'raise --memory, or lower --rate, --max-size or --max-points',
            file=sys.stderr,
        )
