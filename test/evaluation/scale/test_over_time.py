"""Steadiness of the scale, and the time to follow a change, on series that were drawn."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mt3dnet_ros.datasets.frames import LabelledFrame
from mt3dnet_ros.evaluation.observation import Observation
from mt3dnet_ros.evaluation.order import FRAME_TIME, EvaluationStep
from mt3dnet_ros.evaluation.scale.over_time import ScaleOverTimeScorer
from mt3dnet_ros.evaluation.scale.switchboard import ScaledFrame
from mt3dnet_ros.perception.scale.depth_scale import DepthScale, SupportingSource
from mt3dnet_ros.perception.scene import Scene

SOURCE = (SupportingSource('shaft', 1.0, 0.1, 0.0),)
FRAME = LabelledFrame('one', np.zeros((4, 4, 3), np.uint8), depth=np.full((4, 4), 0.1, np.float32))


def scale(log_factor: float) -> DepthScale:
    return DepthScale(math.exp(log_factor), 0.1, SOURCE)


def score(*sequences: list[tuple[float, float, float]]) -> dict:
    """Return the row of the one way of which fused, alone and untold logarithms are given."""
    scorer = ScaleOverTimeScorer(['shaft'])
    for number, sequence in enumerate(sequences):
        for place, (fused, alone, uncut) in enumerate(sequence):
            step = EvaluationStep(place, f's{number}', place > 0, (place + 1) * FRAME_TIME)
            scene = Scene(depth=np.full((4, 4), 0.1 * math.exp(fused), np.float32), scale=scale(fused))
            scaled = {'shaft': ScaledFrame(scene, scale(alone), scale(uncut))}
            scorer.update(Observation(FRAME, scene, [], step, scaled=scaled))
    return {name: metric.value for name, metric in scorer.section().tables['sources']['shaft'].items()}


def test_steadiness_is_the_ratio_of_deviations_within_sequences():
    noise = 0.1 * np.random.default_rng(0).standard_normal(50)
    row = score([(0.25 * x, x, 0.0) for x in noise], [(1.0 + 0.25 * x, 1.0 + x, 1.0) for x in noise])
    assert row['std_alone'] == pytest.approx(noise.std())
    assert row['ratio'] == pytest.approx(0.25)
    assert row['std_true'] == pytest.approx(0.0, abs=1e-6), "the network's own depth is right"


def test_errors_are_those_of_the_depth():
    row = score([(0.0, 0.2, 0.0)] * 6)
    assert (row['error_fused'], row['error_alone']) == (pytest.approx(0.0, abs=1e-6), pytest.approx(0.2, abs=1e-6))


def test_the_time_to_follow_a_cut_ends_when_it_stays_near():
    after = [(0.5, 0.5, untold) for untold in (0.0, 0.48, 0.3, 0.47, 0.5)]
    row = score([(0.0, 0.0, 0.0)] * 6, after)
    assert row['follow_s'] == pytest.approx(0.3) == row['follow_worst_s']


def test_stills_say_nothing_of_time():
    scorer = ScaleOverTimeScorer(['shaft'])
    scene = Scene(depth=np.full((4, 4), 0.1, np.float32), scale=scale(0.0))
    scorer.update(Observation(FRAME, scene, [], scaled={'shaft': ScaledFrame(scene)}))
    assert 'no two consecutive frames' in scorer.section().skipped
