"""Classes of a network and of a data set, matched by name."""

from __future__ import annotations

import pytest

from mt3dnet_ros.evaluation.class_map import NOT_IN_DATA_SET, ClassMapError, map_classes, parse_renames

NETWORK = ('background', 'bipolar forceps', 'large needle driver', 'other')


def test_names_decide_and_spelling_does_not():
    mapped = map_classes(NETWORK, ('background-tissue', 'Large_Needle-Driver', 'Other', 'Bipolar Forceps'))
    assert mapped.table[:4].tolist() == [0, 3, 1, 2]
    assert mapped.unmatched == () and mapped.unpredicted == () and len(mapped.names) == mapped.known == 4


def test_classes_that_the_data_set_lacks_become_one_more():
    mapped = map_classes(NETWORK, ('background', 'bipolar forceps', 'suction'))
    assert mapped.names == ('background', 'bipolar forceps', 'suction', NOT_IN_DATA_SET) and mapped.known == 3
    assert mapped.table[:4].tolist() == [0, 1, 3, 3]
    assert mapped.unmatched == ('large needle driver', 'other') and mapped.unpredicted == ('suction',)


def test_renamed_classes_are_matched():
    renames = parse_renames(['Other = vessel sealer'])
    mapped = map_classes(NETWORK, ('background', 'vessel sealer', 'other'), renames)
    assert mapped.table[3] == 1 and mapped.unpredicted == ('other',)


@pytest.mark.parametrize(
    ('texts', 'problem'),
    [(['other'], 'NAME OF NETWORK='), (['oter=suction'], "network has no class 'oter'"),
     (['other=sucton'], "data set has no class 'sucton'")],
)  # fmt: skip
def test_misspelt_renames_are_refused(texts, problem):
    with pytest.raises(ClassMapError, match=problem):
        map_classes(NETWORK, ('background', 'suction'), parse_renames(texts))
