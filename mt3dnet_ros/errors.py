"""What this package raises: one base class, so that one ``except`` catches all of it."""

from __future__ import annotations

import errno
import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

_MOST_CHARACTERS = 2_000  # of a message, whatever the value is that it names
_MOST_VALUES, _MOST_OF_VALUE = 16, 100  # of a list in a message, characters of each


def shown(text: str, most: int = _MOST_CHARACTERS) -> str:
    """Return a text of others as logs, terminals and diagnostics can bear it: its middle left out, no control codes."""
    text = _shortened(text, most)
    return text if text.isprintable() else _shortened(''.join(map(_shown_letter, text)), most)


def shown_values(values: Collection[object]) -> str:
    """Return a list of others for a message: the first of its values, shortened, before they become one text."""
    first = [
        repr(shown(value, _MOST_OF_VALUE) if isinstance(value, str) else value)
        for value in islice(values, _MOST_VALUES)
    ]
    left = len(values) - len(first)
    return f'[{", ".join(first)}, and {left} more]' if left else f'[{", ".join(first)}]'


def _shortened(text: str, most: int) -> str:
    return text if len(text) <= most else f'{text[: most // 2]} [...] {text[len(text) - most // 2 :]}'


def _shown_letter(letter: str) -> str:
    return letter if letter.isprintable() or letter in '\n\t' else letter.encode('unicode_escape').decode()


class MT3DNetError(Exception):
    """Base of all errors of this package; the message names the thing, the value and the remedy."""

    def __str__(self) -> str:
        return shown(super().__str__())


class InputError(MT3DNetError, ValueError):
    """A value, an array or a combination of options that cannot be worked with."""


class MissingFileError(MT3DNetError, FileNotFoundError):
    """A file that is needed is not there."""


class MissingExtraError(MT3DNetError, ImportError):
    """An optional package is not installed.

    :param module: that could not be imported
    :param extra: of this package, which brings it
    """

    def __init__(self, module: str, extra: str) -> None:
        super().__init__(f"{module} is not installed: pip install 'mt3dnet_ros[{extra}]'", name=module)
        self.extra = extra

    def __reduce__(self) -> tuple[type, tuple[str | None, str]]:
        """Say how to make it again: it may be raised in another process."""
        return type(self), (self.name, self.extra)


@contextmanager
def needs_extra(extra: str) -> Iterator[None]:
    """Say which extra is missing where an import in this block fails.

    >>> with needs_extra('render'):
    ...     import open3d

    :raises MissingExtraError: a module of another package is not installed
    """
    try:
        yield
    except ModuleNotFoundError as error:
        module = (error.name or str(error)).partition('.')[0]
        if module == __name__.partition('.')[0]:
            raise
        raise MissingExtraError(module, extra) from error


_REMEDIES = {
    errno.ENOSPC: 'no space is left on the disk; free some, or name a folder on another',
    errno.EDQUOT: "this user's quota of the disk is used up; free some, or name a folder on another",
    errno.EFBIG: 'it would be larger than the file system, or a limit of this process (ulimit -f), allows',
    errno.EACCES: 'this user may not; change its permissions, or name another',
    errno.EPERM: 'this user may not; change its permissions, or name another',
    errno.EROFS: 'the file system is read-only; name a folder on another',
    errno.ENOENT: 'there is no such file or folder',
    errno.EISDIR: 'it is a folder; name a file',
    errno.ENOTDIR: 'a part of the path is a file; name another folder',
    errno.ENAMETOOLONG: 'the name is too long; give a shorter one',
    errno.EMFILE: 'too many files are open; raise the limit (ulimit -n)',
}


def describe_os_error(error: OSError, known: str | os.PathLike[str] | None = None) -> str:
    """Return what the system refused, in words: which file, and what to do.

    :param known: the file that the reader knows already, which is then not named again
    """
    words = error.strerror or str(error) or type(error).__name__
    why = _REMEDIES.get(error.errno or 0, words[:1].lower() + words[1:])
    name = error.filename
    if name is None or not isinstance(name, str | bytes | os.PathLike) or (known and _same(name, known)):
        return why
    return f"'{os.fsdecode(name)}': {why}"


def _same(first: str | bytes | os.PathLike[str], second: str | os.PathLike[str]) -> bool:
    return Path(os.fsdecode(first).removeprefix('file:')) == Path(second)
