"""Confidence that can be believed: probabilities and scores corrected by what a validation set taught.

``mt3dnet calibrate`` finds the numbers, ``MT3DNetConfig`` holds them. Temperature scaling divides logits by a number
(Guo et al., On Calibration of Modern Neural Networks, ICML 2017). Here one number serves the question whether there is
an instrument and another which, so that masks stay where they are however unsure the types are.
"""

from __future__ import annotations

import math

import numpy as np

_CERTAIN = 1e-6  # scores nearer to 0 or 1 than this are as sure as can be


def type_probabilities(logits: np.ndarray, presence: float = 1.0, types: float = 1.0) -> np.ndarray:
    """Return the probability of each type, background first: p = p(instrument) p(type | instrument).

    Both temperatures 1 give the softmax. Where p(instrument) passes one half does not depend on them.

    :param logits: (C, ...) float32, background first
    :param presence: temperature of instrument against background
    :param types: temperature of the types among instruments
    """
    largest = logits[1:].max(axis=0)
    shifted = logits[1:] - largest
    evidence = np.log(np.exp(shifted).sum(axis=0)) + largest - logits[0]
    instrument = 0.5 * np.tanh(evidence * np.float32(0.5 / presence)) + 0.5  # logistic function, without overflow
    result = np.empty_like(logits)
    result[0] = 1.0 - instrument
    np.exp(shifted * np.float32(1.0 / types), out=result[1:])
    result[1:] *= instrument / result[1:].sum(axis=0)
    return result


def corrected_score(score: float, scale: float, offset: float) -> float:
    """Return the score whose logit is ``scale`` times that of another, plus ``offset`` (Platt 1999)."""
    inside = min(max(score, _CERTAIN), 1.0 - _CERTAIN)
    evidence = scale * math.log(inside / (1.0 - inside)) + offset
    return 0.5 * math.tanh(0.5 * evidence) + 0.5  # the logistic function, without overflow


def logit(score: np.ndarray | float) -> np.ndarray:
    """Return log(p / (1 - p)), finite for scores of 0 and 1 too."""
    inside = np.clip(score, _CERTAIN, 1.0 - _CERTAIN)
    return np.asarray(np.log(inside / (1.0 - inside)))
