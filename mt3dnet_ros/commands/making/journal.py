"""What is done of a plan, and with which settings: ``stages.json`` in the folder that is filled."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mt3dnet_ros.datasets.resumable import write_atomically
from mt3dnet_ros.errors import InputError
from mt3dnet_ros.json_text import parse_json

FILE = 'stages.json'


class JournalError(InputError):
    """What lies in the folder was made in another way."""


@dataclass(frozen=True)
class Entry:
    """One stage that was begun.

    :param settings: with which
    :param sources: by stage that it starts from, the identity of what that made
    :param done: whether it came to its end
    """

    settings: Mapping[str, Any]
    sources: Mapping[str, str]
    done: bool = False

    @property
    def identity(self) -> str:
        """What differs where anything differs that the stage's result depends on."""
        content = json.dumps([dict(self.settings), dict(self.sources)], sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()[:16]

    def difference(self, wanted: Entry) -> str:
        """Return in words what differs first; empty where nothing does."""
        for name in sorted(self.settings.keys() | wanted.settings.keys()):
            if (found := self.settings.get(name)) != (now := wanted.settings.get(name)):
                return f'with {name} {_shown(found)}, not {_shown(now)}'
        changed = sorted(name for name, identity in wanted.sources.items() if self.sources.get(name) != identity)
        return f"from what '{changed[0]}' was before" if changed else ''


def _shown(value: Any) -> Any:
    return 'as by default' if value is None else value


class Journal:
    """The entries of a folder by the names of the stages, kept on disk at each change.

    :raises JournalError: the file is damaged
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        try:
            content = parse_json(self._path.read_bytes()) if self._path.is_file() else {}
            self._entries = {name: Entry(**values) for name, values in content.items()}
        except (ValueError, TypeError, AttributeError) as error:
            raise JournalError(f"'{self._path}' is damaged ({error}); delete it with the folder") from error

    def get(self, name: str) -> Entry | None:
        """Return the entry of a stage; None where it was never begun."""
        return self._entries.get(name)

    def put(self, name: str, entry: Entry) -> None:
        """Write the entry of a stage."""
        self._entries[name] = entry
        content = {stage: asdict(known) for stage, known in self._entries.items()}
        write_atomically(self._path, json.dumps(content, indent=1).encode())
