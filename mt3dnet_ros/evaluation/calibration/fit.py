"""The numbers that make confidence believable, found by maximum likelihood on labelled frames."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from mt3dnet_ros.errors import MT3DNetError, needs_extra
from mt3dnet_ros.perception.confidence import logit

with needs_extra('evaluate'):
    from scipy.optimize import minimize, minimize_scalar

_HOTTEST = 20.0  # temperatures from its inverse to this
_LEAST_BOXES = 20
_LEAST_VIEWS = 5


class CalibrationError(MT3DNetError, ValueError):
    """A network cannot be calibrated; the message says why."""


def fit_presence(evidence: np.ndarray, instrument: np.ndarray) -> float:
    """Return the temperature of instrument against background.

    :param evidence: (n,) log-odds of an instrument, at temperature 1
    :param instrument: (n,) bool, whether there is one
    """
    if not instrument.any() or instrument.all():
        raise CalibrationError('calibration needs cells with instruments and cells without; take more frames')
    return _coolest(lambda t: float(np.mean(np.logaddexp(0.0, evidence / t) - instrument * evidence / t)))


def fit_types(logits: np.ndarray, types: np.ndarray) -> float:
    """Return the temperature of the types among instruments.

    :param logits: (C, n) of the instruments' types, background left out
    :param types: (n,) index of the true one
    """
    if not types.size:
        raise CalibrationError('calibration needs instruments of types that the network knows; take other frames')
    chosen = np.arange(types.size)

    def loss(temperature: float) -> float:
        scaled = (logits - logits.max(axis=0)) / temperature
        return float(np.mean(np.log(np.exp(scaled).sum(axis=0)) - scaled[types, chosen]))

    return _coolest(loss)


def fit_score_line(scores: np.ndarray, right: np.ndarray) -> tuple[float, float]:
    """Return scale and offset of the scores' logits by Platt's method (1999), with his softened targets.

    :param scores: (n,) of detections
    :param right: (n,) bool, whether there is an instrument in the box
    """
    if len(scores) < _LEAST_BOXES:
        raise CalibrationError(
            f'calibration needs {_LEAST_BOXES} detections, these frames have {len(scores)}; take more frames'
        )
    hits, misses = int(right.sum()), int((~right).sum())
    targets = np.where(right, (hits + 1.0) / (hits + 2.0), 1.0 / (misses + 2.0))
    logits = logit(scores)

    def loss(line: np.ndarray) -> float:
        corrected = np.exp(line[0]) * logits + line[1]  # the exponential keeps the order of the scores
        return float(np.mean(np.logaddexp(0.0, corrected) - targets * corrected))

    log_scale, offset = minimize(loss, np.zeros(2), method='Nelder-Mead').x
    return float(np.exp(log_scale)), float(offset)


def fit_view_line(views: np.ndarray, nothing: np.ndarray) -> tuple[float, float]:
    """Return scale and offset of the logit of a known view, likewise, as if either kind of picture came as often.

    :param views: (n,) logits of views of scenes (and ``nothing``, (m,), of pictures that show none)
    """
    if min(len(views), len(nothing)) < _LEAST_VIEWS:
        raise CalibrationError(
            f'calibration needs {_LEAST_VIEWS} views and as many pictures of nothing, got {len(views)} and '
            f'{len(nothing)}; take more'
        )
    sure, never = (len(views) + 1.0) / (len(views) + 2.0), 1.0 / (len(nothing) + 2.0)

    def loss(line: np.ndarray) -> float:
        known, unknown = (np.exp(line[0]) * logits + line[1] for logits in (views, nothing))
        of_views = np.mean(np.logaddexp(0.0, known) - sure * known)
        return float(of_views + np.mean(np.logaddexp(0.0, unknown) - never * unknown))

    log_scale, offset = minimize(loss, np.zeros(2), method='Nelder-Mead').x
    return float(np.exp(log_scale)), float(offset)


def _coolest(loss: Callable[[float], float]) -> float:
    """Return the temperature of least loss; the losses here have one minimum."""
    found = minimize_scalar(
        lambda log_temperature: loss(math.exp(log_temperature)), bounds=(-math.log(_HOTTEST), math.log(_HOTTEST)),
        method='bounded', options={'xatol': 1e-4},
    )  # fmt: skip
    return math.exp(found.x)
