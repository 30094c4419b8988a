"""Rendered frames are read as stored, and a wrong layout is named."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from support.rendered_shapes import FOCAL, write_shapes

from mt3dnet_ros.datasets.frames import DatasetError
from mt3dnet_ros.datasets.rendered import RenderedFrames, collate
from mt3dnet_ros.geometry.camera import Camera


@pytest.fixture
def folder(tmp_path):
    return write_shapes(tmp_path / 'data', frames=3)


def test_frames_are_read_as_stored(folder):
    frames = RenderedFrames(folder, 'val')
    assert len(frames) == 3
    frame = frames[1]
    for name in ('image', 'types', 'parts', 'instances'):
        stored = np.load(folder / 'val' / f'{"images" if name == "image" else name}.npy')[1]
        assert np.array_equal(getattr(frame, name), stored)
    assert frame.depth.dtype == np.float32
    assert np.array_equal(frame.depth, np.load(folder / 'val' / 'depth.npy')[1])


def test_frames_carry_name_camera_and_taxonomy(folder):
    frames = RenderedFrames(folder, 'test')
    assert frames.names == ['test/000000', 'test/000001', 'test/000002']
    assert frames[2].name == 'test/000002'
    assert frames[2].camera == Camera(90, 72, FOCAL, FOCAL, 45.0, 36.0)
    assert frames.taxonomy.name == 'endovis2018'


def test_a_frame_read_is_not_the_file(folder):
    frames = RenderedFrames(folder, 'val')
    frames[0].image[:] = 0
    assert frames[0].image.any()


def test_raw_frames_are_tensors_of_the_stored_types(folder):
    sample = RenderedFrames(folder, 'val').raw(1)
    assert np.array_equal(sample.image, np.load(folder / 'val' / 'images.npy')[1])
    for layer, name in zip(sample.labels, ('types', 'parts', 'instances'), strict=True):
        assert np.array_equal(layer, np.load(folder / 'val' / f'{name}.npy')[1])
    assert sample.depth.dtype == torch.float16
    assert sample.focal.item() == FOCAL


def test_batch_stacks_frames(folder):
    frames = RenderedFrames(folder, 'train')
    batch = collate([frames.raw(0), frames.raw(2)])
    assert batch.image.shape == (2, 72, 90, 3) and batch.labels.shape == (2, 3, 72, 90) and batch.focal.shape == (2,)


def test_missing_folder_is_named(tmp_path):
    with pytest.raises(DatasetError, match=r"nowhere/train' does not exist"):
        RenderedFrames(tmp_path / 'nowhere', 'train')


@pytest.mark.parametrize('name', ['images.npy', 'depth.npy', 'frames.json'])
def test_missing_file_is_named(folder, name):
    (folder / 'val' / name).unlink()
    with pytest.raises(DatasetError, match=f"{name}' is missing"):
        RenderedFrames(folder, 'val')


@pytest.mark.parametrize(
    ('name', 'array', 'complaint'),
    [
        ('types', np.zeros((3, 72, 90), np.int64), 'is of type int64, it must be uint8'),
        ('parts', np.zeros((3, 72, 91), np.uint8), r'has shape \(3, 72, 91\), it must be \(3, 72, 90\)'),
        ('images', np.zeros((3, 72, 90), np.uint8), r'it must be \(3, 72, 90, 3\)'),
        ('depth', np.zeros((3, 72, 90), np.float32), 'is of type float32, it must be float16'),
    ],
)
def test_wrong_array_is_named(folder, name, array, complaint):
    np.save(folder / 'val' / f'{name}.npy', array)
    with pytest.raises(DatasetError, match=complaint):
        RenderedFrames(folder, 'val')


def test_truncated_array_is_named(folder):
    path = folder / 'val' / 'types.npy'
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(DatasetError, match=r"types\.npy' is damaged"):
        RenderedFrames(folder, 'val')


@pytest.mark.parametrize(
    ('frames', 'complaint'),
    [
        ([{'fx': 1, 'fy': 1, 'cx': 1, 'cy': 1}] * 2, 'describes 2 frames, images.npy has 3'),
        ([{'fx': 0, 'fy': 1, 'cx': 1, 'cy': 1}] * 3, 'frame 0 must have numbers fx, fy, cx, cy with fx and fy above 0'),
        ([{'fx': 1, 'fy': -1, 'cx': 1, 'cy': 1}] * 3, 'with fx and fy above 0'),
        ([{'fx': 1}] * 3, 'frame 0 must have numbers'),
        ([7] * 3, 'frame 0 must have numbers'),
        ({'fx': 1}, 'must hold a list of frames'),
    ],
)
def test_wrong_intrinsics_are_named(folder, frames, complaint):
    (folder / 'val' / 'frames.json').write_text(json.dumps(frames))
    with pytest.raises(DatasetError, match=complaint):
        RenderedFrames(folder, 'val')


def test_frames_of_different_sizes_make_no_batch(tmp_path):
    small, large = (RenderedFrames(write_shapes(tmp_path / str(rows), 1, (rows, 90)), 'val') for rows in (72, 80))
    with pytest.raises(DatasetError, match=r"differ in size \(72 x 90, 80 x 90\); bring them to one by 'frame_size'"):
        collate([large.raw(0), small.raw(0)])
