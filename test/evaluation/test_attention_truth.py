"""Where to look is read from files, else made from masks."""

from __future__ import annotations

from dataclasses import asdict, replace

import numpy as np
import pytest
from support.rendered_shapes import write_sequences

from mt3dnet_ros.datasets.frames import DatasetError, LabelledFrame
from mt3dnet_ros.datasets.registry import open_frames
from mt3dnet_ros.datasets.saliency.files import SETTINGS, write_attention, write_or_check_settings
from mt3dnet_ros.datasets.saliency.scanpath import LabelledFixation
from mt3dnet_ros.datasets.saliency.truth import AttentionRules, attention
from mt3dnet_ros.evaluation.attention_truth import open_truth


@pytest.fixture(scope='module')
def pair(tmp_path_factory):
    """Return two consecutive frames."""
    frames = open_frames('rendered', write_sequences(tmp_path_factory.mktemp('shapes') / 'data'), 'val')
    return frames[0], frames[1]


def test_a_data_set_that_is_a_file_has_no_maps_beside_it(tmp_path):
    (tmp_path / 'plan.yaml').write_text('val: 1')
    frame = LabelledFrame('val/000000', np.zeros((4, 4, 3), np.uint8))
    assert open_truth('rendered_live', tmp_path / 'plan.yaml')(frame, None) is None


def test_without_files_it_is_made_from_the_masks_of_two_frames(pair, tmp_path):
    before, frame = pair
    found, made = open_truth('rendered', tmp_path)(frame, before), attention(frame, before, AttentionRules(True))
    assert np.array_equal(found.saliency, made.saliency / np.float32(255))
    assert found.saliency.max() == 1.0
    assert found.scanpath == tuple(stop.instance for stop in made.scanpath)


def test_it_is_made_as_the_maps_of_the_folder_were(pair, tmp_path):
    before, frame = pair
    rules = AttentionRules(True, seed=4, blur=0.1)
    write_or_check_settings(tmp_path, {'dataset': 'rendered', **asdict(rules)})
    made = attention(frame, before, rules).saliency / np.float32(255)
    assert np.array_equal(open_truth('rendered', tmp_path)(frame, before).saliency, made)


def test_files_go_before_masks(pair, tmp_path):
    before, frame = pair
    written = np.full(frame.image.shape[:2], 51, np.uint8)
    write_attention(tmp_path, frame.name, written, (LabelledFixation(1, 7, 2, (3, 4), 1.0),))
    found = open_truth('rendered', tmp_path)(frame, before)
    assert found.scanpath == (7,) and found.saliency == pytest.approx(0.2)


def test_a_frame_whose_truth_is_not_known_has_none(pair, tmp_path):
    before, frame = pair
    assert open_truth('rendered', tmp_path)(frame, None) is None, 'the first of a sequence'
    assert open_truth('rendered', tmp_path)(replace(frame, parts=None), before) is None
    assert open_truth('scared', tmp_path)(frame, before) is None, 'a data set whose masks say nothing of it'


def test_damaged_settings_are_named(tmp_path):
    (tmp_path / SETTINGS).write_text('{"dataset": "rendered", "blur": 1, "colour": 2}')
    with pytest.raises(DatasetError, match=r"saliency\.json' is damaged"):
        open_truth('rendered', tmp_path)
