"""What became of every frame, in ``summary.json`` beside the depth maps."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

from mt3dnet_ros.datasets.depth.maps import DepthMapError

NAME = 'summary.json'
_SAVE_EVERY = 30.0  # seconds; what a killed run has not saved is prepared again


class Summary:
    """Records of frames, kept over runs of one setting.

    :param folder: the output folder
    :param settings: what the depth depends on
    :raises DepthMapError: the folder's maps were made with other settings, or its summary is damaged
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
            content = json.loads(self._path.read_text())
            found, self.frames = dict(content['settings']), dict(content['frames'])
        except (ValueError, KeyError, TypeError) as error:
            raise DepthMapError(f"'{self._path}' is damaged ({error}); delete the folder") from error
        for name in sorted(found.keys() | self._settings.keys()):
            if found.get(name) != self._settings.get(name):
                raise DepthMapError(
                    f"'{self._path.parent}' was prepared with {name} {found.get(name)}, not "
                    f'{self._settings.get(name)}; choose another --output or delete the folder'
                )

    def record(self, name: str, facts: dict[str, Any]) -> None:
        """Note what became of a frame."""
        self.frames[name] = facts
        if time.monotonic() - self._saved > _SAVE_EVERY:
            self.save()

    def save(self) -> None:
        """Write the summary; a reader finds a whole one."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        partial = self._path.with_name(f'{NAME}.partial')
        partial.write_text(json.dumps({'settings': self._settings, 'frames': self.frames}, indent=1) + '\n')
        os.replace(partial, self._path)
        self._saved = time.monotonic()
