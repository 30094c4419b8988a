"""The verdict on a picture: a view that the network knows, or nothing here."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from mt3dnet_ros.perception.known_view.blank import is_blank

BLANK = 'the picture shows no scene (blank)'


@dataclass(frozen=True)
class ViewVerdict:
    """Whether there is anything here that the network can speak of.

    :param probability: that the picture is a view that the network knows, 0 of a blank one; None of a network without
        a view head
    :param nothing: why there is nothing here, in words; empty where the network can speak
    """

    probability: float | None = None
    nothing: str = ''


def judge_view(
    samples: np.ndarray, logit: np.ndarray | None, line: tuple[float, float], threshold: float
) -> ViewVerdict:
    """Judge a picture by itself, and by what the network says of it.

    :param samples: of the picture, as :func:`~mt3dnet_ros.perception.known_view.blank.sample` takes them
    :param logit: (1, 1, 1, 1) of the network; None of one without a view head
    :param line: ``view_line`` of ``MT3DNetConfig``
    :param threshold: least probability of a known view
    """
    if is_blank(samples):
        return ViewVerdict(None if logit is None else 0.0, BLANK)
    if logit is None:
        return ViewVerdict()
    probability = view_probability(logit, line)
    unknown = '' if probability >= threshold else f'no view that the network knows (probability {probability:.2f})'
    return ViewVerdict(probability, unknown)


def view_probability(logit: np.ndarray, line: tuple[float, float]) -> float:
    """Return the probability of a known view, from the first logit of a batch and ``view_line``."""
    scale, offset = line
    return float(0.5 * math.tanh(0.5 * (scale * logit[0].item() + offset)) + 0.5)  # the logistic, without overflow
