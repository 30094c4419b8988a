"""Topics and frames of tools, by the tools' names."""

from __future__ import annotations

from collections.abc import Sequence

from mt3dnet_ros.errors import InputError


def parse_named(pairs: Sequence[str]) -> dict[str, str]:
    """Return topics or frames by the names of tools.

    :param pairs: such as ``PSM1=/PSM1/measured_cp``
    :raises InputError: a pair has no name or nothing behind it, or a name comes twice
    """
    named: dict[str, str] = {}
    for pair in pairs:
        name, _, value = (part.strip() for part in pair.partition('='))
        if not name or not value:
            raise InputError(f"'{pair}' must be NAME=VALUE, such as PSM1=/PSM1/measured_cp")
        if name in named:
            raise InputError(f"'{name}' is there twice; give each tool a name of its own")
        named[name] = value
    return named
