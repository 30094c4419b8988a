"""A folder of frames with masks of shaft and manipulator."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from mt3dnet_ros.datasets.frames import DatasetError
from mt3dnet_ros.datasets.parts_folder import PartsFolder
from mt3dnet_ros.datasets.registry import open_frames

RED = (0, 0, 255)  # as OpenCV writes it


def write(folder, name, largest=2, size=(12, 16)):
    for part in ('images', 'parts_masks'):
        (folder / part).mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(folder / 'images' / f'{name}.png'), np.full((12, 16, 3), RED, np.uint8))
    mask = np.zeros(size, np.uint8)
    mask[2:5, 3:6], mask[8:, :], mask[0, 0] = 1, largest, 255
    cv2.imwrite(str(folder / 'parts_masks' / f'{name}.png'), mask)
    return mask


def test_frames_have_their_parts_and_nothing_else(tmp_path):
    masks = [write(tmp_path, name) for name in ('img_02', 'img_01')]
    cv2.imwrite(str(tmp_path / 'images' / 'without_mask.jpg'), np.zeros((12, 16, 3), np.uint8))
    frames = open_frames('parts_folder', tmp_path, 'test')
    assert list(frames.names) == ['img_01', 'img_02'] and len(frames) == 2 and frames.taxonomy is None
    frame = frames[0]
    assert frame.image[0, 0].tolist() == [255, 0, 0] and (frame.parts == masks[0]).all()
    assert frame.types is None and frame.depth is None and frame.camera is None


def test_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(DatasetError, match=r'no parts_masks/\*.png'):
        PartsFolder(tmp_path)


def test_a_mask_without_image_is_refused(tmp_path):
    write(tmp_path, 'lost')
    (tmp_path / 'images' / 'lost.png').unlink()
    with pytest.raises(DatasetError, match=r'1 of 1 masks have no image of their name .*lost\.png'):
        PartsFolder(tmp_path)


def test_another_split_is_refused(tmp_path):
    write(tmp_path, 'one')
    with pytest.raises(DatasetError, match="no split 'train'"):
        PartsFolder(tmp_path, 'train')


@pytest.mark.parametrize(
    ('wrong', 'problem'), [({'largest': 3}, 'such as 3; possible are 0 to 2'), ({'size': (10, 16)}, '16 x 10')]
)
def test_masks_that_do_not_fit_are_refused(tmp_path, wrong, problem):
    write(tmp_path, 'one', **wrong)
    frames = PartsFolder(tmp_path)
    with pytest.raises(DatasetError, match=problem):
        frames[0]
