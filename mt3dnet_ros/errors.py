"""What this package raises: one base class, so that one ``except`` catches all of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class MT3DNetError(Exception):
    """Base of all errors of this package; the message names the thing, the value and the remedy."""


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
