"""Data sets by their names, with the depth that was prepared for them."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from support.endovis_fixtures import (
    SIZE,
    write_endovis2017,
    write_endovis2018,
    write_endovis2018_releases,
    write_scared,
)
from support.rendered_shapes import write_shapes

from mt3dnet_ros.datasets.depth.maps import write_depth
from mt3dnet_ros.datasets.frames import DatasetError
from mt3dnet_ros.datasets.registry import dataset_splits, open_frames

VAL_2018 = (2, 5, 9, 15)
VAL_SCARED = ((1, 3), (2, 4), (3, 4), (4, 4), (5, 4), (6, 4), (7, 4))
WRITERS = {
    'rendered': write_shapes,
    'endovis2018': lambda folder: write_endovis2018(folder, VAL_2018),
    'endovis2018_scene': lambda folder: write_endovis2018_releases(folder, VAL_2018),
    'endovis2017': lambda folder: write_endovis2017(folder, (4, 7), layout='ternaus'),
    'scared': lambda folder: write_scared(folder, VAL_SCARED),
}


@pytest.mark.parametrize('dataset', WRITERS)
def test_every_data_set_keeps_what_a_frame_set_promises(tmp_path, dataset):
    frames = open_frames(dataset, WRITERS[dataset](tmp_path / 'data'), 'val')
    assert len(frames) == len(frames.names) == len(set(frames.names)) > 0
    frame = frames[len(frames) - 1]
    assert frame.name == frames.names[-1]
    assert frame.image.dtype == np.uint8 and frame.image.shape[2] == 3
    for labels in (frame.types, frame.parts, frame.instances):
        assert labels is None or (labels.dtype == np.uint8 and labels.shape == frame.image.shape[:2])
    assert (frame.types is None) == (frames.taxonomy is None)
    assert frame.depth is None or (frame.depth.dtype == np.float32 and frame.depth.shape == frame.image.shape[:2])
    with pytest.raises(IndexError):
        frames[len(frames)]


@pytest.mark.parametrize('dataset', WRITERS)
def test_every_data_set_has_splits_for_training_and_validation(dataset):
    assert {'train', 'val'} <= set(dataset_splits(dataset))


def test_unknown_data_set_is_refused_with_the_known_ones(tmp_path):
    with pytest.raises(DatasetError, match=r"'cholec80' is unknown \(known: rendered, .*is named package.module:func"):
        open_frames('cholec80', tmp_path, 'train')


@pytest.fixture
def own_reader(tmp_path, monkeypatch):
    """Return the name of a reader in a module that the package has never heard of."""
    (tmp_path / 'readers_of_mine.py').write_text(
        'from mt3dnet_ros.datasets.rendered import RenderedFrames\n'
        'def read(folder, split):\n    return RenderedFrames(folder, split)\n'
    )
    monkeypatch.syspath_prepend(tmp_path)
    return 'readers_of_mine:read'


def test_a_reader_of_ones_own_is_found_by_its_module(tmp_path, own_reader):
    folder = write_shapes(tmp_path / 'data', frames=2)
    assert open_frames(own_reader, folder, 'val').names == open_frames('rendered', folder, 'val').names


@pytest.mark.parametrize(
    ('reader', 'problem'),
    [
        ('no_such_module:read', "cannot be imported: No module named 'no_such_module'; is its folder on PYTHONPATH"),
        ('readers_of_mine:write', "module readers_of_mine has no function 'write'"),
        (':read', 'cannot be imported'),
    ],
)
def test_a_reader_that_cannot_be_found_is_refused_with_the_reason(tmp_path, own_reader, reader, problem):
    with pytest.raises(DatasetError, match=f"reader '{reader}' of a data set.*{problem}"):
        open_frames(reader, tmp_path, 'val')


def test_only_types_of_2018_have_a_numbering(tmp_path):
    folder = write_endovis2018(tmp_path, VAL_2018, numbering='endovis2018_matis')
    assert open_frames('endovis2018', folder, 'val', numbering='endovis2018_matis').taxonomy.name == 'endovis2018_matis'
    with pytest.raises(DatasetError, match='scared has only one numbering'):
        open_frames('scared', tmp_path, 'val', numbering='endovis2018')


@pytest.fixture
def prepared(tmp_path):
    """Return folders of frames and of the depth that was prepared for the first of them."""
    folder = write_endovis2018(tmp_path / 'data', VAL_2018)
    write_depth(tmp_path / 'depth', 'seq_2/frame000', np.full(SIZE, 0.07, np.float32), np.full(SIZE, 255, np.uint8))
    return folder, tmp_path / 'depth'


def test_prepared_depth_becomes_that_of_the_frames(prepared):
    frames = open_frames('endovis2018', prepared[0], 'val', depth=prepared[1])
    plain = open_frames('endovis2018', prepared[0], 'val')
    assert plain[0].depth is None
    assert np.allclose(frames[0].depth, 0.07)
    assert np.array_equal(frames[0].types, plain[0].types)
    assert frames.names == plain.names and len(frames) == len(plain) and frames.taxonomy == plain.taxonomy
    assert np.allclose(pickle.loads(pickle.dumps(frames))[0].depth, 0.07)


def test_depth_that_was_not_prepared_is_named(prepared):
    with pytest.raises(DatasetError, match=r"seq_5/frame000\.tiff' is missing"):
        open_frames('endovis2018', prepared[0], 'val', depth=prepared[1])[1]


def test_depth_of_another_size_is_refused(prepared):
    write_depth(prepared[1], 'seq_2/frame000', np.zeros((9, 9), np.float32), np.zeros((9, 9), np.uint8))
    with pytest.raises(DatasetError, match=r"depth of 'seq_2/frame000' .* has shape \(9, 9\)"):
        open_frames('endovis2018', prepared[0], 'val', depth=prepared[1])[0]
