"""Files that ship with the package, found alike in a checkout, where pip and where colcon installed it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from mt3dnet_ros.errors import MT3DNetError

PACKAGE = 'mt3dnet_ros'


class ResourceError(MT3DNetError, FileNotFoundError):
    """A file of the package was not found."""


def package_file(*parts: str) -> Path:
    """Return the path of a file or folder of the package, e.g. ``package_file('config', 'labels')``.

    It is looked for beside the Python package (a checkout), in it (a wheel), then in ``share/mt3dnet_ros`` of the
    prefix that it is installed in (colcon) and of every prefix in ``AMENT_PREFIX_PATH``.

    :raises ResourceError: when none of them has it
    """
    searched = list(dict.fromkeys(_roots()))
    for root in searched:
        if (path := root.joinpath(*parts)).exists():
            return path
    places = ', '.join(map(str, searched))
    raise ResourceError(
        f'{"/".join(parts)} of {PACKAGE} was not found (searched: {places}); '
        'install the package with pip, build it with colcon and source its setup file, or run from the checkout'
    )


def _roots() -> Iterator[Path]:
    module = Path(os.path.abspath(__file__))  # not resolved: a symlinked install belongs to its prefix
    package, checkout = module.parents[:2]
    if (checkout / 'package.xml').is_file():
        yield checkout
    if (package / 'config').is_dir():
        yield package
    prefixes = [*module.parents, *map(Path, filter(None, os.environ.get('AMENT_PREFIX_PATH', '').split(os.pathsep)))]
    for prefix in prefixes:
        if (share := prefix / 'share' / PACKAGE).is_dir():
            yield share
