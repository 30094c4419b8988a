"""EndoVis 2018 with instrument types: three layouts, three numberings."""

from __future__ import annotations

import pickle
import shutil

import cv2
import numpy as np
import pytest
from support.endovis_fixtures import (
    NUMBERINGS,
    SIZE,
    draw_pair,
    part_masks,
    tool_masks,
    write_class_list,
    write_endovis2018,
    write_endovis2018_releases,
    write_image,
)

from mt3dnet_ros.datasets.endovis.endovis2018 import numbering_of, open_endovis2018
from mt3dnet_ros.datasets.frames import IGNORED, DatasetError

VAL = (2, 5, 9, 15)


def expected_types(numbering):
    types = np.zeros(SIZE, np.uint8)
    for label, mask in zip(NUMBERINGS[numbering], tool_masks(SIZE), strict=True):
        types[mask] = label
    return types


@pytest.mark.parametrize('layout', ['isinet', 'surgicalsam'])
def test_split_has_the_frames_of_its_sequences_in_order(tmp_path, layout):
    frames = open_endovis2018(write_endovis2018(tmp_path, frames=2, layout=layout), 'val')
    assert frames.names == tuple(f'seq_{sequence}/frame{frame:03d}' for sequence in VAL for frame in (0, 1))
    assert len(frames) == 8
    assert np.array_equal(frames[1].image, draw_pair(SIZE, seed=1)[0])


def test_split_may_mix_the_folders_train_and_val(tmp_path):
    frames = open_endovis2018(write_endovis2018(tmp_path), 'islam_val')
    assert [name.split('/')[0] for name in frames.names] == ['seq_1', 'seq_5', 'seq_16']


@pytest.mark.parametrize('numbering', ['endovis2018', 'endovis2018_isinet'])
@pytest.mark.parametrize('layout', ['isinet', 'surgicalsam'])
def test_numbering_is_told_by_the_ids(tmp_path, numbering, layout):
    frames = open_endovis2018(write_endovis2018(tmp_path, VAL, numbering=numbering, layout=layout), 'val')
    assert frames.taxonomy.name == numbering
    assert np.array_equal(frames[0].types, expected_types(numbering))


def test_numbering_may_be_given(tmp_path):
    folder = write_endovis2018(tmp_path, VAL, numbering='endovis2018_matis')
    assert open_endovis2018(folder, 'val', 'endovis2018_matis').taxonomy.by_id(5).name == 'suction'


@pytest.mark.parametrize(
    ('ids', 'name'),
    [
        ({1, 2, 3, 6, 7, 8, 9}, 'endovis2018_isinet'),
        ({1, 6}, 'endovis2018_isinet'),
        ({1, 2, 3, 4, 5, 6, 7}, 'endovis2018'),
        (set(), 'endovis2018'),
    ],
)
def test_numbering_of_ids(ids, name):
    assert numbering_of(ids) == name


def test_list_of_classes_beside_the_data_counts_for_more_than_the_masks(tmp_path):
    folder = write_endovis2018(tmp_path, VAL, masks=False)
    assert open_endovis2018(folder, 'val').taxonomy.name == 'endovis2018'
    write_class_list(folder, (1, 2, 3, 6, 7, 8, 9))
    assert open_endovis2018(folder, 'val').taxonomy.name == 'endovis2018_isinet'


def test_ids_beyond_the_numbering_are_refused(tmp_path):
    folder = write_endovis2018(tmp_path, VAL)
    write_image(folder / 'val' / 'annotations' / 'seq2_frame000.png', np.full(SIZE, 9, np.uint8))
    with pytest.raises(
        DatasetError, match=r'such as 9; possible are 0 to 8.* taken to be of endovis2018: say which numbering'
    ):
        open_endovis2018(folder, 'val', 'endovis2018')[0]


def test_instances_are_those_of_the_masks(tmp_path):
    frame = open_endovis2018(write_endovis2018(tmp_path, VAL), 'val')[0]
    assert sorted(np.unique(frame.instances)) == [0, 1, 2, 3]
    assert np.array_equal(frame.instances > 0, frame.types > 0)


