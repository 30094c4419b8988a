"""Which seen tip is which of those that the robot knows."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from mt3dnet_ros.perception.scale.evidence import KnownTip

SEEN_OFFSET = 0.0032
"""Standard deviation, metres along each axis, of a seen tip around the one of the kinematics.

What is seen is the farthest point of open claspers, what kinematics know is the middle between them. Measured by the
shipped network on rendered frames of ``endoscope``: half of the tips lie within 3.8 mm of the line of sight, nine of
ten within 7.5 mm."""

_GATE = 3.0  # standard deviations by which a seen tip may lie beside a known one
_CANDIDATES = 3  # seen tips that are thought of for each known one
_CLEARER = 4.0  # by which the sum of squared distances, in standard deviations, must grow if they were otherwise


@dataclass(frozen=True)
class TipMatch:
    """A known tip and the nearest line of sight of a seen one.

    :param seen: index of the seen tip
    :param aside: from the line of sight to the known tip, (3,) metres
    :param along: how far along that line the known tip lies, metres
    :param doubt: why they do not belong together, in words; empty where they do
    """

    known: KnownTip
    seen: int
    aside: np.ndarray
    along: float
    doubt: str = ''

    @property
    def distance(self) -> float:
        """Metres from the line of sight to the known tip."""
        return float(np.linalg.norm(self.aside))


def match_tips(known: Sequence[KnownTip], seen: np.ndarray) -> list[TipMatch]:
    """Return for each known tip the seen one that belongs to it, or the nearest one and why it does not.

    Those belong together that make the least sum of squared distances from the lines of sight, one to one, within what
    kinematics and sight allow; what would be nearly as likely otherwise is ambiguous. Depths do not count: they are
    what is to be measured.

    :param known: in front of the camera
    :param seen: (n, 3) one seen tip or more, of any scale, optical frame
    """
    places = np.array([tip.position for tip in known]).reshape(-1, 3)
    sights = seen / np.linalg.norm(seen, axis=1, keepdims=True)
    along = places @ sights.T  # (known, seen)
    aside = places[:, None] - along[..., None] * sights
    distances = np.where(along > 0.0, np.linalg.norm(aside, axis=2), np.inf)
    costs = [[(distance / _deviation(tip)) ** 2 for distance in row] for tip, row in zip(known, distances, strict=True)]
    ways = sorted(_assignments(costs, frozenset()), key=lambda way: way[0])
    matches = []
    for row, tip in enumerate(known):
        chosen = ways[0][1][row]
        column = int(distances[row].argmin()) if chosen is None else chosen
        doubt = _doubt(tip, float(distances[row].min()), chosen, _margin(ways, row))
        matches.append(TipMatch(tip, column, aside[row, column], float(along[row, column]), doubt))
    return matches


def allowed_distance(tip: KnownTip) -> float:
    """Return how far, in metres, the line of sight of a seen tip may pass by the known one."""
    return _GATE * _deviation(tip)


def _deviation(tip: KnownTip) -> float:
    return math.hypot(tip.deviation, SEEN_OFFSET)


def _assignments(
    costs: Sequence[Sequence[float]], taken: frozenset[int]
) -> Iterator[tuple[float, tuple[int | None, ...]]]:
    """Yield every way to give each known tip a seen one or none, with what it costs; none costs as much as the gate."""
    if not costs:
        yield 0.0, ()
        return
    nearest = sorted(range(len(costs[0])), key=costs[0].__getitem__)[:_CANDIDATES]
    near = [column for column in nearest if costs[0][column] <= _GATE**2 and column not in taken]
    for cost, others in _assignments(costs[1:], taken):
        yield cost + _GATE**2, (None, *others)
    for column in near:
        for cost, others in _assignments(costs[1:], taken | {column}):
            yield cost + costs[0][column], (column, *others)


def _margin(ways: Sequence[tuple[float, tuple[int | None, ...]]], row: int) -> float:
    """Return by how much it costs more to give a known tip another seen one, or its seen one to another."""
    cost, best = ways[0]
    mine = best[row]
    others = (
        other
        for other, way in ways
        if way[row] not in (None, mine) or (way[row] is None and mine is not None and mine in way)
    )
    return min(others, default=math.inf) - cost


def _doubt(tip: KnownTip, nearest: float, chosen: int | None, margin: float) -> str:
    if not math.isfinite(nearest):
        return 'no tip is seen on its side of the camera'
    if nearest > allowed_distance(tip):
        return (
            f'the nearest seen tip is {1e3 * nearest:.0f} mm beside where the robot says it is, and at most '
            f'{1e3 * allowed_distance(tip):.0f} mm are usual: its tip is hidden, or the hand-eye transform is off'
        )
    if margin < _CLEARER:
        return 'two tips are near to each other: which is which is not clear'
    return 'the only seen tip near it belongs to another tool' if chosen is None else ''
