"""SCARED: keyframes, sequences and lists of frames; depth in metres, 0 where unknown."""

from __future__ import annotations

import pickle

import cv2
import numpy as np
import pytest
from support.endovis_fixtures import DEPTH, SIZE, draw_pair, write_image, write_scared

from mt3dnet_ros.datasets.depth.sources import has_stereo
from mt3dnet_ros.datasets.frames import DatasetError
from mt3dnet_ros.datasets.scared.scared import open_scared
from mt3dnet_ros.datasets.scared.sequences import read_frame_list
from mt3dnet_ros.datasets.splits import load_split

VAL = ((1, 3), (2, 4), (3, 4), (4, 4), (5, 4), (6, 4), (7, 4))


@pytest.fixture
def folder(tmp_path):
    return write_scared(tmp_path, VAL)


@pytest.fixture
def sequences(tmp_path):
    return write_scared(tmp_path, VAL, frames=3)


def test_keyframes_have_depth_and_camera_and_nothing_else(folder):
    frames = open_scared(folder, 'val')
    frame = frames[1]
    assert frames.names[:2] == ('dataset_1/keyframe_3', 'dataset_2/keyframe_4') and frames.taxonomy is None
    assert np.array_equal(frame.image, draw_pair(SIZE)[0])
    assert (frame.camera.width, frame.camera.height) == SIZE[::-1]
    assert frame.types is None and frame.parts is None and frame.instances is None


@pytest.mark.parametrize('split', ['val', 'val_sequences'])
def test_depth_is_z_in_metres_and_0_where_unknown(sequences, split):
    depth = open_scared(sequences, split)[0].depth  # unknown points are NaN in keyframes, and 0 in sequences
    assert depth.dtype == np.float32 and depth.shape == SIZE
    assert (depth[0] == 0.0).all()
    assert np.allclose(depth[1:], DEPTH)


def test_points_are_stored_x_first(folder):
    tifffile = pytest.importorskip('tifffile')
    points = tifffile.imread(folder / 'dataset_1' / 'keyframe_3' / 'left_depth_map.tiff')
    assert points[5, 7].tolist() == [7.0, 5.0, 60.0]


def test_second_camera_belongs_to_keyframes_and_sequences(sequences):
    for split in ('val', 'val_sequences'):
        frames = open_scared(sequences, split)
        assert has_stereo(frames)
        assert np.array_equal(frames.right_image(0), draw_pair(SIZE)[1])
        assert frames.stereo_camera(0).left == frames[0].camera


def test_sequences_have_every_frame_with_points(sequences):
    frames = open_scared(sequences, 'val_sequences')
    assert len(frames) == 3 * len(VAL)
    assert frames.names[2:4] == ('dataset_1/keyframe_3/frame000002', 'dataset_2/keyframe_4/frame000000')
    assert np.array_equal(frames[2].image, draw_pair(SIZE, seed=2)[0])


def test_video_shows_left_over_right_in_any_order(tmp_path):
    frames = open_scared(write_scared(tmp_path, VAL, frames=4, size=(64, 96), extracted=False), 'val_sequences')
    shown = np.stack([image for frame in range(4) for image in draw_pair((64, 96), seed=frame)]).astype(int)
    for index in (0, 1, 3, 2, 0, 5):
        for side, image in enumerate((frames[index].image, frames.right_image(index))):
            nearest = np.abs(shown - image).mean((1, 2, 3)).argmin()  # compression leaves no image as it was
            assert nearest == 2 * (index % 4) + side


def test_open_video_stays_behind_when_frames_go_to_a_worker_process(tmp_path):
    frames = open_scared(write_scared(tmp_path, VAL, frames=2, extracted=False), 'val_sequences')
    before = frames[1].image
    assert np.array_equal(pickle.loads(pickle.dumps(frames))[1].image, before)


def test_keyframe_without_video_is_refused_by_name(sequences):
    data = sequences / 'dataset_1' / 'keyframe_3' / 'data'
    data.rename(data.parent / 'moved')
    with pytest.raises(DatasetError, match=r"keyframe_3' has neither data/ nor image_02/ with its video; fetch it"):
        open_scared(sequences, 'val_sequences')


def test_keyframe_that_was_released_without_video_has_no_sequence(tmp_path):
    train = [tuple(key) for key in load_split('scared', 'train')]
    folder = write_scared(tmp_path, [key for key in train if key != (1, 4)], frames=1)
    write_scared(folder, [(1, 4)])
    assert len(open_scared(folder, 'train_sequences')) == len(train) - 1


