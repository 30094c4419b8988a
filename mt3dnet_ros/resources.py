"""Files that ship with the package, found in the checkout and in an installed colcon package alike."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

PACKAGE = 'mt3dnet_ros'


class ResourceError(FileNotFoundError):
    """A file of the package was not found."""


def package_file(*parts: str) -> Path:
    """Return the path of a file or folder of the package, e.g. ``package_file('config', 'labels')``.

    It is looked for beside the Python package (a checkout), then in ``share/mt3dnet_ros`` of the prefix that the Python
    package is installed in, then of every prefix in ``AMENT_PREFIX_PATH``.

    :raises ResourceError: when none of them has it
    """
    searched = list(dict.fromkeys(_roots()))
    for root in searched:
        if (path := root.joinpath(*parts)).exists():
            return path
    places = ', '.join(map(str, searched))
    raise ResourceError(
        f'{"/".join(parts)} of {PACKAGE} was not found (searched: {places}); '
        'build the package with colcon and source its setup file, or run from the checkout'
    )


def _roots() -> Iterator[Path]:
    module = Path(os.path.abspath(__file__))  # not resolved: a symlinked install belongs to its prefix
    checkout = module.parents[2]
    if (checkout / 'package.xml').is_file():
        yield checkout
    prefixes = [*module.parents, *map(Path, filter(None, os.environ.get('AMENT_PREFIX_PATH', '').split(os.pathsep)))]
    for prefix in prefixes:
        if (share := prefix / 'share' / PACKAGE).is_dir():
            yield share
