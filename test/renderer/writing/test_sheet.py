"""Contact sheets: of every class that is there, and of frames that differ."""

from __future__ import annotations

import numpy as np
import pytest
from support.rendered_shapes import write_shapes

from mt3dnet_ros.datasets.frames import DatasetError
from mt3dnet_ros.datasets.rendered import RenderedFrames
from mt3dnet_ros.renderer.writing.sheet import contact_sheet, varied_sheet


def test_each_class_has_a_frame_with_its_picture_types_and_depth(tmp_path):
    folder = write_shapes(tmp_path, frames=3)
    types = np.zeros((3, 72, 90), np.uint8)
    types[0, 10:30, 10:40], types[1, 10:30, 10:40], types[1, 40:60, 10:40] = 3, 3, 5
    np.save(folder / 'val' / 'types.npy', types)
    frames = RenderedFrames(folder, 'val')
    sheet = contact_sheet(frames)
    assert sheet.shape == (3 * 72, 4 * 90, 3)
    np.testing.assert_array_equal(sheet[:72, :90], frames[0].image)
    np.testing.assert_array_equal(sheet[:72, 90:180], frames[1].image)
    assert not sheet[:, 180:].any()
    marked, plain = sheet[72 + 40 : 72 + 60, 90 + 15 : 90 + 35], sheet[72 + 40 : 72 + 60, 90 + 50 : 90 + 85]
    assert marked.mean() > plain.mean()


def test_frames_without_tools_are_an_error(tmp_path):
    folder = write_shapes(tmp_path, frames=2)
    np.save(folder / 'val' / 'types.npy', np.zeros((2, 72, 90), np.uint8))
    with pytest.raises(DatasetError, match='show no tool'):
        contact_sheet(RenderedFrames(folder, 'val'))


def test_a_varied_sheet_shows_frames_that_differ(tmp_path):
    folder = write_shapes(tmp_path, frames=4)
    images = np.full((4, 72, 90, 3), 100, np.uint8)
    images[1], images[2], images[3] = 102, 180, 99
    np.save(folder / 'val' / 'images.npy', images)
    sheet = varied_sheet(RenderedFrames(folder, 'val'), 3)
    assert sheet.shape == (2 * 72, 6 * 90, 3)
    assert [int(sheet[10, 90 * tile + 10, 0]) for tile in range(4)] == [100, 180, 102, 0]
