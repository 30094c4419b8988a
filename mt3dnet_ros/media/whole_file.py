"""Files that are whole or not there: half of one would be taken for all of it."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path


def write_whole(path: Path, content: bytes) -> None:
    """Write a file; where that fails, as on a full disk, nothing of it stays.

    :raises OSError: it cannot be written; it names the file
    """
    try:
        path.write_bytes(content)
    except OSError as error:
        with suppress(OSError):
            path.unlink(missing_ok=True)
        raise OSError(error.errno, error.strerror, str(path)) from error
