"""Prepared depth maps come back as they were written, and a half-written one is never taken."""

from __future__ import annotations

import numpy as np
import pytest

from mt3dnet_ros.datasets.depth.maps import (
    DepthMapError,
    confidence_path,
    depth_path,
    has_depth,
    read_depth,
    write_depth,
)

NAME = 'seq_2/frame000'


@pytest.fixture
def maps():
    rng = np.random.default_rng(0)
    depth = rng.uniform(0.03, 0.15, (20, 30)).astype(np.float32)
    depth[:4] = 0.0
    return depth, rng.integers(0, 256, (20, 30), np.uint8)


@pytest.fixture
def folder(tmp_path, maps):
    write_depth(tmp_path, NAME, *maps)
    return tmp_path


def test_maps_come_back_bit_by_bit(folder, maps):
    for read, written in zip(read_depth(folder, NAME), maps, strict=True):
        assert read.dtype == written.dtype
        np.testing.assert_array_equal(read, written)


def test_nothing_but_the_maps_is_left_in_the_folder(folder):
    files = sorted(path.relative_to(folder).as_posix() for path in folder.rglob('*') if path.is_file())
    assert files == [f'{NAME}.confidence.png', f'{NAME}.tiff']


def test_whole_map_of_the_right_size_counts_as_done(folder):
    assert has_depth(folder, NAME, (20, 30))
    assert not has_depth(folder, NAME, (30, 20))
    assert not has_depth(folder, 'seq_2/frame001', (20, 30))


@pytest.mark.parametrize('path', [depth_path, confidence_path])
def test_damaged_file_does_not_count_and_is_named(folder, path):
    damaged = path(folder, NAME)
    damaged.write_bytes(damaged.read_bytes()[:40])
    assert not has_depth(folder, NAME, (20, 30))
    with pytest.raises(DepthMapError, match=rf"{damaged.name}' cannot be decoded"):
        read_depth(folder, NAME)


@pytest.mark.parametrize('path', [depth_path, confidence_path])
def test_missing_file_is_named_with_the_remedy(folder, path):
    path(folder, NAME).unlink()
    with pytest.raises(DepthMapError, match='is missing; write it with `mt3dnet prepare-depth`'):
        read_depth(folder, NAME)


def test_interrupted_writing_leaves_the_older_map(folder, maps, monkeypatch):
    monkeypatch.setattr('os.replace', lambda *paths: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        write_depth(folder, NAME, maps[0] * 2.0, maps[1])
    np.testing.assert_array_equal(read_depth(folder, NAME)[0], maps[0])


def test_depth_and_confidence_of_two_sizes_are_refused(tmp_path, maps):
    with pytest.raises(ValueError, match=r"depth \(20, 30\) and confidence \(10, 30\) of 'frame' must be of one size"):
        write_depth(tmp_path, 'frame', maps[0], maps[1][:10])
