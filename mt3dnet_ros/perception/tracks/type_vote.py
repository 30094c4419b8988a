"""The type of an instrument by vote over its frames."""

from __future__ import annotations

import math

import numpy as np

from mt3dnet_ros.perception.scene import Detection

INDEPENDENT_AFTER = 0.5
"""Seconds after which the network's doubt between types counts as a new opinion: neighbouring frames show the same view
and err alike, so that each of them counts only for the time since the one before."""

FORGOTTEN_AFTER = 30.0
"""Time constant, seconds, with which old votes lose their weight: a tool may have been exchanged."""

_LEAST_SCORE = 1e-6
_LEAST = 0.01  # probability that one vote gives a type at least: none is ruled out by a single frame


def type_distribution(detection: Detection) -> np.ndarray:
    """Return the probability of class 1 and so on, given that it is an instrument, (C - 1,).

    That of the class with the largest score is ``type_probability``, which is calibrated; the others share what is left
    in proportion to their scores.
    """
    scores = np.array(detection.class_scores, np.float64)
    if len(scores) == 0:
        return scores
    best = int(scores.argmax())
    probability = detection.type_probability if math.isfinite(detection.type_probability) else scores[best]
    scores += _LEAST_SCORE
    scores[best] = 0.0
    scores *= (1.0 - probability) / scores.sum()
    scores[best] = probability
    return scores


class TypeVote:
    """The product of the probabilities that single frames gave, each tempered by how new its opinion is.

    p(type) ~ prod p_k(type)^w_k, which is Bayes' rule for independent opinions of weight 1 on types that are equally
    likely at first.
    """

    def __init__(self) -> None:
        self._evidence = np.zeros(0)
        self._stamp = 0

    def add(self, types: np.ndarray, stamp: int) -> None:
        """Take the opinion of a frame.

        :param types: (C - 1,) probability of class 1 and so on
        :param stamp: nanoseconds, not before that of the last
        """
        opinion = np.log(np.maximum(types, _LEAST))
        if not len(self._evidence):
            self._evidence = opinion
        else:
            elapsed = 1e-9 * (stamp - self._stamp)
            self._evidence *= math.exp(-elapsed / FORGOTTEN_AFTER)
            self._evidence += min(1.0, elapsed / INDEPENDENT_AFTER) * opinion
        self._stamp = stamp

    def join(self, other: TypeVote) -> None:
        """Take the votes on another track that turned out to be the same instrument."""
        self._evidence = self._evidence + other._evidence
        self._stamp = max(self._stamp, other._stamp)

    @property
    def probabilities(self) -> np.ndarray:
        """Of class 1 and so on, (C - 1,)."""
        shares = np.exp(self._evidence - self._evidence.max())
        return np.asarray(shares / shares.sum())
