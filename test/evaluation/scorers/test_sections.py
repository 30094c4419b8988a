"""The sections of a report, from frames that are seen in known ways."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mt3dnet_ros.datasets.frames import IGNORED, LabelledFrame
from mt3dnet_ros.evaluation.class_map import map_classes
from mt3dnet_ros.evaluation.observation import Observation
from mt3dnet_ros.evaluation.scorers.confidence import ConfidenceScorer
from mt3dnet_ros.evaluation.scorers.depth import DepthScorer
from mt3dnet_ros.evaluation.scorers.detection import DetectionScorer
from mt3dnet_ros.evaluation.scorers.instrument import InstrumentScorer, PartScorer, true_foreground
from mt3dnet_ros.evaluation.scorers.time import TimeScorer
from mt3dnet_ros.evaluation.scorers.type import TypeScorer
from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.perception.instruments.peaks import Peak
from mt3dnet_ros.perception.scene import Box, Detection, Scene

NETWORK = ('background', 'forceps', 'scissors', 'hook')
CLASSES = map_classes(NETWORK, ('background', 'scissors', 'forceps'))  # another order, and no hook
SIZE = (20, 40)


def labels(**columns):
    """Return labels that are 0 but for the columns of some ids: ``id_2=slice(0, 10)``."""
    image = np.zeros(SIZE, np.uint8)
    for name, where in columns.items():
        image[:, where] = int(name.removeprefix('id_'))
    return image


def observation(types, seen, /, **changes):
    """Return a frame whose types, in the data set's numbering, were seen so in the network's."""
    frame = LabelledFrame('seq_1/a', np.zeros((*SIZE, 3), np.uint8), types)
    scene = Scene(labels=seen, confidence=np.full(SIZE, 255, np.uint8))
    return Observation(replace(frame, **changes), scene, [])


def score(scorer, *seen):
    for item in seen:
        scorer.update(item)
    return scorer.section()


def test_types_are_compared_by_name():
    section = score(TypeScorer(CLASSES), observation(labels(id_1=slice(0, 10)), labels(id_2=slice(0, 10))))
    assert section.metrics['dice_micro'].value == section.metrics['challenge_iou'].value == 1.0
    assert section.tables['classes']['scissors']['dice'] == (1.0, 200, 'true pixels', '')


def test_unknown_instruments_are_wrong_for_dice_and_background_for_published_scores():
    section = score(TypeScorer(CLASSES), observation(labels(), labels(id_3=slice(0, 10))))
    assert section.metrics['dice_micro'].value == 0.75
    assert section.metrics['isi_iou'].n == 0, 'an empty frame in which nothing known was seen does not count'
    assert 'hook' in section.notes[0]


def test_unlabelled_pixels_count_nowhere():
    truth = labels(id_1=slice(0, 10))
    truth[:, 20:] = IGNORED
    section = score(TypeScorer(CLASSES), observation(truth, labels(id_2=slice(0, 10), id_1=slice(20, 40))))
    assert section.metrics['dice_micro'][:2] == (1.0, 400)


@pytest.mark.parametrize(
    ('classes', 'reason'),
    [(None, 'no instrument types'), (map_classes(NETWORK, ('background', 'liver', 'gall', 'scissors')), 'liver, gall')],
)
def test_types_of_another_kind_are_not_scored(classes, reason):
    section = score(TypeScorer(classes), observation(labels(), labels()))
    assert reason in section.skipped and not section.metrics


def test_instruments_are_judged_by_parts_where_there_are_parts():
    seen = observation(labels(id_1=slice(0, 40)), labels(id_1=slice(0, 10)), parts=labels(id_3=slice(0, 20)))
    section = score(InstrumentScorer(), seen)
    assert section.metrics['dice'].value == pytest.approx(2 * 10 / (10 + 20))
    assert section.metrics['iou'].value == pytest.approx(10 / 20)


def test_frames_are_pooled_and_averaged():
    section = score(
        InstrumentScorer(), observation(labels(), labels()),
        observation(labels(id_1=slice(0, 20)), labels(id_1=slice(0, 10))),
        observation(labels(id_1=slice(0, 10)), labels(id_1=slice(20, 30))),
    )  # fmt: skip
    assert section.metrics['dice'].value == pytest.approx(2 * 10 / (20 + 30))
    worst, median = section.metrics['dice_frames_worst'].value, section.metrics['dice_frames_median'].value
    assert (worst, median) == (0.0, pytest.approx(2 / 3))
    assert section.metrics['dice_frames_mean'].value == pytest.approx((1 + 2 / 3 + 0) / 3)


def test_foreground_keeps_what_is_unlabelled():
    frame = observation(labels(id_2=slice(0, 10), id_255=slice(10, 20)), None).frame
    assert [true_foreground(frame)[0, column] for column in (0, 10, 20)] == [1, IGNORED, 0]


def test_parts_that_a_data_set_joins_are_joined():
    parts = map_classes(
        ('background', 'shaft', 'wrist', 'clasper'),
        ('background', 'shaft', 'manipulator'),
        {'wrist': 'manipulator', 'clasper': 'manipulator'},
    )
    seen = observation(None, None, parts=labels(id_1=slice(0, 10), id_2=slice(10, 30)))
    seen.scene.parts = labels(id_1=slice(0, 10), id_2=slice(10, 20), id_3=slice(20, 30))
    section = score(PartScorer(parts), seen)
    assert section.metrics['dice_macro'].value == 1.0 and list(section.tables['classes'])[2] == 'manipulator'


def test_a_part_is_averaged_over_the_frames_that_show_it():
    frames = []
    for true, found in ((10, 10), (30, 10), (0, 0)):
        frames.append(observation(None, None, parts=labels(id_1=slice(0, true))))
        frames[-1].scene.parts = labels(id_1=slice(0, found))
    shaft = score(PartScorer(map_classes(*2 * [('background', 'shaft')])), *frames).tables['classes']['shaft']
    assert shaft['dice_frames_mean'][:3] == (pytest.approx((1.0 + 0.5) / 2), 2, 'frames')


def with_depth(predicted, true, known=slice(None), name='seq_1/a', **changes):
    depth = np.zeros(SIZE, np.float32)
    depth[known] = true
    camera = Camera(SIZE[1], SIZE[0], 50.0, 50.0, 20.0, 10.0)
    seen = observation(None, None, depth=depth, name=name, **{'camera': camera, **changes})
    seen.scene.depth = np.full(SIZE, predicted, np.float32)
    return seen


def test_depth_is_scored_unscaled_and_median_scaled():
    section = score(DepthScorer(), with_depth(0.052, 0.05), with_depth(0.056, 0.05))
    assert section.metrics['mae_mm'][:3] == (pytest.approx((2 + 6) / 2, rel=1e-4), 2, 'frames')
    assert section.tables['per_frame']['median_scaled']['mae_mm'].value == pytest.approx(0.0, abs=1e-4)
    assert sum(section.curves['histogram']['pixels']) == 2 * 20 * 40


def test_the_challenge_rejects_thin_frames_and_averages_sequences():
    thin = with_depth(0.09, 0.05, known=(slice(0, 1), slice(0, 40)))
    well = [with_depth(0.05 + 1e-3 * error, 0.05, name=name) for error, name in ((1, 'a/0'), (3, 'a/1'), (8, 'b/0'))]
    section = score(DepthScorer(), thin, *well)
    assert section.metrics['challenge_mae_mm'][:3] == (pytest.approx((2 + 8) / 2, rel=1e-4), 2, 'sequences')
    assert section.metrics['mae_mm'].value == pytest.approx((40 + 1 + 3 + 8) / 4, rel=1e-4)


def test_depth_on_instruments_is_told_apart():
    section = score(DepthScorer(), with_depth(0.05, 0.05, parts=labels()), with_depth(0.05, 0.06, types=labels(id_1=0)))
    assert section.tables['pooled']['unscaled_instruments']['mae_mm'][:2] == (pytest.approx(10.0, rel=1e-4), 20)


@pytest.mark.parametrize(('changes', 'reason'), [({'camera': None}, 'camera'), ({'depth': None}, 'no frame has depth')])
def test_depth_needs_a_camera_and_a_truth(changes, reason):
    seen = with_depth(0.05, 0.05)
    section = score(DepthScorer(), Observation(replace(seen.frame, **changes), seen.scene, []))
    assert reason in section.skipped


def detected(found, peaks=(), **changes):
    instances = labels(id_1=slice(0, 10), id_2=slice(20, 30))
    types = labels(id_1=slice(0, 10), id_2=slice(20, 30))
    seen = observation(types, None, instances=instances, **changes)
    seen.scene.instances, seen.scene.detections = instances, found
    return Observation(seen.frame, seen.scene, list(peaks))


def test_perception_and_its_detector_have_precisions_of_their_own():
    right = Detection(2, 'scissors', 0.9, 1, Box(0, 0, 10, 20))
    confused = Detection(3, 'hook', 0.8, 2, Box(20, 0, 10, 20))
    peak = Peak(1, 0.7, np.array([19.5, -0.5, 29.5, 19.5]))
    section = score(DetectionScorer(CLASSES), detected([right, confused], [peak]))
    values = {name: metric.value for name, metric in section.metrics.items()}
    assert values['map'] == values['mask_map'] == pytest.approx(0.5), 'one of two classes'
    assert values['agnostic_map'] == pytest.approx(1.0)
    assert values['detector_map'] == pytest.approx(0.5) and values['detector_agnostic_mar'] == pytest.approx(0.5)
    assert section.tables['classes']['forceps']['ap'].value == 0.0
    assert section.tables['classes']['forceps']['detector_ap'].value == pytest.approx(1.0)
    f1 = {threshold: row['f1'].value for threshold, row in section.tables['score_threshold'].items()}
    assert (f1['0.8'], f1['0.9']) == (1.0, pytest.approx(2 / 3))


def test_an_instrument_counts_for_every_type_it_might_be():
    doubtful = Detection(3, 'hook', 0.8, 2, Box(20, 0, 10, 20), class_scores=(0.6, 0.1, 0.8))
    right = Detection(2, 'scissors', 0.9, 1, Box(0, 0, 10, 20), class_scores=(0.2, 0.9, 0.1))
    metrics = score(DetectionScorer(CLASSES), detected([right, doubtful])).metrics
    assert metrics['map'].value == metrics['mask_map'].value == pytest.approx(1.0)
    assert metrics['named_map'].value == pytest.approx(0.5)
    assert metrics['agnostic_map'].value == pytest.approx(1.0), 'types set aside, each counts once'


def test_without_types_boxes_are_judged_all_the_same():
    section = score(DetectionScorer(None), detected([Detection(1, 'forceps', 0.9, 1, Box(0, 0, 10, 20))], types=None))
    assert section.metrics['agnostic_mar'].value == pytest.approx(0.5) and 'map' not in section.metrics


def test_confidence_is_compared_with_the_truth():
    seen = observation(labels(id_1=slice(0, 10)), labels(id_2=slice(0, 20)))
    section = score(ConfidenceScorer(CLASSES), seen)
    assert section.metrics['ece'][:2] == (pytest.approx(0.25), 800)
    assert section.metrics['ece_instruments'][:2] == (pytest.approx(0.5), 400)


def test_time_has_a_median_and_a_tail():
    scorer = TimeScorer()
    for milliseconds in range(1, 12):
        scene = Scene(timings={'preprocess': 0.0, 'network': 1e-3 * milliseconds, 'postprocess': 1e-3, 'cloud': 9.0})
        scorer.update(Observation(observation(None, None).frame, scene, []))
    metrics = scorer.section().metrics
    assert metrics['total_median_ms'][:2] == (pytest.approx(7.0), 11)
    assert metrics['network_p90_ms'].value == pytest.approx(10.0)
