"""What is called an instrument where there is none."""

from __future__ import annotations

import numpy as np
import pytest

from mt3dnet_ros.datasets.frames import IGNORED, LabelledFrame
from mt3dnet_ros.evaluation.observation import Observation
from mt3dnet_ros.evaluation.scorers.called_instrument import CalledInstrumentScorer
from mt3dnet_ros.perception.scene import Box, Detection, Scene

NOTHING = np.zeros((10, 20), np.uint8)
FOUND = Detection(1, 'bipolar forceps', 0.9, 1, Box(0, 0, 20, 2))


def observation(name, called_rows, parts, detections=(), depth=np.nan):
    labels = NOTHING.copy()
    labels[:called_rows] = 3
    scene = Scene(labels=labels, detections=list(detections), depth=np.full(labels.shape, depth, np.float32))
    return Observation(LabelledFrame(name, np.zeros((10, 20, 3), np.uint8), parts=parts), scene, [])


def judge(*observations):
    scorer = CalledInstrumentScorer()
    for item in observations:
        scorer.update(item)
    return scorer.section()


def test_pixels_detections_and_depth_of_frames_without_an_instrument_are_counted():
    found = judge(
        observation('a', 2, NOTHING, [FOUND, FOUND]),
        observation('b', 1, NOTHING),
        observation('c', 0, NOTHING, depth=0.1),
    )
    values = {name: metric.value for name, metric in found.metrics.items()}
    assert values == pytest.approx(
        {'pixels_mean': 0.1, 'pixels_worst': 0.2, 'detections_mean': 2 / 3, 'detections_worst': 2,
         'frames_with_detections': 1, 'depth_mean': 1 / 3, 'depth_worst': 1}
    )  # fmt: skip
    assert {metric.n for metric in found.metrics.values()} == {3}
    assert found.tables['frame']['a']['pixels'].value == pytest.approx(0.2)
    assert found.tables['frame']['b']['detections'].value == 0
    assert found.notes == []


def test_frames_that_show_an_instrument_do_not_count():
    shown = NOTHING.copy()
    shown[0, 0] = 1
    assert judge(observation('a', 5, shown)).skipped == 'every frame shows an instrument'
    assert judge(observation('a', 5, shown), observation('b', 0, NOTHING)).metrics['pixels_worst'].value == 0.0


def test_unlabelled_pixels_show_no_instrument():
    assert judge(observation('a', 2, np.full_like(NOTHING, IGNORED))).metrics['pixels_mean'].n == 1


def test_frames_without_labels_count_and_the_report_says_so():
    found = judge(observation('a', 2, None))
    assert found.metrics['pixels_mean'].value == pytest.approx(0.2)
    assert 'without labels' in found.notes[0]
