"""ConvLSTM++: streams and sequences agree, memory is used, and nothing leaks."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from mt3dnet_ros.models.conv_lstm import CELLS, ConvLSTM
from mt3dnet_ros.models.state import ConvLSTMState

CHANNELS, HIDDEN = 6, 4


@pytest.fixture(params=CELLS)
def cell(request):
    """Return a cell that adds its memory to the features, as after training."""
    torch.manual_seed(0)
    cell = ConvLSTM(CHANNELS, HIDDEN, request.param)
    nn.init.normal_(cell.out.weight)
    return cell


@pytest.fixture
def frames():
    return torch.randn(2, 4, CHANNELS, 5, 3, generator=torch.Generator().manual_seed(1))


def stream(cell, frames, state=None):
    outputs = []
    for frame in frames.split(1, dim=1):
        output, state = cell(frame, state)
        outputs.append(output)
    return torch.cat(outputs, dim=1), state


def test_stream_and_sequence_agree(cell, frames):
    torch.testing.assert_close(stream(cell, frames), cell(frames), rtol=0, atol=1e-5)


def test_sequence_goes_on_from_a_state(cell, frames):
    _, state = cell(frames[:, :2])
    torch.testing.assert_close(cell(frames[:, 2:], state)[0], cell(frames)[0][:, 2:], rtol=0, atol=1e-5)


def test_without_a_state_every_frame_is_a_first_frame(cell, frames):
    later, _ = cell(frames[:, 3:])
    _, state = cell(frames[:, :3])
    remembering, _ = cell(frames[:, 3:], state)
    torch.testing.assert_close(later, cell(frames[:, 3:], cell.first_state(frames[:, 3]))[0])
    assert (later - remembering).abs().max() > 1e-3


def test_update_follows_the_equations(cell, frames):
    state = ConvLSTMState(*(torch.randn(2, width, 5, 3) for width in (CHANNELS, HIDDEN, HIDDEN)))
    pair = torch.cat([frames[:, 0], state.previous], dim=1)
    into, forget, out, candidate = (cell.input_gates(pair) + cell.hidden_gates(state.hidden)).chunk(4, dim=1)
    expected_cell = forget.sigmoid() * state.cell + into.sigmoid() * candidate.tanh()
    expected_hidden = out.sigmoid() * expected_cell.tanh()
    output, after = cell(frames[:, :1], state)
    torch.testing.assert_close(after, ConvLSTMState(frames[:, 0], expected_hidden, expected_cell))
    torch.testing.assert_close(output[:, 0], frames[:, 0] + cell.out(expected_hidden))


def test_untrained_cell_changes_nothing(frames):
    torch.testing.assert_close(ConvLSTM(CHANNELS, HIDDEN)(frames)[0], frames, rtol=0, atol=0)


def test_gradient_flows_through_time_and_never_back_from_the_future(cell, frames):
    frames.requires_grad_()
    outputs, _ = cell(frames)
    (last,) = torch.autograd.grad(outputs[:, -1].square().sum(), frames, retain_graph=True)
    (second,) = torch.autograd.grad(outputs[:, 1].square().sum(), frames)
    assert all(last[:, time].any() for time in range(4))
    assert second[:, :2].any() and not second[:, 2:].any()


def test_sequences_of_a_batch_do_not_see_each_other(cell, frames):
    together, state = cell(frames)
    alone, state_alone = cell(frames[1:])
    torch.testing.assert_close(together[1:], alone, rtol=0, atol=1e-5)
    torch.testing.assert_close(state.cell[1:], state_alone.cell, rtol=0, atol=1e-5)


def test_every_weight_learns(cell, frames):
    cell(frames)[0].square().sum().backward()
    assert all(value.grad.any() for value in cell.parameters())


def test_memory_keeps_single_precision_under_autocast(cell, frames):
    with torch.autocast('cpu', torch.bfloat16):
        _, state = cell(frames.bfloat16())
    assert state.cell.dtype == state.hidden.dtype == torch.float32


def test_separable_cell_is_a_fraction_of_the_full_one():
    full, separable = (sum(value.numel() for value in ConvLSTM(64, 64, name).parameters()) for name in CELLS)
    assert separable < full / 8


@pytest.mark.parametrize('shape', [(1, 1, CHANNELS, 5, 3), (2, 1, CHANNELS, 5, 4)])
def test_state_of_another_batch_or_size_is_refused(cell, frames, shape):
    _, state = cell(frames)
    with pytest.raises(ValueError, match='start without a state when batch or image size change'):
        cell(torch.zeros(shape), state)


def test_unknown_cell_is_refused_by_name():
    with pytest.raises(ValueError, match=r"cell 'gru' is not known \(known: full, separable\)"):
        ConvLSTM(CHANNELS, HIDDEN, 'gru')
