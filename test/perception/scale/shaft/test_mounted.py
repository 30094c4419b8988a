"""What is mounted, by the user's word or the label file's."""

from __future__ import annotations

import pytest

from mt3dnet_ros.errors import InputError
from mt3dnet_ros.perception.scale.shaft.diameter import Diameter
from mt3dnet_ros.perception.scale.shaft.mounted import diameter_of, parse_mounted, unknown_names
from mt3dnet_ros.perception.taxonomy import load_taxonomy

TAXONOMY = load_taxonomy('endovis2018')
DA_VINCI = pytest.approx(0.0086)


def test_entries_are_read_by_plain_names():
    found = parse_mounted(('Large_Needle-Driver = 8.4+-0.1', 'all=8.5'))
    assert set(found) == {'large needle driver', 'all'}
    assert found['all'].value == pytest.approx(0.0085)


@pytest.mark.parametrize(
    ('entries', 'says'),
    [
        (('8.4',), 'a class and millimetres'),
        (('=8.4',), 'a class and millimetres'),
        (('suction=thin',), 'must be millimetres'),
        (('suction=5', 'Suction=10'), 'twice'),
    ],
)
def test_wrong_entries_are_refused_in_words(entries, says):
    with pytest.raises(InputError, match=says):
        parse_mounted(entries)


@pytest.mark.parametrize(
    ('name', 'mounted', 'millimetres'),
    [
        ('clip applier', (), 8.6),
        ('other', (), None),
        ('suction', ('all=10',), 10.0),
        ('suction', ('all=10', 'suction=5'), 5.0),
        ('clip applier', ('suction=5',), 8.6),
    ],
)
def test_users_word_goes_before_the_label_file(name, mounted, millimetres):
    found = diameter_of(name, mounted, TAXONOMY)
    assert found is None if millimetres is None else isinstance(found, Diameter)
    if found is not None:
        assert found.value == pytest.approx(1e-3 * millimetres)


def test_names_that_are_no_class_are_found():
    assert unknown_names(('all=8', 'Suction=5', 'nedle driver=8'), TAXONOMY) == ['nedle driver']
