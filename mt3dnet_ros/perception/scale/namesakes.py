"""Things of one name, such as two instruments of one type, told apart over time."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from mt3dnet_ros.perception.scale.observation import ScaleObservation


class Key(NamedTuple):
    """What tells one thing from another: its source, and what was measured."""

    source: str
    of: str


def tell_apart(
    observations: Sequence[ScaleObservation], known: Mapping[Key, float]
) -> list[tuple[Key, ScaleObservation]]:
    """Return the observations of a frame, each with the thing that it is of; the second of a name has a 2 behind it.

    Which is which is told by the scale that each has told before: they matter where they differ in that.

    :param known: logarithm of the factor that each thing told before
    """
    named: dict[Key, list[ScaleObservation]] = defaultdict(list)
    for observation in observations:
        named[Key(observation.source, observation.of)].append(observation)
    return [item for name, group in named.items() for item in _numbered(name, group, known)]


def _numbered(
    name: Key, group: list[ScaleObservation], known: Mapping[Key, float]
) -> list[tuple[Key, ScaleObservation]]:
    names = [name]
    while len(names) < len(group) or _next(names) in known:
        names.append(_next(names))
    if len(names) == 1:
        return [(name, group[0])]
    distances = sorted(
        (abs(item.log_factor - known[candidate]) if candidate in known else math.inf, i, k)
        for i, item in enumerate(group)
        for k, candidate in enumerate(names)
    )
    chosen: dict[int, int] = {}
    for _, i, k in distances:
        if i not in chosen and k not in chosen.values():
            chosen[i] = k
    return [(names[chosen[i]], item) for i, item in enumerate(group)]


def _next(names: list[Key]) -> Key:
    return Key(names[0].source, f'{names[0].of} {len(names) + 1}'.strip())
