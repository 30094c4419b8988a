"""Things that contradict each other about the scale: which to believe, and what may be wrong, in words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from mt3dnet_ros.perception.scale.fusion import covariance
from mt3dnet_ros.perception.scale.namesakes import Key
from mt3dnet_ros.perception.scale.track import Reading

_CONTRADICTION = 3.0  # standard deviations of the difference of two readings
_LOYALTY = 4.0  # by which the information of what was believed before counts more, so that belief does not flicker
_IMPLAUSIBLE = 4.0  # standard deviations of the network's own scale and of what contradicts it
_SUSPECTS = {
    'fixed': 'fixed_scale, which may belong to another camera or network',
    'shaft': 'the diameter of {of} (shaft_diameters)',
    'second_eye': "the stereo calibration's baseline",
    'robot': 'the hand-eye transform or the kinematics of {of}',
}


class Verdict(NamedTuple):
    """Which readings are believed.

    :param believed: they agree with each other
    :param doubted: each contradicts one of those
    :param decided: whether more speaks for the believed than that one must choose
    """

    believed: list[Reading]
    doubted: list[Reading]
    decided: bool = True


def judge(readings: Sequence[Reading], loyal_to: frozenset[Key] = frozenset()) -> Verdict:
    """Return which of some readings to believe.

    Those that agree are believed where more sources speak for them, or, within a single source, more things. Where
    neither tells, the more exact ones are believed, and it is undecided.

    :param readings: each of another thing
    :param loyal_to: what was believed before
    """
    agree = _agreement(readings)
    if agree.all():
        return Verdict(list(readings), [])
    groups = [_group(seed, agree, readings) for seed in range(len(readings))]
    best = max(groups, key=lambda group: _weight([readings[i] for i in group], readings, loyal_to))
    believed = [readings[i] for i in best]
    doubted = [reading for i, reading in enumerate(readings) if i not in best]
    votes = _votes(believed, readings)
    others = [_votes([readings[i] for i in group], readings) for group in groups if not set(group) <= set(best)]
    return Verdict(believed, doubted, votes > max(others))


def describe(verdict: Verdict) -> tuple[str, ...]:
    """Return a sentence for each reading that is doubted: what it contradicts, and what may be wrong."""
    return tuple(_sentence(reading, verdict) for reading in verdict.doubted)


def describe_implausible(believed: Sequence[Reading], network_deviation: float) -> tuple[str, ...]:
    """Return a sentence where a single source puts the scale where the network hardly ever errs to; else nothing.

    A baseline in the wrong unit is recognised so, even where no second source sees it.

    :param network_deviation: of the logarithm of the network's own scale; NaN where unknown
    """
    best = min(believed, key=lambda reading: reading.variance)
    usual = math.hypot(network_deviation, best.variance**0.5)
    if _votes(believed, ()) > 1 or not abs(best.log_factor) > _IMPLAUSIBLE * usual:
        return ()
    off = 100.0 * math.expm1(network_deviation)
    return (f'{_claim(best)}, where the network is usually right within {off:.0f} %; check {_suspect(best)}',)


def _agreement(readings: Sequence[Reading]) -> np.ndarray:
    """Return which readings agree with which, (n, n) bool."""
    logs = np.array([reading.log_factor for reading in readings])
    errors = covariance(readings)
    variances = errors.diagonal()[:, None] + errors.diagonal() - 2.0 * errors
    return (logs[:, None] - logs) ** 2 <= _CONTRADICTION**2 * variances + 1e-12


def _group(seed: int, agree: np.ndarray, readings: Sequence[Reading]) -> list[int]:
    """Return a reading and those that agree with it and with each other, the most exact first."""
    group = [seed]
    for i in sorted(agree[seed].nonzero()[0], key=lambda i: readings[i].variance):
        if i != seed and agree[i, group].all():
            group.append(int(i))
    return group


def _votes(group: Sequence[Reading], readings: Sequence[Reading]) -> int:
    """Return how many sources speak for a group of readings, or, where all of these are of one, how many things."""
    single = len({reading.key.source for reading in readings}) == 1
    return len(group) if single else len({reading.key.source for reading in group})


def _weight(group: Sequence[Reading], readings: Sequence[Reading], loyal_to: frozenset[Key]) -> tuple[int, float]:
    information = sum(1.0 / reading.variance for reading in group)
    loyal = loyal_to & {reading.key for reading in group}
    return _votes(group, readings), information * (_LOYALTY if loyal else 1.0)


def _sentence(doubted: Reading, verdict: Verdict) -> str:
    best = min(verdict.believed, key=lambda reading: reading.variance)
    suspects = [_suspect(doubted)] if verdict.decided else [_suspect(doubted), _suspect(best)]
    believed = 'is believed' if verdict.decided else 'is believed for now'
    return f'{_claim(doubted)}, but {_claim(best)}, which {believed}; check {", or ".join(suspects)}'


def _claim(reading: Reading) -> str:
    source, of = reading.key
    told = f'{source} ({of})' if of else source
    return f'{told} says x{math.exp(reading.log_factor):.2f} within {_percent(reading)} %'


def _percent(reading: Reading) -> str:
    return f'{100.0 * math.expm1(reading.variance**0.5):.0f}'


def _suspect(reading: Reading) -> str:
    source, of = reading.key
    return _SUSPECTS.get(source, source).format(of=of or 'the tool')
