"""Instruments for the detection metrics."""

from __future__ import annotations

import numpy as np

from mt3dnet_ros.datasets.frames import IGNORED
from mt3dnet_ros.evaluation.scorers.objects import (
    UNKNOWN_CLASS,
    detector_objects,
    hypotheses,
    perceived_objects,
    true_objects,
)
from mt3dnet_ros.perception.instruments.peaks import Peak
from mt3dnet_ros.perception.scene import Box, Detection

TABLE = np.array([0, 3, 1], np.uint8)


def labelled():
    instances, types = np.zeros((2, 20, 30), np.uint8)
    instances[2:8, 3:13], types[2:8, 3:13] = 1, 4
    instances[10:12, 20:25] = 7
    types[10:12, 20:22], types[10:12, 22:25] = 2, IGNORED
    return instances, types


def test_true_instruments_have_the_box_and_type_of_their_pixels():
    first, second = true_objects(*labelled())
    assert first[:3] == (4, (3.0, 2.0, 10.0, 6.0), 1.0)
    assert second[:3] == (2, (20.0, 10.0, 5.0, 2.0), 1.0), 'unlabelled pixels do not vote'


def test_without_types_the_class_is_unknown():
    assert [item.class_id for item in true_objects(labelled()[0], None)] == [UNKNOWN_CLASS] * 2


def test_detections_keep_box_score_and_mask():
    instances = labelled()[0]
    seen = [
        Detection(1, 'a', 0.8, 1, Box(3, 2, 10, 6)),
        Detection(2, 'b', 0.3, -1, Box(5, 6, 7, 8)),
    ]
    with_mask, without = perceived_objects(seen, instances, TABLE)
    assert with_mask[:3] == (3, (3.0, 2.0, 10.0, 6.0), 0.8)
    assert with_mask.mask == true_objects(instances, None)[0].mask
    assert without == (1, (5.0, 6.0, 7.0, 8.0), 0.3, None)


def test_hypotheses_have_one_box_and_the_best_score_of_each_class():
    table = np.array([0, 3, 1, 3], np.uint8)
    seen = [
        Detection(1, 'a', 0.8, 1, Box(3, 2, 10, 6), class_scores=(0.8, 0.5, 0.6)),
        Detection(2, 'b', 0.3, -1, Box(5, 6, 7, 8)),
    ]
    found = hypotheses(seen, perceived_objects(seen, labelled()[0], table), table)
    assert [(item.class_id, item.score) for item in found] == [(3, 0.8), (1, 0.5), (1, 0.3)]
    assert found[0].box == found[1].box == (3.0, 2.0, 10.0, 6.0)


def test_edges_between_pixel_centres_become_edges_of_pixels():
    covering_columns_3_to_12 = np.array([2.5, 1.5, 12.5, 7.5])
    (found,) = detector_objects([Peak(2, 0.6, covering_columns_3_to_12)], TABLE)
    assert found == (1, (3.0, 2.0, 10.0, 6.0), 0.6, None)
