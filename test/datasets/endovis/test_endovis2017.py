"""EndoVis 2017: as released, and as TernausNet and ST-MTL merge it."""

from __future__ import annotations

import pickle

import cv2
import numpy as np
import pytest
from support.endovis_fixtures import (
    SIZE,
    draw_pair,
    intrinsics,
    part_masks,
    tool_masks,
    write_endovis2017,
    write_image,
    write_intuitive_calibration,
)

from mt3dnet_ros.datasets.depth.sources import has_stereo
from mt3dnet_ros.datasets.endovis.endovis2017 import open_endovis2017
from mt3dnet_ros.datasets.endovis.endovis2017_raw import camera_of_window
from mt3dnet_ros.datasets.frames import DatasetError
from mt3dnet_ros.perception.taxonomy import load_taxonomy

CROPPED = (1024, 1280)
NAMES = ('bipolar forceps', 'ProGrasp forceps', 'other')


@pytest.fixture(scope='module')
def released(tmp_path_factory):
    return write_endovis2017(tmp_path_factory.mktemp('released') / 'train', (1, 3))


@pytest.fixture
def merged(tmp_path):
    def write(layout, sequences=(1, 3), folder='cropped_train'):
        return write_endovis2017(tmp_path / folder, sequences, layout=layout)

    return write


def test_released_frames_are_cropped_of_their_borders(released):
    frames = open_endovis2017(released, 'fold0_val')
    assert frames.names == ('instrument_dataset_1/frame000', 'instrument_dataset_3/frame000')
    assert np.array_equal(frames[1].image, draw_pair(CROPPED)[0])


def test_released_masks_give_types_by_the_names_of_their_folders(released):
    frames = open_endovis2017(released, 'fold0_val')
    ids = {label.name: label.id for label in load_taxonomy('endovis2017').classes}
    types = frames[0].types
    for name, mask in zip(NAMES, tool_masks(CROPPED), strict=True):
        assert np.array_equal(types == ids[name], mask)


def test_released_masks_give_an_instance_each(released):
    instances = open_endovis2017(released, 'fold0_val')[0].instances
    assert [len(np.unique(instances[mask])) for mask in tool_masks(CROPPED)] == [1, 1, 1]
    assert np.unique(instances).tolist() == [0, 1, 2, 3]


def test_parts_of_other_tools_are_background_unless_asked_for(released):
    other = tool_masks(CROPPED)[2]
    parts = open_endovis2017(released, 'fold0_val')[0].parts
    for number, mask in enumerate(part_masks(CROPPED), start=1):
        assert np.array_equal(parts == number, mask)
    assert (parts[other] == 0).all()
    assert (open_endovis2017(released, 'fold0_val', parts_of_other=True)[0].parts[other] == 1).all()


def test_right_image_is_cropped_as_the_left(released):
    frames = open_endovis2017(released, 'fold0_val')
    assert has_stereo(frames)
    assert np.array_equal(frames.right_image(0), draw_pair(CROPPED)[1])
    assert frames.stereo_camera(0).left == frames[0].camera


def test_calibrated_image_is_shown_smaller_within_the_window(tmp_path):
    write_intuitive_calibration(tmp_path / 'camera_calibration.txt', CROPPED)
    focal, left, right, row = intrinsics(CROPPED)
    pair = camera_of_window(tmp_path / 'camera_calibration.txt')
    assert (pair.left.width, pair.left.height) == (1280, 1024)
    assert pair.left.fx == pytest.approx(focal * 1263 / 1280)
    assert pair.left.cx == pytest.approx((left + 0.5) * 1263 / 1280 - 0.5 + 328 - 320)
    assert pair.left.cy == pytest.approx((row + 0.5) * 1009 / 1024 - 0.5 + 37 - 28)
    assert pair.right.cx - pair.left.cx == pytest.approx((right - left) * 1263 / 1280)


def test_calibration_for_whole_frames_is_cropped(tmp_path):
    path = tmp_path / 'camera_calibration.txt'
    write_intuitive_calibration(path, (1080, 1920))
    path.write_text('Width: 1920\nHeight: 1080\n' + path.read_text())
    focal, left, _, row = intrinsics((1080, 1920))
    camera = camera_of_window(path).left
    assert (camera.fx, camera.cx, camera.cy) == (focal, left - 320, row - 28)


