"""Frames of videos are grouped by their names; stills are left alone."""

from __future__ import annotations

import pytest
from support.rendered_shapes import write_shapes

from mt3dnet_ros.datasets.frames import DatasetError
from mt3dnet_ros.datasets.rendered import RenderedFrames
from mt3dnet_ros.datasets.sequences import FrameSequence, find_sequences, read_window, require_sequences_of, windows

STILLS = ['val/000000', 'val/000001', 'dataset_1/keyframe_3', 'dataset_1/keyframe_4', 'img_01']


def test_frames_of_a_sequence_come_in_the_order_of_their_numbers():
    names = ['seq_1/frame010', 'seq_2/frame000', 'seq_1/frame009', 'test/s0003/f0011', 'test/s0003/f0012']
    found = find_sequences(names)
    assert found == (FrameSequence('seq_1', (2, 0)), FrameSequence('seq_2', (1,)), FrameSequence('test/s0003', (3, 4)))


def test_a_missing_frame_ends_a_sequence():
    found = find_sequences([f'seq_1/frame{number:03d}' for number in (0, 1, 3, 4, 5)])
    assert [sequence.indices for sequence in found] == [(0, 1), (2, 3, 4)]


def test_stills_are_no_sequence_and_the_remedy_is_named():
    assert find_sequences(STILLS) == ()
    with pytest.raises(DatasetError, match=r'no 2 consecutive frames; .* `mt3dnet render --frames-per-sequence`'):
        require_sequences_of(STILLS)


def test_windows_do_not_reach_over_the_end_of_a_sequence():
    sequences = (FrameSequence('a', (0, 1, 2, 3)), FrameSequence('b', (4, 5)), FrameSequence('c', (6, 7, 8)))
    assert windows(sequences, 3) == ((0, 1, 2), (1, 2, 3), (6, 7, 8))
    assert windows(sequences, 2, step=2) == ((0, 1), (2, 3), (4, 5), (6, 7))
    with pytest.raises(ValueError, match='windows of 0 frames, 1 apart'):
        windows(sequences, 0)


def test_a_window_is_read_in_its_order(tmp_path):
    frames = RenderedFrames(write_shapes(tmp_path, frames=3), 'val')
    assert [frame.name for frame in read_window(frames, (2, 0))] == ['val/000002', 'val/000000']
