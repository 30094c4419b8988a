"""ST-MTL: the published sizes and shapes, and what its state may and may not carry."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import nn

from mt3dnet_ros.models.st_mtl.config import STMTLConfig
from mt3dnet_ros.models.st_mtl.st_mtl import STMTL

CLASSES = tuple('abcdefgh')
CONFIG = STMTLConfig(CLASSES, recalibration='scse', temporal_cell='separable', temporal_hidden=8)


def millions(*modules):
    return sum(value.numel() for module in modules for value in module.parameters()) / 1e6


def without_memory(**options):
    return STMTL(STMTLConfig(CLASSES, temporal=False, **options))


@pytest.fixture(scope='module')
def clip():
    return torch.randn(2, 3, 3, 64, 64, generator=torch.Generator().manual_seed(1))


@pytest.fixture(scope='module')
def network(clip):
    """Return a network as after training: its cells add their memory, and no layer damps what it is given."""
    torch.manual_seed(0)
    network = STMTL(CONFIG)
    for cell in (network.segmentation_cell, network.saliency_cell):
        nn.init.normal_(cell.out.weight)
    for layer in network.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.momentum = 1.0
    with torch.no_grad():
        network.forward_sequence(clip)
    return network.eval()


def test_segmentation_branch_has_the_published_size():
    network = without_memory()
    classifier = network.segmentation.classifier
    assert millions(network.encoder) == pytest.approx(11.18, abs=0.005)
    assert millions(network.segmentation) - millions(classifier) == pytest.approx(25.40, abs=0.005)
    assert millions(classifier) == pytest.approx(0.02, abs=0.005)
    assert millions(network.encoder, network.segmentation) == pytest.approx(36.6, abs=0.05)


@pytest.mark.parametrize('recalibration', ['scse', 'skip_scse'])
def test_decoder_with_plain_units_has_the_published_size(recalibration):
    decoder = without_memory(recalibration=recalibration).segmentation
    assert millions(decoder) - millions(decoder.classifier) == pytest.approx(10.3, abs=0.05)


def test_segmentation_decoder_passes_through_the_published_shapes(network):
    shapes = {}
    hooks = [
        module.register_forward_hook(lambda module, inputs, output, name=name: shapes.update({name: output.shape[1:]}))
        for name, module in network.segmentation.named_children()
    ]
    with torch.no_grad():
        network.segment(network.encode(torch.randn(1, 3, 128, 192)))
    for hook in hooks:
        hook.remove()
    assert {name: tuple(shape) for name, shape in shapes.items()} == {
        'center': (256, 4, 6),
        'decoder5': (256, 8, 12),
        'decoder4': (128, 16, 24),
        'decoder3': (64, 32, 48),
        'decoder2': (64, 64, 96),
        'decoder1': (64, 128, 192),
        'classifier': (8, 128, 192),
    }


@pytest.mark.parametrize(('height', 'width'), [(64, 96), (96, 64)])
def test_both_tasks_answer_at_full_resolution(network, height, width):
    with torch.no_grad():
        prediction = network(torch.randn(1, 3, height, width))
    assert prediction.types.shape == (1, 8, height, width)
    assert prediction.saliency.shape == (1, 1, height, width)


@pytest.mark.parametrize(('height', 'width'), [(64, 80), (63, 64), (32, 64)])
def test_input_of_another_size_is_refused(network, height, width):
    with pytest.raises(ValueError, match=f'{width} x {height} pixels; both must be multiples of 32 and at least 64'):
        network(torch.randn(1, 3, height, width))


@torch.no_grad()
def test_stream_and_sequence_agree(network, clip):
    expected, state = network.forward_sequence(clip), None
    for time in range(clip.shape[1]):
        prediction = network(clip[:, time], state)
        torch.testing.assert_close(prediction.types, expected.types[:, time], rtol=0, atol=1e-5)
        torch.testing.assert_close(prediction.saliency, expected.saliency[:, time], rtol=0, atol=1e-5)
        state = prediction.state
    torch.testing.assert_close(state, expected.state, rtol=0, atol=1e-5)


@torch.no_grad()
def test_both_tasks_remember_and_a_reset_forgets(network, clip):
    first, second = network(clip[:, 0]), clip[:, 1]
    remembering, forgetful = network(second, first.state), network(second)
    alone = network.forward_sequence(clip[:, 1:])
    for task in ('types', 'saliency'):
        assert (getattr(remembering, task) - getattr(forgetful, task)).abs().max() > 1e-3
        torch.testing.assert_close(getattr(forgetful, task), getattr(alone, task)[:, 0], rtol=0, atol=1e-5)


@torch.no_grad()
def test_sequences_of_a_batch_do_not_see_each_other(network, clip):
    together, alone = network.forward_sequence(clip), network.forward_sequence(clip[1:])
    torch.testing.assert_close(together.types[1:], alone.types, rtol=0, atol=1e-5)
    torch.testing.assert_close(together.saliency[1:], alone.saliency, rtol=0, atol=1e-5)


def test_last_frame_teaches_what_to_remember_of_the_first(network, clip):
    clip = clip.clone().requires_grad_()
    network.forward_sequence(clip).saliency[:, -1].sum().backward()
    assert clip.grad[:, 0].any()


@pytest.mark.parametrize(('task', 'decoder'), [('types', 'segmentation'), ('saliency', 'saliency')])
def test_tasks_share_the_encoder_alone(network, clip, task, decoder):
    network.zero_grad()
    getattr(network.forward_sequence(clip[:, :2]), task).square().mean().backward()
    learning = {name.split('.')[0] for name, value in network.named_parameters() if value.grad is not None}
    assert learning == {'encoder', decoder, f'{decoder}_cell'}


def test_cells_can_be_switched_off(network, clip):
    spatial = STMTL(replace(CONFIG, temporal=False)).eval()
    spatial.load_state_dict({k: v for k, v in network.state_dict().items() if '_cell.' not in k})
    with torch.no_grad():
        sequence = spatial.forward_sequence(clip)
        single = spatial(clip[:, 2])
    assert single.state == (None, None)
    torch.testing.assert_close(sequence.types[:, 2], single.types, rtol=0, atol=1e-5)


def test_untrained_memory_starts_from_single_frames(clip):
    torch.manual_seed(0)
    network = STMTL(CONFIG).eval()
    spatial = STMTL(replace(CONFIG, temporal=False)).eval()
    spatial.load_state_dict({k: v for k, v in network.state_dict().items() if '_cell.' not in k})
    with torch.no_grad():
        expected, prediction = spatial.forward_sequence(clip), network.forward_sequence(clip)
    torch.testing.assert_close(prediction.saliency, expected.saliency)
