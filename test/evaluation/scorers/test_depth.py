"""Errors of depth, where there is a prediction to judge."""

from __future__ import annotations

import numpy as np
import pytest

from mt3dnet_ros.datasets.frames import LabelledFrame
from mt3dnet_ros.evaluation.observation import Observation
from mt3dnet_ros.evaluation.scorers.depth import DepthScorer
from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.perception.scene import Scene

TRUE = np.full((8, 10), 0.1, np.float32)


def observed(depth: np.ndarray) -> Observation:
    camera = Camera(10, 8, 10.0, 10.0, 4.5, 3.5)
    frame = LabelledFrame('a', np.zeros((8, 10, 3), np.uint8), depth=TRUE, camera=camera)
    return Observation(frame, Scene(depth=depth), [])


def test_pixels_without_a_predicted_depth_are_counted_and_left_out() -> None:
    depth = np.full_like(TRUE, 0.11)
    depth[:4] = np.nan
    scorer = DepthScorer()
    scorer.update(observed(depth))
    metrics = scorer.section().metrics
    assert metrics['mae_mm'].value == pytest.approx(10.0, rel=1e-4) and metrics['predicted'].value == 0.5


def test_a_frame_of_which_nothing_is_said_has_no_errors_and_counts_as_not_predicted() -> None:
    scorer = DepthScorer()
    scorer.update(observed(np.full_like(TRUE, 0.11)))
    scorer.update(observed(np.full_like(TRUE, np.nan)))
    metrics = scorer.section().metrics
    assert metrics['mae_mm'].n == 1 and metrics['predicted'].value == 0.5
