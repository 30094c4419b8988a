"""A folder of frames without labels."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from mt3dnet_ros.datasets.frames import DatasetError
from mt3dnet_ros.datasets.unlabelled_folder import UnlabelledFolder


def test_images_are_frames_of_which_nothing_is_known(tmp_path):
    (tmp_path / 'images').mkdir()
    for name, red in (('b', 10), ('a', 20)):
        cv2.imwrite(str(tmp_path / 'images' / f'{name}.png'), np.full((4, 6, 3), (0, 0, red), np.uint8))
    frames = UnlabelledFolder(tmp_path)
    assert frames.names == ('a', 'b') and frames.taxonomy is None
    first = frames[0]
    assert first.image.shape == (4, 6, 3) and (first.image == (20, 0, 0)).all()
    assert first.types is first.parts is first.instances is first.depth is first.camera is None


def test_a_folder_without_images_is_refused(tmp_path):
    with pytest.raises(DatasetError, match='no frames'):
        UnlabelledFolder(tmp_path)
