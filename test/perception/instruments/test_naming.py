"""What an instrument is called whose type is not sure: the label image, the detections and the scanpath agree."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from support.drawing import CONFIG, NETWORK, SURE, Drawing

from mt3dnet_ros.perception.instruments.naming import Naming, naming
from mt3dnet_ros.perception.postprocess import Interpretation
from mt3dnet_ros.perception.preprocess import Letterbox
from mt3dnet_ros.perception.settings import Settings

SURE_BOX, LEFT, RIGHT = (50, 20, 70, 50), (5, 10, 16, 30), (16, 10, 25, 30)
OTHER = CONFIG.classes.index('other')


def interpret(drawing, threshold):
    settings = Settings(type_threshold=threshold)
    return Interpretation(drawing.prediction, Letterbox((512, 640), NETWORK), None, CONFIG, settings)


def doubtful_tool(threshold):
    """Return what is seen of a tool of type 2 and of one that looks like type 4 and, a little less, like type 6."""
    drawing = Drawing().tool(SURE_BOX, 2).tool(LEFT, 4).tool(RIGHT, 6)
    drawing.salient(SURE_BOX, 0.3).salient(LEFT, 0.6).salient(RIGHT, 0.6)
    return interpret(drawing, threshold)


def test_a_type_is_given_from_the_threshold_on():
    names = Naming(0.6, unnamed=8)
    assert [names(3, probability) for probability in (0.59, 0.6, 1.0)] == [8, 3, 3]


def test_without_a_threshold_or_a_class_for_the_others_all_are_named():
    assert Naming(0.0, unnamed=8)(3, 0.0) == 3
    assert Naming(0.9, unnamed=None)(3, 0.1) == 3


@pytest.mark.parametrize(
    ('classes', 'unnamed'),
    [(('background', 'forceps', 'Other'), 2), (('background', 'forceps'), None), (('background', 'other tools'), None)],
)
def test_the_class_of_all_others_is_found_by_its_name(classes, unnamed):
    assert naming(classes, 0.5) == Naming(0.5, unnamed)


@pytest.mark.parametrize(('threshold', 'doubtful'), [(0.0, 4), (0.75, 4), (0.8, OTHER), (0.9, OTHER)])
def test_labels_detections_and_scanpath_agree_on_every_class(threshold, doubtful):
    seen = doubtful_tool(threshold)
    assert [(item.class_id, item.class_name) for item in seen.detections] == [
        (class_id, CONFIG.classes[class_id]) for class_id in (2, doubtful)
    ]
    for item in seen.detections:
        assert set(np.unique(seen.labels[seen.instances == item.instance_id])) == {item.class_id}
    classes = {item.instance_id: item.class_id for item in seen.detections}
    assert {stop.instance_id: stop.class_id for stop in seen.scanpath} == classes


def test_an_unnamed_instrument_keeps_its_score_and_those_of_all_types():
    named, unnamed = doubtful_tool(0.0).detections[1], doubtful_tool(0.9).detections[1]
    assert replace(named, class_id=OTHER, class_name='other') == unnamed
    assert unnamed.score == max(unnamed.class_scores) == unnamed.class_scores[4 - 1]
    odds = np.exp(SURE * (11 - 9) / 20)
    assert unnamed.type_probability == pytest.approx(odds / (odds + 1), abs=0.01), 'by the mean of the logits'


def test_confidence_is_that_of_what_is_said():
    where = doubtful_tool(0.0).instances == 2
    named, unnamed = (doubtful_tool(threshold).confidence[where] for threshold in (0.0, 0.9))
    assert np.mean(named > 200) == pytest.approx(11 / 20, abs=0.1), 'the other half looks like another type'
    assert np.mean(unnamed > 120) == 1.0 and np.mean(unnamed > 200) > 0.8, 'it is an instrument all over'
    elsewhere = doubtful_tool(0.0).confidence[~where] == doubtful_tool(0.9).confidence[~where]
    assert elsewhere.all()


def test_confidence_is_that_of_an_instrument_too_where_the_doubt_is_whether_it_is_any_other():
    drawing = Drawing().tool(LEFT, OTHER).tool(RIGHT, 6)
    drawing.salient(LEFT, 0.6).salient(RIGHT, 0.6)
    sure, unsure = (interpret(drawing, threshold) for threshold in (0.0, 0.9))
    assert [seen.detections[0].class_id for seen in (sure, unsure)] == [OTHER, OTHER]
    where = sure.instances == 1
    assert np.mean(sure.confidence[where] > 200) < 0.7 < 0.8 < np.mean(unsure.confidence[where] > 200)


def test_a_box_without_a_mask_is_named_by_its_heat():
    drawing = Drawing().tool(SURE_BOX, 2).peak((5, 5, 25, 25), 3, 0.7)
    assert [item.class_id for item in interpret(drawing, 0.6).detections] == [2, 3]
    assert [item.class_id for item in interpret(drawing, 0.8).detections] == [2, OTHER]