def test_touching_tools_of_one_type_stay_apart_where_they_have_masks(tmp_path):
    folder = write_endovis2018(tmp_path, VAL)
    halves = np.zeros((2, *SIZE), np.uint8)
    halves[0, :, :30], halves[1, :, 30:] = 255, 255
    for path in (folder / 'val' / 'binary_annotations').glob('seq2_*'):
        path.unlink()
    for number, half in enumerate(halves):
        write_image(folder / 'val' / 'binary_annotations' / f'seq2_frame000_class1_inst{number}.png', half)
    assert np.unique(open_endovis2018(folder, 'val')[0].instances).tolist() == [1, 2]


def test_instances_are_connected_regions_where_there_are_no_masks(tmp_path):
    frame = open_endovis2018(write_endovis2018(tmp_path, VAL, masks=False), 'val')[0]
    assert np.unique(frame.instances).tolist() == [0, 1, 2, 3]


def test_types_are_made_of_the_masks_where_there_is_no_annotation(tmp_path):
    folder = write_endovis2018(tmp_path, VAL, numbering='endovis2018', layout='surgicalsam')
    shutil.rmtree(folder / 'val' / 'annotations')
    assert np.array_equal(open_endovis2018(folder, 'val')[0].types, expected_types('endovis2018'))


def test_downloaded_layout_adds_what_only_the_scene_masks_tell(tmp_path):
    frames = open_endovis2018(write_endovis2018_releases(tmp_path, VAL), 'val')
    frame = frames[0]
    assert frames.taxonomy.name == 'endovis2018_isinet'
    assert np.array_equal(frame.types, expected_types('endovis2018_isinet'))  # suction comes from the scene mask
    assert np.unique(frame.instances).tolist() == [0, 1, 2, 3]
    for number, mask in enumerate(part_masks(SIZE), start=1):
        assert np.array_equal(frame.parts == number, mask)
    assert np.array_equal(frame.parts == IGNORED, tool_masks(SIZE)[2])


def test_stapler_is_left_out_of_the_downloaded_layout(tmp_path):
    folder = write_endovis2018_releases(tmp_path, VAL)
    masks = folder / 'miccai_challenge_2018_release_1' / 'seq_2' / 'instrument_labels_2017'
    write_image(masks / 'frame000_class10_inst0.png', np.full(SIZE, 255, np.uint8))
    assert np.array_equal(open_endovis2018(folder, 'val')[0].types, expected_types('endovis2018_isinet'))


@pytest.mark.parametrize('write', [write_endovis2018, write_endovis2018_releases])
def test_frames_go_to_worker_processes(tmp_path, write):
    frames = open_endovis2018(write(tmp_path, VAL), 'val')
    copied = pickle.loads(pickle.dumps(frames))
    assert np.array_equal(copied[3].types, frames[3].types)


def test_missing_sequences_are_named(tmp_path):
    with pytest.raises(DatasetError, match='no frames of the sequences 5, 15 of split val'):
        open_endovis2018(write_endovis2018(tmp_path, (2, 9)), 'val')


def test_other_folder_is_refused_with_what_was_expected(tmp_path):
    (tmp_path / 'photographs').mkdir()
    with pytest.raises(DatasetError, match=r'expected train/images .* it has photographs'):
        open_endovis2018(tmp_path, 'val')


def test_missing_folder_is_named(tmp_path):
    with pytest.raises(DatasetError, match="nowhere' does not exist"):
        open_endovis2018(tmp_path / 'nowhere', 'val')


@pytest.mark.parametrize(
    ('mask', 'complaint'),
    [
        (np.zeros((8, 8), np.uint8), 'has 8 x 8 pixels, its image 60 x 40'),
        (np.full(SIZE, 256, np.uint16), 'has 16 bits and values up to 256'),
        (np.random.default_rng(0).integers(0, 9, (*SIZE, 3), np.uint8), 'is a coloured picture, with colours such as'),
    ],
)
def test_wrong_annotation_is_named(tmp_path, mask, complaint):
    path = write_endovis2018(tmp_path, VAL) / 'val' / 'annotations' / 'seq2_frame000.png'
    assert cv2.imwrite(str(path), mask)
    with pytest.raises(DatasetError, match=f"seq2_frame000.png' {complaint}"):
        open_endovis2018(tmp_path, 'val')[0]


def test_damaged_image_is_named(tmp_path):
    path = write_endovis2018(tmp_path, VAL) / 'val' / 'images' / 'seq2_frame000.png'
    path.write_bytes(b'not an image')
    with pytest.raises(DatasetError, match=r"seq2_frame000\.png' cannot be decoded"):
        open_endovis2018(tmp_path, 'val')[0]
