"""Copies to and from a device."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from mt3dnet_ros.perception.canvas.transfers import Transfers

needs_cuda = pytest.mark.skipif(not torch.cuda.is_available(), reason='this machine has no CUDA device')
DEVICES = ['cpu', pytest.param('cuda:0', marks=needs_cuda)]


@pytest.mark.parametrize('device', DEVICES)
@pytest.mark.parametrize('kind', [np.uint8, np.float32, np.int32])
def test_what_went_up_comes_down(device, kind):
    values = np.arange(2 * 3 * 4).reshape(2, 3, 4).astype(kind)
    transfers = Transfers(torch.device(device))
    for view in (values, values[:, ::2], values.transpose(2, 0, 1), np.broadcast_to(values[:1], (5, 3, 4))):
        np.testing.assert_array_equal(transfers.down(transfers.up(view))(), view)


@pytest.mark.parametrize('device', DEVICES)
def test_what_may_not_be_written_to_goes_up_without_a_warning(device, recwarn):
    values = np.arange(6, dtype=np.uint8)
    values.setflags(write=False)
    np.testing.assert_array_equal(Transfers(torch.device(device)).up(values).cpu(), values)
    assert not recwarn.list


@needs_cuda
def test_copies_go_through_pinned_memory_and_are_awaited_one_by_one():
    transfers = Transfers(torch.device('cuda', 0))
    values = np.random.default_rng(0).integers(0, 255, (2000, 2000), np.uint8)
    first = transfers.down(transfers.up(values))
    busy = torch.ones(6000, 6000, device='cuda')
    for _ in range(40):  # work that goes on while the copy has long been here
        busy = busy @ busy * 1e-4
    found = first()
    assert not torch.cuda.current_stream().query()
    np.testing.assert_array_equal(found, values)
    assert torch.from_numpy(found).is_pinned()


@needs_cuda
def test_memory_that_is_written_to_again_does_not_reach_a_copy_under_way():
    transfers, values = Transfers(torch.device('cuda', 0)), np.zeros((3000, 3000), np.uint8)
    arrivals = []
    for number in range(8):
        values[:] = number
        tensor = transfers.up(values) + 0
        arrivals.append(transfers.down(tensor))
        del tensor
    assert [np.unique(arrival()).tolist() for arrival in arrivals] == [[number] for number in range(8)]
