"""The folder that ``ros2 bag`` expects: one or more MCAP files, and ``metadata.yaml`` that says what is in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from mt3dnet_ros.errors import InputError
from mt3dnet_ros.yaml_text import YamlError, read_yaml

METADATA = 'metadata.yaml'
_PART = f'{METADATA}.part'
_VERSION = 5  # Humble's, which every later ros2 bag reads; newer numbers say no more
_NO_TIME = 2**63 - 1  # nanoseconds, as ros2 bag writes of a bag without messages
_DUMPER = getattr(yaml, 'CSafeDumper', yaml.SafeDumper)


@dataclass(frozen=True)
class BagTopic:
    """A topic of a bag.

    :param message_type: such as ``sensor_msgs/msg/Image``
    :param offered_qos: YAML of ``profiles_text``
    :param count: number of messages
    """

    name: str
    message_type: str
    offered_qos: str
    count: int


def write_metadata(folder: Path, file: str, topics: Sequence[BagTopic], start: int, end: int) -> None:
    """Replace ``metadata.yaml`` in one step.

    :param file: name of the MCAP file in the folder
    :param start: log time of the first message in nanoseconds
    :param end: of the last
    """
    count = sum(topic.count for topic in topics)
    span = {
        'duration': {'nanoseconds': end - start if count else 0},
        'starting_time': {'nanoseconds_since_epoch': start if count else _NO_TIME},
        'message_count': count,
    }
    information = {
        'version': _VERSION,
        'storage_identifier': 'mcap',
        **span,
        'topics_with_message_count': [_topic_entry(topic) for topic in topics],
        'compression_format': '',  # MCAP compresses within its file
        'compression_mode': '',
        'relative_file_paths': [file],
        'files': [{'path': file, **span}],
    }
    text = yaml.dump({'rosbag2_bagfile_information': information}, Dumper=_DUMPER, sort_keys=False)
    (folder / _PART).write_text(text, encoding='utf-8')
    (folder / _PART).replace(folder / METADATA)


def _topic_entry(topic: BagTopic) -> dict[str, Any]:
    return {
        'topic_metadata': {
            'name': topic.name,
            'type': topic.message_type,
            'serialization_format': 'cdr',
            'offered_qos_profiles': topic.offered_qos,
        },
        'message_count': topic.count,
    }


def is_bag_folder(path: Path) -> bool:
    """Return whether a folder holds a bag, or the beginning of one, and nothing else."""
    names = {entry.name for entry in path.iterdir() if not (entry.suffix == '.mcap' and entry.is_file())}
    return METADATA in names and names <= {METADATA, _PART}


def remove_bag(folder: Path) -> None:
    """Remove the files of a bag."""
    for path in folder.iterdir():
        path.unlink()


def mcap_files(recording: Path) -> list[Path]:
    """Return the MCAP files of a recording in their order.

    :param recording: a bag's folder, or an MCAP file
    :raises InputError: the folder has none
    """
    if not recording.is_dir():
        return [recording]
    try:
        content = read_yaml(recording / METADATA)
        names = content['rosbag2_bagfile_information']['relative_file_paths']
    except (OSError, TypeError, KeyError, YamlError):
        names = sorted(path.name for path in recording.glob('*.mcap'))
    if not names:
        raise InputError(f"'{recording}' holds no MCAP file; give a recording of ros2 bag or of the node recorder")
    return [recording / Path(name).name for name in names]
