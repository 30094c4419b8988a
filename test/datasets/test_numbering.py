"""Class ids of one numbering become those of another by the names of the classes."""

from __future__ import annotations

import numpy as np
import pytest
from support.endovis_fixtures import write_endovis2018, write_scared

from mt3dnet_ros.datasets.frames import IGNORED
from mt3dnet_ros.datasets.numbering import Renumbered, id_table
from mt3dnet_ros.datasets.registry import open_frames
from mt3dnet_ros.perception.taxonomy import load_taxonomy


def table(source, target, ids):
    return id_table(load_taxonomy(source), load_taxonomy(target))[list(ids)].tolist()


def test_isinet_becomes_matis_as_its_authors_map_it():
    assert table('endovis2018_isinet', 'endovis2018_matis', (0, 1, 2, 3, 6, 8, 9, 7)) == [0, 1, 2, 3, 4, 5, 6, 7]


def test_isinet_becomes_native():
    assert table('endovis2018_isinet', 'endovis2018', (1, 2, 3, 6, 7, 8, 9)) == [1, 2, 3, 4, 5, 6, 7]


def test_class_that_the_target_lacks_becomes_other_where_there_is_one():
    assert table('endovis2017', 'endovis2018', (4, 5, 6, 7)) == [8, 8, 4, 8]


def test_class_that_the_target_lacks_is_ignored_where_there_is_no_other():
    assert table('endovis2018_isinet', 'endovis2018_matis', (4, 5)) == [IGNORED, IGNORED]


def test_unlabelled_stays_unlabelled():
    assert table('endovis2018', 'endovis2018', (IGNORED, 9)) == [IGNORED, IGNORED]


@pytest.mark.parametrize('name', ['endovis2018_isinet', 'endovis2018_matis', 'endovis2018'])
def test_way_to_the_widest_numbering_and_back_ends_where_it_began(name):
    ids = [label.id for label in load_taxonomy(name).classes if label.name != 'other']
    wide = table(name, 'endovis2018_isinet', ids)
    assert table('endovis2018_isinet', name, wide) == ids


def test_renumbered_frames_differ_only_in_their_types(tmp_path):
    frames = open_frames('endovis2018', write_endovis2018(tmp_path, (2, 5, 9, 15)), 'val')
    renumbered = Renumbered(frames, load_taxonomy('endovis2018'))
    assert renumbered.names == frames.names and len(renumbered) == len(frames)
    assert np.unique(frames[0].types).tolist() == [0, 1, 6, 8]
    assert np.unique(renumbered[0].types).tolist() == [0, 1, 4, 6]
    assert np.array_equal(renumbered[0].instances, frames[0].instances)
    assert renumbered.taxonomy.name == 'endovis2018'


def test_frames_without_types_cannot_be_renumbered(tmp_path):
    keyframes = [(dataset, keyframe) for dataset in (8, 9) for keyframe in range(5)]
    frames = open_frames('scared', write_scared(tmp_path, keyframes), 'test')
    with pytest.raises(ValueError, match='without types cannot be numbered as endovis2018'):
        Renumbered(frames, load_taxonomy('endovis2018'))
