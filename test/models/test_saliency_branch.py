"""MT3DNet with its saliency branch: one pass for all tasks, over time, and nothing changed without it."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import nn

from mt3dnet_ros.models.config import MT3DNetConfig
from mt3dnet_ros.models.mt3dnet import MT3DNet
from mt3dnet_ros.models.tasks import Prediction

CONFIG = MT3DNetConfig(classes=('background', 'forceps', 'needle driver'), saliency=True)


@pytest.fixture(scope='module')
def network():
    """Return a network whose branch adds its memory, as after training."""
    torch.manual_seed(0)
    network = MT3DNet(CONFIG).eval()
    nn.init.normal_(network.saliency.temporal.cell.out.weight)
    return network


@pytest.fixture(scope='module')
def clip():
    return torch.randn(2, 3, 3, 64, 96, generator=torch.Generator().manual_seed(1))


def without_saliency(prediction):
    return {name: output for name, output in prediction.outputs().items() if name != 'saliency'}


@torch.no_grad()
def test_stream_and_sequence_agree_on_every_task(network, clip):
    expected, state = network.forward_sequence(clip), None
    for time in range(clip.shape[1]):
        prediction = network(clip[:, time], state)
        for name, output in expected.outputs().items():
            torch.testing.assert_close(getattr(prediction, name), output[:, time], rtol=1e-5, atol=1e-5, msg=name)
        state = prediction.state
    torch.testing.assert_close(state, expected.state, rtol=0, atol=1e-5)


@torch.no_grad()
def test_saliency_remembers_a_reset_forgets_and_other_tasks_see_one_frame(network, clip):
    first = network(clip[:, 0])
    remembering, forgetful = network(clip[:, 1], first.state), network(clip[:, 1])
    assert (remembering.saliency - forgetful.saliency).abs().max() > 1e-3
    torch.testing.assert_close(without_saliency(remembering), without_saliency(forgetful), rtol=0, atol=0)
    alone = network.forward_sequence(clip[:, 1:])
    torch.testing.assert_close(forgetful.saliency, alone.saliency[:, 0], rtol=0, atol=1e-5)


@torch.no_grad()
def test_sequences_of_a_batch_do_not_see_each_other(network, clip):
    together, alone = network.forward_sequence(clip), network.forward_sequence(clip[1:])
    torch.testing.assert_close(together.saliency[1:], alone.saliency, rtol=0, atol=1e-5)


def test_last_frame_teaches_what_to_remember_of_the_first(network, clip):
    clip = clip.clone().requires_grad_()
    network.forward_sequence(clip).saliency[:, -1].square().sum().backward()
    assert clip.grad[:, 0].any()
    assert all(value.grad.any() for value in network.saliency.parameters())


@torch.no_grad()
@pytest.mark.parametrize('options', [{'decoder': 'all_mlp'}, {'encoder': 'b1', 'decoder_channels': 32}])
def test_branch_fits_every_encoder_and_decoder(options):
    prediction = MT3DNet(replace(CONFIG, **options)).eval()(torch.randn(1, 3, 32, 64))
    assert prediction.saliency.shape == (1, 1, 8, 16)


@torch.no_grad()
def test_weights_without_the_branch_load_and_answer_as_before(network, clip):
    plain = MT3DNet(replace(CONFIG, saliency=False)).eval()
    shared = {key: value for key, value in network.state_dict().items() if not key.startswith('saliency.')}
    plain.load_state_dict(shared, strict=True)
    before, after = plain(clip[:, 0]), network(clip[:, 0])
    torch.testing.assert_close(before.outputs(), without_saliency(after), rtol=0, atol=0)
    assert before.saliency is None and before.state is None


def test_same_seed_gives_the_same_network_with_and_without_the_branch():
    networks = []
    for saliency in (True, False):
        torch.manual_seed(5)
        networks.append(MT3DNet(replace(CONFIG, saliency=saliency)).state_dict())
    assert all(torch.equal(networks[0][key], value) for key, value in networks[1].items())


@torch.no_grad()
def test_exported_graph_streams_as_the_network_does(network, clip):
    state = network(clip[:1, 0]).state
    exported = torch.export.export(network, (clip[:1, 1], state)).module()
    torch.testing.assert_close(Prediction(*exported(clip[:1, 1], state)), network(clip[:1, 1], state))


@torch.no_grad()
def test_change_of_size_needs_a_new_state(network, clip):
    state = network(clip[:, 0]).state
    with pytest.raises(ValueError, match='start without a state'):
        network(torch.zeros(2, 3, 64, 64), state)


def test_untrained_saliency_starts_low(clip):
    torch.manual_seed(0)
    with torch.no_grad():
        saliency = MT3DNet(CONFIG).eval()(clip[:, 0]).saliency.sigmoid()
    assert saliency.mean() < 0.15


def test_branch_is_a_small_part_of_the_network(network):
    branch = sum(value.numel() for value in network.saliency.parameters())
    assert branch < 0.03 * sum(value.numel() for value in network.parameters())


def test_mapping_changes_every_output_but_the_state(network, clip):
    with torch.no_grad():
        prediction = network(clip[:, 0])
    halved = prediction.mapped(lambda output: output / 2)
    torch.testing.assert_close(halved.saliency, prediction.saliency / 2)
    torch.testing.assert_close(halved.depth, prediction.depth / 2)
    assert halved.state is prediction.state
