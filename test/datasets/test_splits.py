"""Splits are those that were published."""

from __future__ import annotations

import pytest

from mt3dnet_ros.datasets.frames import DatasetError
from mt3dnet_ros.datasets.splits import load_split, split_names


def test_types_of_2018_are_validated_on_the_sequences_of_isinet():
    assert load_split('endovis2018', 'val') == [2, 5, 9, 15]
    assert len(load_split('endovis2018', 'train')) * 149 == 1639  # frames, as published


@pytest.mark.parametrize(('fold', 'sequences'), [(0, [1, 3]), (1, [2, 5]), (2, [4, 8]), (3, [6, 7])])
def test_folds_of_2017_validate_on_two_sequences_each(fold, sequences):
    assert load_split('endovis2017', f'fold{fold}_val') == sequences
    assert sorted(load_split('endovis2017', f'fold{fold}_train') + sequences) == list(range(1, 9))


@pytest.mark.parametrize(
    ('dataset', 'train', 'val', 'whole'),
    [
        ('endovis2018', 'train', 'val', 'all'),
        ('endovis2018_scene', 'train', 'val', 'all'),
        ('endovis2017', 'train', 'val', 'all'),
    ],
)
def test_training_and_validation_are_the_whole_and_share_nothing(dataset, train, val, whole):
    parts = load_split(dataset, train) + load_split(dataset, val)
    assert sorted(parts) == load_split(dataset, whole)


def test_scared_divides_all_keyframes():
    keyframes = [tuple(key) for split in ('train', 'val', 'test') for key in load_split('scared', split)]
    expected = {(d, k) for d in range(1, 8) for k in range(1, 6)} | {(d, k) for d in (8, 9) for k in range(5)}
    assert set(keyframes) == expected and len(keyframes) == len(expected)


def test_lists_of_af_sfmlearner_share_no_keyframe():
    parts = [{tuple(key) for key in load_split('scared', f'af_{part}_sequences')} for part in ('train', 'val', 'test')]
    assert len(set.union(*parts)) == sum(map(len, parts)) == 22 + 6 + 7


def test_unknown_split_is_refused_with_the_known_ones():
    with pytest.raises(DatasetError, match="endovis2018 has no split 'dev'; its splits are train, val"):
        load_split('endovis2018', 'dev')
    assert 'fold3_val' in split_names('endovis2017')
