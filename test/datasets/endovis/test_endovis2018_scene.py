"""EndoVis 2018 scene segmentation: classes by colour, as the challenge released them."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from support.endovis_fixtures import (
    BASELINE,
    SIZE,
    disparity,
    draw_pair,
    part_masks,
    tool_masks,
    write_endovis2018_releases,
    write_image,
)

from mt3dnet_ros.datasets.depth.sources import has_stereo
from mt3dnet_ros.datasets.endovis.endovis2018_scene import SceneFrames, ids_of_colours, parts_of_scene
from mt3dnet_ros.datasets.frames import IGNORED, DatasetError
from mt3dnet_ros.geometry.rays import project
from mt3dnet_ros.perception.taxonomy import load_taxonomy

VAL = (2, 5, 9, 15)


@pytest.fixture
def folder(tmp_path):
    return write_endovis2018_releases(tmp_path, VAL, annotated=False)


def test_frames_of_all_releases_are_found(folder):
    frames = SceneFrames(folder, 'val')
    assert frames.names == tuple(f'seq_{sequence}/frame000' for sequence in VAL)
    assert frames.taxonomy.name == 'endovis2018_scene'


def test_every_class_is_found_by_its_colour():
    taxonomy = load_taxonomy('endovis2018_scene')
    palette = taxonomy.palette()[: len(taxonomy.classes)]
    assert ids_of_colours(palette[None], taxonomy).tolist() == [list(range(12))]


def test_colours_of_no_class_are_ignored():
    colors = np.array([[[0, 0, 1], [255, 255, 255], [0, 255, 0], [254, 55, 0]]], np.uint8)
    assert ids_of_colours(colors, load_taxonomy('endovis2018_scene')).tolist() == [[IGNORED, IGNORED, 1, IGNORED]]


def test_masks_with_opacity_are_read_by_their_colours(folder):
    types = SceneFrames(folder, 'val')[0].types
    for label, mask in zip((1, 3, 2), part_masks(SIZE), strict=True):  # shaft, wrist, clasper
        assert np.array_equal(types == label, mask)
    assert np.array_equal(types == 9, tool_masks(SIZE)[2])
    assert (types[0] == 4).all()


def test_parts_are_renumbered():
    names = {label.name: label.id for label in load_taxonomy('parts').classes}
    parts = parts_of_scene(np.array([[0, 1, 2, 3, 4, 9, 11, IGNORED]], np.uint8))
    assert parts.tolist() == [[0, names['shaft'], names['clasper'], names['wrist'], 0, IGNORED, IGNORED, IGNORED]]


def test_repaired_mask_replaces_the_first(folder):
    write_image(folder / 'repairs' / 'repairs' / 'seq_2_frame000.png', np.full((*SIZE, 3), (0, 255, 0), np.uint8))
    assert (SceneFrames(folder, 'val')[0].types == 1).all()


def test_what_macos_leaves_in_archives_is_passed_over(folder):
    (folder / '__MACOSX' / 'seq_2' / 'left_frames').mkdir(parents=True)
    assert len(SceneFrames(folder, 'val')) == 4


def test_test_sequences_do_not_mix_with_those_for_training_of_the_same_numbers(tmp_path):
    folder = write_endovis2018_releases(tmp_path, (1, 2, 3, 4), tests=(1, 2, 3, 4))
    write_image(folder / 'test_data' / 'seq_1' / 'labels' / 'frame000.png', np.full((*SIZE, 3), (0, 255, 0), np.uint8))
    frames = SceneFrames(folder, 'test')
    assert frames.names[0] == 'test/seq_1/frame000'
    assert (frames[0].types == 1).all()


def test_test_data_without_masks_have_no_labels(tmp_path):
    folder = write_endovis2018_releases(tmp_path, (), tests=(1, 2, 3, 4))
    for mask in folder.glob('test_data/seq_*/labels/frame000.png'):
        mask.unlink()
    frame = SceneFrames(folder, 'test')[0]
    assert frame.types is None and frame.parts is None and frame.image.shape == (*SIZE, 3)


def test_second_camera_sees_the_same_scene(folder):
    frames = SceneFrames(folder, 'val')
    assert has_stereo(frames)
    left, right = draw_pair(SIZE)
    assert np.array_equal(frames[0].image, left) and np.array_equal(frames.right_image(0), right)
    pair, point = frames.stereo_camera(0), np.array([0.0, 0.0, 0.06])
    seen = project(pair.left, point)[0] - project(pair.right, pair.to_right(point))[0]
    assert seen == pytest.approx(disparity(SIZE[1])) and pair.baseline == pytest.approx(BASELINE)
    assert frames[0].camera == pair.left


def test_frame_without_calibration_has_no_camera(folder):
    (folder / 'miccai_challenge_2018_release_1' / 'seq_2' / 'camera_calibration.txt').unlink()
    frames = SceneFrames(folder, 'val')
    assert frames[0].camera is None
    with pytest.raises(DatasetError, match=r"camera_calibration\.txt' does not exist"):
        frames.stereo_camera(0)


def test_missing_right_images_are_named(folder):
    release = folder / 'miccai_challenge_2018_release_1'
    (release / 'seq_2' / 'right_frames').rename(release / 'moved')
    with pytest.raises(DatasetError, match='has no right images'):
        SceneFrames(folder, 'val').right_image(0)


@pytest.mark.parametrize(
    ('mask', 'complaint'),
    [
        (np.full(SIZE, 3, np.uint8), 'has mostly colours of no class'),
        (np.zeros((9, 9, 3), np.uint8), 'has 9 x 9 pixels'),
    ],
)
def test_wrong_mask_is_named(folder, mask, complaint):
    write_image(folder / 'miccai_challenge_2018_release_1' / 'seq_2' / 'labels' / 'frame000.png', mask)
    with pytest.raises(DatasetError, match=complaint):
        SceneFrames(folder, 'val')[0]


def test_frames_go_to_worker_processes(folder):
    frames = SceneFrames(folder, 'val')
    assert np.array_equal(pickle.loads(pickle.dumps(frames))[1].types, frames[1].types)
