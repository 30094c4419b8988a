"""A recording as one thing: a file, or the folder of a bag, whose files follow one another."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any

import yaml

from mt3dnet_ros.media.image_files import natural_order
from mt3dnet_ros.media.recordings.decoder import MessageDecoder
from mt3dnet_ros.media.recordings.mcap_file import McapFile
from mt3dnet_ros.media.recordings.message import (
    RecordingPart,
    RecordingTopic,
    StoredMessage,
    UnreadableRecordingError,
)
from mt3dnet_ros.media.recordings.rosbags_file import RosbagsFile

_SUFFIXES = ('.mcap', '.db3', '.bag')
_COMPRESSED = ('.mcap.zstd', '.db3.zstd')  # of ``ros2 bag record --compression-mode file``
_METADATA = 'metadata.yaml'


class RecordingReader:
    """The messages of a recording, in the order in which they were received; a context manager.

    A damaged recording gives what can be had of it; ``problems`` says what cannot.

    :param path: of an MCAP file, of the folder of a bag of ROS 2, or of a bag of ROS 1
    :raises UnreadableRecordingError: there is none, or not one file of it can be opened
    :raises MissingExtraError: the extra ``recordings`` is not installed
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._decoder = MessageDecoder()
        self._problems: list[str] = []
        self._scratch = TemporaryDirectory(prefix='recording-')
        files = _files_of(self.path, self._problems)
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


def is_recording(path: Path) -> bool:
    """Return whether a path is named like a recording, or is a folder that holds one."""
    if path.is_dir():
        return (path / _METADATA).exists() or bool(_stored_in(path))
    return _is_stored(path)


def _files_of(path: Path, problems: list[str]) -> list[Path]:
    """Return the files of a recording in their order.

    :param problems: takes what is wrong with the folder
    """
    if not path.exists():
        raise UnreadableRecordingError(f"recording '{path}' does not exist; name an MCAP file or the folder of a bag")
    if path.is_file():
        if not _is_stored(path):
            raise UnreadableRecordingError(f"'{path}' is no recording; name a file that ends with .mcap, .db3 or .bag")
        return [path]
    stored = _stored_in(path)
    _check_one_bag(path, stored)
    missing = [name for name in _listed_in(path / _METADATA, problems) if not (path / name).exists()]
    problems += [f"'{name}' is missing, which {_METADATA} names" for name in missing]
    if not stored:
        raise UnreadableRecordingError(f"'{path}' holds no recording (.mcap, .db3, .bag)" + _joined(problems))
    return stored


def _joined(problems: list[str]) -> str:
    return f': {"; ".join(problems)}' if problems else ''


def _stored_in(folder: Path) -> list[Path]:
    return sorted(filter(_is_stored, folder.iterdir()), key=natural_order)


def _is_stored(path: Path) -> bool:
    return path.name.endswith((*_SUFFIXES, *_COMPRESSED)) and not path.name.startswith('.')


def _check_one_bag(folder: Path, files: list[Path]) -> None:
    """Refuse a folder of several recordings: only numbers may tell the files of one bag apart."""
    if (folder / _METADATA).exists():
        return
    names = {re.sub(r'_?\d+$', '', file.stem) + file.suffix for file in files}
    if len(names) > 1:
        listed = ', '.join(file.name for file in files)
        raise UnreadableRecordingError(f"folder '{folder}' holds several recordings ({listed}); name one of them")


def _listed_in(metadata: Path, problems: list[str]) -> list[str]:
    """Return the file names that a bag's metadata has; a missing or damaged one, as of a killed recorder, has none."""
    if not metadata.exists():
        return []
    try:
        paths = yaml.safe_load(metadata.read_text(encoding='utf-8'))['rosbag2_bagfile_information'][
            'relative_file_paths'
        ]
        return [Path(str(path)).name for path in paths]
    except (yaml.YAMLError, KeyError, TypeError, ValueError, OSError):
        problems.append(f'{metadata.name} is damaged')
        return []


def _decompress(file: Path, folder: Path) -> Path:
    """Return a copy of a compressed file without its compression.

    :raises UnreadableRecordingError: it is damaged
    """
    import zstandard

    plain = folder / file.stem
    try:
        with file.open('rb') as source, plain.open('wb') as target:
            zstandard.ZstdDecompressor().copy_stream(source, target)
    except (OSError, zstandard.ZstdError) as error:
        raise UnreadableRecordingError(f"recording '{file}' cannot be decompressed: {error}") from error
    return plain
