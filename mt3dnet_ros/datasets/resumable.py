"""Folders that a command fills file by file, and goes on with when it is run again."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mt3dnet_ros.datasets.frames import DatasetError


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file at once: a reader finds all of it or none. Its folder is made where it is missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f'{path.name}.partial')
    partial.write_bytes(content)
    os.replace(partial, path)


def require_same_settings(folder: Path, found: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    """Check that what lies in a folder was made with the settings that are wanted now.

    :raises DatasetError: it was made with others
    """
    for name in sorted(found.keys() | wanted.keys()):
        if found.get(name) != wanted.get(name):
            raise DatasetError(
                f"'{folder}' was made with {name} {found.get(name)}, not {wanted.get(name)}; choose another --output "
                'or delete what is there'
            )
