"""Frames become samples, in an order that survives interruptions."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from mt3dnet_ros.datasets.frames import IGNORED, DatasetError, LabelledFrame
from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.training.samples import Draw, JoinedSamples, StepSampler, TrainingSamples, step_seed, to_sample

IMAGE = np.arange(8 * 12 * 3, dtype=np.uint8).reshape(8, 12, 3)


def indices(batches):
    return [[draw.frame for draw in batch] for batch in batches]


def test_every_frame_comes_once_before_any_comes_again():
    seen = [index for batch in indices(StepSampler(6, 4, 6, seed=5)) for index in batch]
    turns = [sorted(seen[k : k + 6]) for k in range(0, 24, 6)]
    assert turns == [list(range(6))] * 4
    assert seen[:6] != seen[6:12], 'each turn is shuffled again'


def test_resumed_sampler_goes_on_where_the_first_was_stopped():
    whole, rest = list(StepSampler(10, 3, 9, seed=1)), list(StepSampler(10, 3, 9, seed=1, start=4))
    assert rest == whole[4:]
    assert len(StepSampler(10, 3, 9, seed=1, start=4)) == 9


def test_processes_share_the_batch_that_one_would_have():
    alone = indices(StepSampler(10, 4, 5, seed=2))
    shares = [indices(StepSampler(10, 4, 5, seed=2, rank=rank, processes=2)) for rank in range(2)]
    assert [sorted(a + b) for a, b in zip(*shares, strict=True)] == [sorted(batch) for batch in alone]


def test_seeds_differ_between_steps_processes_and_runs():
    assert len({step_seed(seed, step, rank) for seed in (1, 2) for step in range(3) for rank in range(2)}) == 12


def test_missing_labels_are_ignored_and_missing_depth_is_unknown():
    sample = to_sample(LabelledFrame('a', IMAGE), (0, 0))
    assert (sample.labels == IGNORED).all() and sample.labels.shape == (3, 8, 12)
    assert not sample.depth.any()
    assert torch.equal(sample.image, torch.from_numpy(IMAGE))


def test_frame_is_brought_to_size_with_its_focal_length():
    labels = np.kron(np.array([[1, 2], [3, IGNORED]]), np.ones((4, 6))).astype(np.uint8)
    depth = labels.astype(np.float32)
    frame = LabelledFrame('a', IMAGE, labels, labels, labels, depth, Camera(12, 8, 30.0, 30.0, 6.0, 4.0))
    sample = to_sample(frame, (4, 6))
    assert sample.focal.item() == pytest.approx(15.0)
    assert sample.image.shape == (4, 6, 3)
    assert torch.equal(sample.labels[0, ::2, ::3], torch.tensor([[1, 2], [3, IGNORED]], dtype=torch.uint8))
    assert torch.equal(sample.depth, sample.labels[0].float())


class GreyFrames:
    """Frames of one grey each, beginning at ``first``."""

    taxonomy, names = None, ()

    def __init__(self, first, count, width=12):
        self.first, self.count, self.width = first, count, width

    def __len__(self):
        return self.count

    def __getitem__(self, index):
        assert 0 <= index < self.count
        return LabelledFrame('', np.full((8, self.width, 3), self.first + index, np.uint8))


def test_joined_sets_follow_one_another():
    joined = JoinedSamples([TrainingSamples(GreyFrames(0, 3)), TrainingSamples(GreyFrames(100, 2))])
    assert len(joined) == 5
    drawn = [joined[Draw(index, seed=index + 7)] for index in range(5)]
    assert [int(sample.image[0, 0, 0]) for sample, _ in drawn] == [0, 1, 2, 100, 101]
    assert [seed for _, seed in drawn] == [7, 8, 9, 10, 11]


def test_joined_sets_must_have_one_size_and_may_be_brought_to_it():
    frames = GreyFrames(0, 2), GreyFrames(0, 2, width=16)
    with pytest.raises(DatasetError, match='8 x 12, 8 x 16'):
        JoinedSamples([TrainingSamples(each) for each in frames])
    assert len(JoinedSamples([TrainingSamples(each, (8, 12)) for each in frames])) == 4
