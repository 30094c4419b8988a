"""What several things say of the scale at once, with errors that they share."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from mt3dnet_ros.perception.scale.track import DRIFT, Reading

SHARED = 0.5
"""Correlation of the systematic errors of two things of one source, such as two shafts of one maker."""

WAVER = 0.023
"""Standard deviation of the logarithm of the network's scale error in single frames around its path over a second.

Measured by the shipped network within eleven rendered sequences of one second: 0.012 to 0.033, this is their root mean
square."""

_USUAL = 2.0  # standard deviations of the network's guess, beyond which the guess itself is doubted
_NOTHING_KNOWN = 1e3  # standard deviation of a logarithm of which nothing is known


class Fused(NamedTuple):
    """A fused scale: logarithm of the factor, and its standard deviation."""

    log_factor: float
    deviation: float


def fuse(readings: Sequence[Reading], network_deviation: float) -> Fused:
    """Return the best linear unbiased estimate, with the network's guess of 1 as one more that speaks.

    Where the others put the scale farther from the guess than is usual for it, the guess counts less: it must not pull
    where the network is out of its depth.

    :param readings: one or more, each of another thing
    :param network_deviation: of the logarithm of the network's own scale; NaN where unknown
    """
    logs = np.array([reading.log_factor for reading in readings])
    told, deviation = _combine(logs, covariance(readings))
    guess = network_deviation if math.isfinite(network_deviation) else _NOTHING_KNOWN
    prior = max(guess, abs(told) / _USUAL) ** -2
    information = deviation**-2
    return Fused(told * information / (information + prior), (information + prior) ** -0.5)


def waver(readings: Sequence[Reading]) -> Fused:
    """Return how far this frame's scale is from its path, by what measures it in single frames, and how sure that is.

    The network wavers by ``WAVER`` from frame to frame; where nothing follows it, that is what is left of it.
    """
    now = [reading for reading in readings if not reading.age]
    weights = [reading.newest.frame_noise**-2 for reading in now]
    steps = [reading.newest.log_factor - reading.log_factor for reading in now]
    information = WAVER**-2 + sum(weights)
    return Fused(sum(w * step for w, step in zip(weights, steps, strict=True)) / information, information**-0.5)


def covariance(readings: Sequence[Reading]) -> np.ndarray:
    """Return the covariance of the errors of readings, (n, n).

    Each has its own noise. Systematic errors are shared in part within a source. The scale has drifted since the last
    observation, and of two old ones since the newer of them for both.
    """
    systematic = np.array([reading.systematic for reading in readings])
    ages = np.array([reading.age for reading in readings])
    sources = np.array([reading.key.source for reading in readings])
    shared = np.where(sources[:, None] == sources, SHARED, 0.0)
    np.fill_diagonal(shared, 1.0)
    found = shared * np.outer(systematic, systematic) + DRIFT**2 * np.minimum(ages[:, None], ages)
    found[np.diag_indices(len(found))] += [reading.noise for reading in readings]
    return found


def _combine(logs: np.ndarray, errors: np.ndarray) -> Fused:
    """Return the estimate by weights that are not negative.

    A negative weight would make a correction of what a worse one of the same source says, and rest on how far their
    errors are shared, which is assumed; the worse one is left out instead.

    :param errors: covariance, (n, n)
    """
    kept = np.arange(len(logs))
    while True:
        weights = np.linalg.solve(errors[np.ix_(kept, kept)], np.ones(len(kept)))
        if len(kept) == 1 or weights.min() >= 0.0:
            return Fused(float(weights @ logs[kept] / weights.sum()), float(weights.sum() ** -0.5))
        kept = np.delete(kept, weights.argmin())
