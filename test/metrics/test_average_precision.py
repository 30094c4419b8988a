"""COCO's average precision on boxes whose precision and recall can be written down."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mt3dnet_ros.evaluation.scorers.objects import Object, true_objects
from mt3dnet_ros.metrics.average_precision import (
    ObjectSet,
    average_precision,
    class_agnostic_precision,
    mask_precision,
)

BOX, FAR = (10.0, 10.0, 40.0, 20.0), (60.0, 40.0, 20.0, 20.0)
TIGHT = (10.0, 10.0, 40.0, 13.0)  # IoU 0.65 with BOX


def objects_of(*images):
    objects = ObjectSet()
    for truths, found in images:
        objects.add_image((80, 100), truths, found)
    return objects


def test_a_box_counts_at_the_thresholds_that_its_overlap_exceeds():
    found = average_precision(objects_of(([Object(1, BOX)], [Object(1, TIGHT, 0.9)])), [1])
    assert found.map50 == pytest.approx(1.0) and found.map75 == 0.0
    assert found.map == pytest.approx(0.4) == pytest.approx(found.mar), 'of ten thresholds: 0.5, 0.55, 0.6 and 0.65'


def test_a_false_box_above_the_true_one_halves_precision():
    found = average_precision(objects_of(([Object(1, BOX)], [Object(1, FAR, 0.9), Object(1, BOX, 0.4)])), [1])
    assert found.map50 == pytest.approx(0.5) and found.mar == 1.0


def test_a_missed_instrument_ends_the_curve():
    images = ([Object(1, BOX)], [Object(1, BOX, 0.9)]), ([Object(1, BOX)], [])
    found = average_precision(objects_of(*images), [1])
    assert found.map50 == pytest.approx(51 / 101), 'precision is 1 at the 51 recalls from 0 to 0.5, 0 beyond'
    assert found.precision50[0].tolist() == [1.0] * 51 + [0.0] * 50


def test_a_wrong_type_counts_as_false_except_where_classes_are_set_aside():
    objects = objects_of(([Object(1, BOX), Object(2, FAR)], [Object(2, BOX, 0.9), Object(2, FAR, 0.8)]))
    found = average_precision(objects, [1, 2])
    assert found.per_class50 == pytest.approx([0.0, 0.5]) and found.map50 == pytest.approx(0.25)
    assert class_agnostic_precision(objects).map == pytest.approx(1.0)


def test_classes_that_the_truth_does_not_show_do_not_count():
    found = average_precision(objects_of(([Object(1, BOX)], [Object(1, BOX, 0.9), Object(3, FAR, 0.8)])), [1, 2])
    assert found.map == pytest.approx(1.0) and math.isnan(found.per_class[1]) and np.isnan(found.precision50[1]).all()


def test_nothing_found_scores_0_and_nothing_true_has_no_score():
    assert average_precision(objects_of(([Object(1, BOX)], [])), [1]).map == 0.0
    nothing = average_precision(objects_of(([], [Object(1, BOX, 0.9)])), [1])
    assert math.isnan(nothing.map) and math.isnan(nothing.mar)


def test_masks_are_judged_by_their_pixels():
    instances = np.zeros((80, 100), np.uint8)
    instances[10:30, 10:50] = 1
    half = instances.copy()
    half[20:30, 10:30] = 0  # the same box, three quarters of the pixels: IoU 0.75
    truth, found = true_objects(instances, instances)[0], true_objects(half, half)[0]._replace(score=0.9)
    objects = objects_of(([truth], [found, Object(1, FAR, 0.95)]))
    assert mask_precision(objects, [1]).map == pytest.approx(0.6), 'from 0.5 to 0.75; the box without mask is left out'
    assert class_agnostic_precision(objects_of(([truth], [found]))).map == pytest.approx(1.0)
