"""What the saliency branch knows of time: motion in its cell, and of all of the image."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from mt3dnet_ros.models.saliency_memory import SaliencyMemory

CHANNELS, DECODER = 4, 6


@pytest.fixture
def memory():
    torch.manual_seed(0)
    return SaliencyMemory(CHANNELS, DECODER).eval()


@pytest.fixture
def still():
    """Return features and the decoder's map of two equal frames, 3 x 2 cells."""
    generator = torch.Generator().manual_seed(1)
    features, fine = (torch.randn(1, *shape, generator=generator) for shape in ((CHANNELS, 3, 2), (DECODER, 12, 8)))
    return features.expand(2, -1, -1, -1), fine.repeat(2, 1, 1, 1)


@torch.no_grad()
def test_a_second_equal_frame_is_seen_as_the_first(memory, still):
    context, _ = memory(*still, length=2, state=None)
    torch.testing.assert_close(context[1], context[0])


@torch.no_grad()
def test_motion_within_a_cell_shows_in_that_cell_alone(memory, still):
    features, fine = still
    fine[1, :, 4:8, 0:4] = fine[0, :, 4:8, 0:4].roll(1, dims=2)
    context, _ = memory(features, fine, length=2, state=None)
    changed = (context[1] - context[0]).abs().sum(0) > 1e-6
    assert changed.nonzero().tolist() == [[1, 0]]


@torch.no_grad()
def test_other_places_learn_that_something_moves(memory, still):
    nn.init.ones_(memory.overall.weight)
    features, fine = still
    fine[1, :, 4:8, 0:4] += 5.0
    context, _ = memory(features, fine, length=2, state=None)
    assert ((context[1] - context[0]).abs().sum(0) > 1e-6).all()


@torch.no_grad()
def test_the_state_carries_the_details_of_the_last_frame(memory, still):
    features, fine = still
    fine[1] = fine[1].flip(1)
    expected, _ = memory(features, fine, length=2, state=None)
    _, state = memory(features[:1], fine[:1], length=1, state=None)
    streamed, _ = memory(features[1:], fine[1:], length=1, state=state)
    torch.testing.assert_close(streamed[0], expected[1])
