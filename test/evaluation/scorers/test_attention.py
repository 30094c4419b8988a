"""The network's saliency beside that of baselines, from frames that are seen in known ways."""

from __future__ import annotations

import numpy as np
import pytest

from mt3dnet_ros.datasets.frames import LabelledFrame
from mt3dnet_ros.evaluation.observation import Observation
from mt3dnet_ros.evaluation.order import EvaluationStep
from mt3dnet_ros.evaluation.scorers.attention import AttentionScorer
from mt3dnet_ros.evaluation.scorers.saliency_scores import Attention
from mt3dnet_ros.perception.scene import Scene

SIZE = (24, 32)
CLASPER = 3
LEFT, RIGHT = (slice(8, 16), slice(2, 10)), (slice(8, 16), slice(20, 28))


def mask(**places):
    """Return ids that are 0 but in some places: ``id_2=LEFT``."""
    ids = np.zeros(SIZE, np.uint8)
    for name, where in places.items():
        ids[where] = int(name.removeprefix('id_'))
    return ids


TRUE_IDS = mask(id_1=LEFT, id_2=RIGHT)
SEEN_IDS = mask(id_2=LEFT, id_1=RIGHT)  # numbered the other way round
PARTS = np.where(TRUE_IDS > 0, CLASPER, 0).astype(np.uint8)
DEPTH = np.where(TRUE_IDS == 1, 0.05, 0.1).astype(np.float32)  # the left one is nearer
TRUTH = Attention(np.where(TRUE_IDS == 2, 1.0, 0.1).astype(np.float32), (2, 1))  # and the right one matters


def seen(path=(1, 2), saliency=TRUTH.saliency, follows=True, stamp=1, parts=PARTS, sequence='s'):
    frame = LabelledFrame(f'{sequence}/f1', np.zeros((*SIZE, 3), np.uint8), PARTS, PARTS, TRUE_IDS, DEPTH)
    scene = Scene(instances=SEEN_IDS, parts=parts, depth=None if parts is None else DEPTH)
    return Observation(frame, scene, [], EvaluationStep(0, sequence, follows, stamp), saliency, path)


def score(*observations, truth=lambda frame, before: before and TRUTH, skipped=''):
    scorer = AttentionScorer(truth, skipped)
    scorer.update(seen(follows=False))
    for observation in observations:
        scorer.update(observation)
    return scorer.section()


def test_found_instruments_stand_for_the_true_ones_that_they_cover():
    assert score(seen(path=(1, 2))).metrics['whole_path'].value == 1.0
    assert score(seen(path=(2, 1))).metrics['top1'].value == 0.0


def test_instrument_that_was_not_found_breaks_the_path_of_network_and_baselines():
    section = score(seen(path=(1,)))
    assert section.metrics['top1'].value == 1.0 and section.metrics['whole_path'].value == 0.0
    paths = section.tables['comparison']['whole_path']
    assert paths['centre prior'].value == paths['nearest clasper'].value == 0.0
    assert section.tables['comparison']['top1']['centre prior'].value == 1.0, 'it ranks what has been found'


def test_nearest_clasper_looks_at_the_near_one():
    row = score(seen()).tables['comparison']
    assert row['top1']['nearest clasper'].value == row['top1']['nearest clasper of true masks'].value == 0.0
    assert row['auc_judd']['network'].value == 1.0 > row['auc_judd']['nearest clasper'].value


def test_network_without_parts_has_no_clasper_to_look_at_but_the_true_one():
    sources = score(seen(parts=None)).tables['comparison']['nss'].keys()
    assert sources == {'network', 'centre prior', 'nearest clasper of true masks'}


def test_first_frames_of_sequences_have_no_frame_before_them():
    section = score(seen(), seen(follows=False, sequence='t'), seen(sequence='t'))
    assert section.metrics['nss'].n == 2
    assert section.notes[1].startswith('2 frames of 2 sequences')


@pytest.mark.parametrize(('stamp', 'told'), [(0, True), (1, False)])
def test_report_says_when_nothing_was_remembered(stamp, told):
    assert any('--single-frame' in note for note in score(seen(stamp=stamp)).notes) is told


def test_what_cannot_be_scored_is_left_out_and_says_why():
    assert score(seen(), skipped='for a reason').skipped == 'for a reason'
    assert score(seen(), truth=lambda frame, before: None).skipped == 'no frame has true saliency'
