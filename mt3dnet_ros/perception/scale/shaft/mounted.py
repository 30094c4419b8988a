"""Which shafts are mounted: diameters by class, as the user and the taxonomy give them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from mt3dnet_ros.errors import InputError
from mt3dnet_ros.perception.scale.shaft.diameter import Diameter, parse_diameter
from mt3dnet_ros.perception.taxonomy import Taxonomy, plain_name

ALL = 'all'


def parse_mounted(entries: Sequence[str]) -> dict[str, Diameter]:
    """Read what is mounted, such as ``large needle driver=8.4+-0.1`` or ``all=8.5``, in millimetres.

    :returns: by the plain name of a class, or ``ALL``
    :raises InputError: when an entry is not written so, or a class has two
    """
    return dict(_parse_mounted(tuple(entries)))


def diameter_of(class_name: str, mounted: Sequence[str], taxonomy: Taxonomy) -> Diameter | None:
    """Return the diameter of a class: the user's word, else the taxonomy's; None where neither knows it.

    :param mounted: of ``Settings.shaft_diameters``
    """
    given, name = _parse_mounted(tuple(mounted)), plain_name(class_name)
    known = {plain_name(label.name): label.diameter for label in taxonomy.classes}
    return given.get(name) or given.get(ALL) or known.get(name)


def unknown_names(mounted: Sequence[str], taxonomy: Taxonomy) -> list[str]:
    """Return the names among what is mounted that are no class of the taxonomy."""
    known = {ALL, *map(plain_name, taxonomy.names)}
    return [name for name in _parse_mounted(tuple(mounted)) if name not in known]


@lru_cache(maxsize=8)
def _parse_mounted(entries: tuple[str, ...]) -> dict[str, Diameter]:
    mounted: dict[str, Diameter] = {}
    for entry in entries:
        name, equals, text = entry.partition('=')
        if not equals or not name.strip():
            raise InputError(
                f"shaft_diameters '{entry}' must be a class and millimetres: 'large needle driver=8.4+-0.1'"
            )
        if (key := plain_name(name)) in mounted:
            raise InputError(f"shaft_diameters name '{name.strip()}' twice")
        mounted[key] = parse_diameter(text)
    return mounted
