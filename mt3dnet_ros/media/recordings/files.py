"""The files of a recording; nothing is opened, and no extra is needed."""

from __future__ import annotations

import re
from pathlib import Path

from mt3dnet_ros.media.image_files import natural_order
from mt3dnet_ros.media.recordings.message import UnreadableRecordingError
from mt3dnet_ros.yaml_text import YamlError, read_yaml

_SUFFIXES = ('.mcap', '.db3', '.bag')
_COMPRESSED = ('.mcap.zstd', '.db3.zstd')  # of ``ros2 bag record --compression-mode file``
_METADATA = 'metadata.yaml'


def is_recording(path: Path) -> bool:
    """Return whether a path is named like a recording, or is a folder that holds one."""
    if path.is_dir():
        return bool(_stored_in(path)) or bool(_listed_in(path / _METADATA, []))
    return _is_stored(path)


def files_of(path: Path, problems: list[str]) -> list[Path]:
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
        paths = read_yaml(metadata)['rosbag2_bagfile_information']['relative_file_paths']
        return [Path(str(path)).name for path in paths]
    except (YamlError, KeyError, TypeError, ValueError, OSError):
        problems.append(f'{metadata.name} is damaged')
        return []
