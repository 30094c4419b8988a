"""The user's cache folder: what takes seconds to make, and can be made again.

Nothing that is wrong with it is an error. Each entry is a file that begins with the SHA-256 of its content, so that a
damaged one is noticed. It appears in one stroke, and several processes may use the folder at a time.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from mt3dnet_ros.errors import describe_os_error

NAME = 'mt3dnet_ros'
MOST_ENTRIES, MOST_BYTES = 24, 400_000_000
LONGEST_UNUSED = 90 * 86400.0  # seconds
LONGEST_WRITING = 3600.0  # seconds after which a file that somebody began to write is given up
_DIGEST = hashlib.sha256().digest_size
_PARTIAL = '.partial-'


class CacheWarning(UserWarning):
    """The cache cannot be used; what it would hold is made anew."""


def cache_folder() -> Path | None:
    """Return the folder of this package: in $XDG_CACHE_HOME, or in ~/.cache; None for a user without a home."""
    chosen = os.environ.get('XDG_CACHE_HOME', '')
    if os.path.isabs(chosen):  # the specification has others ignored
        return Path(chosen) / NAME
    try:
        return Path.home() / '.cache' / NAME
    except RuntimeError:
        return None


class Cache:
    """Entries by name.

    :param folder: that holds them, made when it is needed; None for ``cache_folder()``
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or cache_folder()

    def read(self, name: str) -> bytes | None:
        """Return an entry; None where there is none, or none that can be used."""
        if self.folder is None:
            return None
        path = self.folder / name
        try:
            whole = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            _warn(f'cannot be read ({describe_os_error(error)})')
            return None
        digest, content = whole[:_DIGEST], whole[_DIGEST:]
        if hashlib.sha256(content).digest() != digest:
            _warn(f"has a damaged entry, '{path}'")
            self.remove(name)
            return None
        with suppress(OSError):
            os.utime(path)  # what is used stays longest
        return content

    def has(self, name: str) -> bool:
        """Return whether there is such an entry, which may be damaged."""
        return self.folder is not None and (self.folder / name).is_file()

    def write(self, name: str, content: bytes) -> None:
        """Keep an entry, and leave out those that were not used for long, or for which there is no room."""
        if self.folder is None:
            return
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._write(self.folder, name, content)
        except OSError as error:
            _warn(f'cannot be written ({describe_os_error(error)})')
            return
        with suppress(OSError):
            self._prune(self.folder)

    def remove(self, name: str) -> None:
        """Remove an entry, where that is possible."""
        if self.folder is not None:
            with suppress(OSError):
                (self.folder / name).unlink()

    @staticmethod
    def _write(folder: Path, name: str, content: bytes) -> None:
        descriptor, partial = tempfile.mkstemp(prefix=_PARTIAL, dir=folder)
        try:
            with open(descriptor, 'wb') as file:
                file.write(hashlib.sha256(content).digest())
                file.write(content)
            os.replace(partial, folder / name)
        except BaseException:
            with suppress(OSError):
                os.unlink(partial)
            raise

    @staticmethod
    def _prune(folder: Path) -> None:
        entries = sorted(_files(folder), key=lambda entry: -entry[1].st_mtime)
        kept = size = 0
        for path, status in entries:
            is_partial = path.name.startswith(_PARTIAL)
            age = time.time() - status.st_mtime
            if is_partial and age < LONGEST_WRITING:
                continue
            if is_partial or age > LONGEST_UNUSED or kept >= MOST_ENTRIES or size + status.st_size > MOST_BYTES:
                with suppress(OSError):
                    path.unlink()
            else:
                kept, size = kept + 1, size + status.st_size


def _files(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    for path in folder.iterdir():
        with suppress(OSError):  # another process has just removed it
            if path.is_file():
                yield path, path.stat()


def _warn(problem: str) -> None:
    text = f'the cache of networks {problem}: they are prepared at every start, which takes longer'
    warnings.warn(text, CacheWarning, stacklevel=3)
