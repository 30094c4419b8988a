"""The result of every frame, in ``summary.json`` beside the depth maps."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from mt3dnet_ros.datasets.depth.maps import DepthMapError
from mt3dnet_ros.datasets.resumable import require_same_settings, write_atomically
from mt3dnet_ros.json_text import parse_json

NAME = 'summary.json'
_SAVE_EVERY = 30.0  # seconds; what a killed run has not saved is prepared again


class DepthSummary:
    """Records of frames, kept over runs of one setting.

    :param folder: the output folder
    :param settings: what the depth depends on
    :raises DatasetError: the folder's maps were made with other settings, or its summary is damaged
    """

    def __init__(self, folder: Path, settings: dict[str, Any]) -> None:
        self._path = folder / NAME
        self._settings = json.loads(json.dumps(settings))  # tuples become lists, as they will be read
        self.frames: dict[str, dict[str, Any]] = {}
        self._saved = time.monotonic()
        if self._path.is_file():
            self._resume()

    def _resume(self) -> None:
        try:
            content = parse_json(self._path.read_bytes())
            found, self.frames = dict(content['settings']), dict(content['frames'])
        except (ValueError, KeyError, TypeError) as error:
            raise DepthMapError(f"'{self._path}' is damaged ({error}); delete the folder") from error
        require_same_settings(self._path.parent, found, self._settings)

    def record(self, name: str, facts: dict[str, Any]) -> None:
        """Record the result of a frame."""
        self.frames[name] = facts
        if time.monotonic() - self._saved > _SAVE_EVERY:
            self.save()

    def save(self) -> None:
        """Write the summary."""
        content = json.dumps({'settings': self._settings, 'frames': self.frames}, indent=1) + '\n'
        write_atomically(self._path, content.encode())
        self._saved = time.monotonic()