@pytest.mark.parametrize('layout', ['ternaus', 'st_mtl'])
def test_merged_masks_are_read_whatever_their_scale(merged, layout):
    frames = open_endovis2017(merged(layout), 'fold0_val')
    types = frames[0].types
    for label, mask in zip((1, 2, 7), tool_masks(SIZE), strict=True):
        assert np.array_equal(types == label, mask)
    assert np.unique(frames[0].instances).tolist() == [0, 1, 2, 3]


def test_merged_parts_are_read_where_they_are_there(merged, tmp_path):
    parts = open_endovis2017(merged('ternaus'), 'fold0_val')[0].parts
    for number, mask in enumerate(part_masks(SIZE), start=1):
        assert np.array_equal(parts == number, mask)
    assert open_endovis2017(merged('st_mtl', folder='st_mtl'), 'fold0_val')[0].parts is None


def test_test_data_do_not_mix_with_those_for_training(merged, tmp_path):
    merged('ternaus', sequences=(1, 3))
    merged('ternaus', sequences=range(1, 11), folder='cropped_test')
    assert len(open_endovis2017(tmp_path, 'fold0_val')) == 2
    frames = open_endovis2017(tmp_path, 'test')
    assert len(frames) == 10 and frames.names[9] == 'test/instrument_dataset_10/frame000'


def test_values_of_no_scale_are_refused(merged):
    folder = merged('ternaus')
    mask = folder / 'instrument_dataset_1' / 'instruments_masks' / 'frame000.png'
    write_image(mask, np.full(SIZE, 33, np.uint8))
    with pytest.raises(
        DatasetError,
        match='impossible values, such as 33; possible are 0 to 7, or multiples of 32',
    ):
        open_endovis2017(folder, 'fold0_val')[0]


def test_sequence_of_neither_layout_is_named(tmp_path):
    for number in (1, 3):
        (tmp_path / f'instrument_dataset_{number}').mkdir()
    with pytest.raises(DatasetError, match='must have a folder left_frames'):
        open_endovis2017(tmp_path, 'fold0_val')


def test_missing_sequences_are_named(merged):
    with pytest.raises(DatasetError, match=r'no frames of the sequences 3 of split fold0_val \(it has 1\)'):
        open_endovis2017(merged('ternaus', (1,)), 'fold0_val')


@pytest.fixture
def one_released(tmp_path):
    for number in (1, 3):
        folder = tmp_path / f'instrument_dataset_{number}' / 'left_frames'
        write_image(folder / 'frame000.png', np.zeros((1080, 1920, 3), np.uint8))
    return tmp_path / 'instrument_dataset_1'


def test_folders_may_be_called_left_frame_and_right_frame(one_released):
    (one_released / 'left_frames').rename(one_released / 'left_frame')
    right = np.zeros((1080, 1920, 3), np.uint8)
    right[28, 320] = 255
    write_image(one_released / 'right_frame' / 'frame000.png', right)
    frames = open_endovis2017(one_released.parent, 'fold0_val')
    assert frames.right_image(0).nonzero()[0].tolist() == [0, 0, 0]


def test_frame_without_ground_truth_has_no_labels(one_released):
    frame = open_endovis2017(one_released.parent, 'fold0_val')[0]
    assert frame.types is None and frame.parts is None and frame.instances is None and frame.camera is None


def test_tool_of_unknown_name_is_named(one_released):
    for number in (1, 3):
        (one_released.parent / f'instrument_dataset_{number}' / 'ground_truth' / 'Mystery_labels').mkdir(parents=True)
    with pytest.raises(DatasetError, match="Mystery_labels' is named after no class"):
        open_endovis2017(one_released.parent, 'fold0_val')[0]


def test_frame_that_was_cropped_already_is_refused(one_released):
    assert cv2.imwrite(str(one_released / 'left_frames' / 'frame000.png'), np.zeros((1024, 1280, 3), np.uint8))
    with pytest.raises(DatasetError, match='has 1280 x 1024 pixels, frames as released have 1920 x 1080'):
        open_endovis2017(one_released.parent, 'fold0_val')[0]


def test_frames_go_to_worker_processes(merged):
    frames = open_endovis2017(merged('ternaus'), 'fold0_val')
    assert np.array_equal(pickle.loads(pickle.dumps(frames))[1].types, frames[1].types)
