"""A recording as one thing: a file, or the folder of a bag, whose files follow one another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any

from mt3dnet_ros.errors import needs_extra
from mt3dnet_ros.media.recordings.decoder import MessageDecoder
from mt3dnet_ros.media.recordings.files import files_of
from mt3dnet_ros.media.recordings.mcap_file import McapFile
from mt3dnet_ros.media.recordings.message import (
    RecordingPart,
    RecordingTopic,
    StoredMessage,
    UnreadableRecordingError,
)
from mt3dnet_ros.media.recordings.rosbags_file import RosbagsFile

with needs_extra('recordings'):
    import zstandard


class RecordingReader:
    """The messages of a recording, in the order in which they were received; a context manager.

    A damaged recording gives what can be had of it; ``problems`` says what cannot.

    :param path: of an MCAP file, of the folder of a bag of ROS 2, or of a bag of ROS 1
    :raises UnreadableRecordingError: there is none, or not one file of it can be opened
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._decoder = MessageDecoder()
        self._problems: list[str] = []
        self._scratch = TemporaryDirectory(prefix='recording-')
        files = files_of(self.path, self._problems)
        self._parts = {file: part for file in files if (part := self._open(file, alone=len(files) == 1))}
        if not self._parts:
            raise UnreadableRecordingError(f"recording '{self.path}' cannot be read: {'; '.join(self._problems)}")
        self.topics: dict[str, RecordingTopic] = {}  # of a name that has several types, the first
        for part in self._parts.values():
            self.topics = {topic.name: topic for topic in part.topics} | self.topics

    @property
    def counts(self) -> dict[str, int]:
        """Messages of every topic, as the files announce it; damage may leave fewer of them readable."""
        counts: Counter[str] = Counter(dict.fromkeys(self.topics, 0))
        for part in self._parts.values():
            counts.update(part.counts)
        return dict(counts)

    @property
    def problems(self) -> list[str]:
        """What could not be read, in words; complete once all messages have been read."""
        several = len(self._parts) > 1
        found = [(file.name, problem) for file, part in self._parts.items() for problem in part.problems]
        return self._problems + [f'{name}: {problem}' if several else problem for name, problem in found]

    def names_of(self, *message_types: str) -> list[str]:
        """Return the names of the topics of some types, such as ``sensor_msgs/msg/Image``."""
        return [name for name, topic in self.topics.items() if topic.message_type in message_types]

    def messages(self, names: Collection[str] | None = None) -> Iterator[StoredMessage]:
        """Yield messages as they were serialised, in the order in which they were received.

        :param names: of the topics; None for all
        """
        wanted = self.topics.keys() if names is None else names
        for part in self._parts.values():
            yield from part.messages(wanted)

    def decode(self, message: StoredMessage) -> Any:
        """Return a message with the fields of its type, such as ``header.stamp.sec``; see ``MessageDecoder``.

        :raises UnreadableRecordingError: its encoding or type is not known, or it is damaged
        """
        return self._decoder(message)

    def __enter__(self) -> RecordingReader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the files."""
        for part in self._parts.values():
            part.close()
        self._scratch.cleanup()

    def _open(self, file: Path, alone: bool) -> RecordingPart | None:
        try:
            plain = _decompress(file, Path(self._scratch.name)) if file.suffix == '.zstd' else file
            return McapFile(plain) if plain.suffix == '.mcap' else RosbagsFile(plain)
        except UnreadableRecordingError as error:
            if alone:
                raise
            self._problems.append(str(error))
            return None
        except Exception as error:  # whatever the bytes lead the parsers to
            damaged = UnreadableRecordingError(f"recording '{file}' is damaged ({type(error).__name__}: {error})")
            if alone:
                raise damaged from error
            self._problems.append(str(damaged))
            return None


def _decompress(file: Path, folder: Path) -> Path:
    """Return a copy of a compressed file without its compression.

    :raises UnreadableRecordingError: it is damaged
    """
    plain = folder / file.stem
    try:
        with file.open('rb') as source, plain.open('wb') as target:
            zstandard.ZstdDecompressor().copy_stream(source, target)
    except (OSError, zstandard.ZstdError) as error:
        raise UnreadableRecordingError(f"recording '{file}' cannot be decompressed: {error}") from error
    return plain