def test_points_may_lie_beside_the_video(sequences):
    data = sequences / 'dataset_1' / 'keyframe_3' / 'data'
    for path in (data / 'scene_points').iterdir():
        path.rename(data / path.name)
    (data / 'scene_points').rmdir()
    assert len(open_scared(sequences, 'val_sequences')) == 3 * len(VAL)


def test_list_of_frames_counts_from_one(tmp_path):
    write_scared(tmp_path, [(3, 4), (8, 0)], frames=3)
    (tmp_path / 'test_files.txt').write_text('dataset3/keyframe4\t3\tl\ndataset8/keyframe1      1\tl\n')
    frames = open_scared(tmp_path, str(tmp_path / 'test_files.txt'))
    assert frames.names == ('dataset_3/keyframe_4/frame000002', 'dataset_8/keyframe_0/frame000000')


@pytest.mark.parametrize('line', ['dataset3/keyframe4 3 r', 'dataset3/keyframe4 0 l', 'dataset3 keyframe4', 'frame 7'])
def test_wrong_line_of_a_list_is_named(tmp_path, line):
    (tmp_path / 'list.txt').write_text(f'dataset3/keyframe4 3 l\n\n{line}\n')
    with pytest.raises(DatasetError, match=f"line '{line}' of"):
        read_frame_list(tmp_path / 'list.txt')


def test_missing_list_is_named(folder):
    with pytest.raises(DatasetError, match=r"list of frames 'nowhere\.txt' does not exist"):
        open_scared(folder, 'nowhere.txt')


def test_frame_without_points_is_named(sequences):
    (sequences / 'list.txt').write_text('dataset3/keyframe4 99 l\n')
    with pytest.raises(DatasetError, match='has no points of the frames 98; unpack'):
        open_scared(sequences, str(sequences / 'list.txt'))


def test_packed_points_are_asked_to_be_unpacked(folder):
    (folder / 'dataset_1' / 'keyframe_3' / 'data').mkdir()
    with pytest.raises(DatasetError, match=r'unpack data/scene_points\.tar\.gz'):
        open_scared(folder, 'val_sequences')


def test_missing_keyframe_is_named(tmp_path):
    with pytest.raises(DatasetError, match='must have a folder dataset_1/keyframe_3'):
        open_scared(tmp_path, 'val')


def test_folders_may_be_named_without_underscores(folder):
    (folder / 'dataset_1').rename(folder / 'dataset1')
    (folder / 'dataset1' / 'keyframe_3').rename(folder / 'dataset1' / 'keyframe3')
    assert open_scared(folder, 'val')[0].name == 'dataset_1/keyframe_3'


@pytest.mark.parametrize(
    ('points', 'complaint'),
    [
        (np.zeros(SIZE, np.float32), r'is float32 of shape \(40, 60\)'),
        (np.zeros((*SIZE, 3), np.uint8), 'is uint8 of shape'),
        (np.zeros((4, 4, 3), np.float32), r'must be float32 of shape \(40, 60, 3\)'),
    ],
)
def test_wrong_depth_map_is_named(folder, points, complaint):
    write_image(folder / 'dataset_1' / 'keyframe_3' / 'left_depth_map.tiff', points, is_color=False)
    with pytest.raises(DatasetError, match=complaint):
        open_scared(folder, 'val')[0]


def test_missing_video_is_named(sequences):
    data = sequences / 'dataset_1' / 'keyframe_3' / 'data'
    (data / 'left').rename(data / 'moved')
    with pytest.raises(DatasetError, match=r'3 of 3 frames have no image \(expected data/rgb\.mp4\)'):
        open_scared(sequences, 'val_sequences')


def test_short_video_is_named(tmp_path):
    folder = write_scared(tmp_path, VAL, frames=3, extracted=False)
    video = folder / 'dataset_1' / 'keyframe_3' / 'data' / 'rgb.mp4'
    writer = cv2.VideoWriter(str(video), cv2.VideoWriter.fourcc(*'mp4v'), 25.0, (60, 80))
    writer.write(np.zeros((80, 60, 3), np.uint8))
    writer.release()
    with pytest.raises(DatasetError, match=r'frame 2 of video .* cannot be decoded'):
        open_scared(folder, 'val_sequences')[2]
