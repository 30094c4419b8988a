"""ST-MTL is judged by the same command: types, saliency and scanpath, over time or frame by frame."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from support.rendered_shapes import write_sequences

from mt3dnet_ros.commands.main import main
from mt3dnet_ros.datasets.frames import LabelledFrame
from mt3dnet_ros.evaluation.order import EvaluationStep
from mt3dnet_ros.evaluation.st_mtl_observer import STMTLObserver, find_spots
from mt3dnet_ros.models.st_mtl.config import STMTLConfig
from mt3dnet_ros.models.st_mtl.st_mtl import STMTL
from mt3dnet_ros.perception.checkpoint import save_checkpoint
from mt3dnet_ros.perception.preprocess import normalize
from mt3dnet_ros.perception.taxonomy import load_taxonomy

SIZE = (64, 96)
CONFIG = STMTLConfig(
    load_taxonomy('endovis2018').names, taxonomy='endovis2018', input_size=SIZE, temporal_hidden=8,
    temporal_cell='separable',
)  # fmt: skip


@pytest.fixture(scope='module')
def network():
    """Return a network whose saliency depends on what it remembers."""
    torch.manual_seed(5)
    network = STMTL(CONFIG)
    torch.nn.init.normal_(network.saliency_cell.out.weight, 0.0, 5.0)
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.momentum = 1.0
    with torch.no_grad():
        network(torch.randn(2, 3, *SIZE))  # without statistics next to nothing comes through from the coarsest maps
    return network.eval()


@pytest.fixture
def observer(network):
    return STMTLObserver(network, torch.device('cpu'))


def frame(seed, size=SIZE):
    return LabelledFrame('s/f', np.random.default_rng(seed).integers(0, 255, (*size, 3), np.uint8))


def watch(observer, stamps, size=SIZE):
    """Return what is seen in the last of some frames of one stream."""
    steps = (EvaluationStep(k, 's', k > 0, stamp) for k, stamp in enumerate(stamps))
    return [observer.observe(frame(step.frame, size), step) for step in steps][-1]


def prepared(index: int) -> torch.Tensor:
    return torch.from_numpy(normalize(frame(index).image, SIZE, CONFIG.mean, CONFIG.std))


def test_frames_of_a_stream_are_seen_as_the_network_sees_a_sequence(observer, network):
    seen = watch(observer, stamps=(1, 2, 3))
    images = torch.cat([prepared(k) for k in range(3)])
    with torch.inference_mode():
        expected = network.forward_sequence(images[None])
    assert np.array_equal(seen.scene.labels, expected.types[0, -1].argmax(0))
    np.testing.assert_allclose(seen.saliency, expected.saliency[0, -1, 0].sigmoid(), atol=1e-5)


def test_single_frames_and_first_ones_are_seen_without_memory(observer, network):
    with torch.inference_mode():
        alone = network(prepared(1)).saliency[0, 0].sigmoid().numpy()
    np.testing.assert_allclose(watch(observer, stamps=(0, 0)).saliency, alone, atol=1e-5)
    assert np.abs(watch(observer, stamps=(1, 2)).saliency - alone).max() > 1e-3
    np.testing.assert_allclose(observer.observe(frame(1), EvaluationStep(0, 't', False, 1)).saliency, alone, atol=1e-5)


def test_maps_are_those_of_the_image_whatever_its_size(observer):
    seen = watch(observer, stamps=(1,), size=(90, 72))
    assert seen.saliency.shape == seen.scene.labels.shape == seen.scene.instances.shape == (90, 72)
    assert seen.scanpath is not None and set(seen.scanpath) == set(np.unique(seen.scene.instances)) - {0}


def test_instruments_are_the_connected_regions_of_a_type():
    labels = np.zeros((50, 60), np.uint8)
    labels[10:20, 10:20], labels[10:20, 20:30], labels[30:40, 30:40] = 1, 2, 1
    labels[0, 0] = 2  # too small
    spots = find_spots(labels)
    assert sorted(np.unique(spots, return_counts=True)[1].tolist()) == [100, 100, 100, 2700]
    assert len({int(spots[row, column]) for row, column in ((15, 15), (15, 25), (35, 35))}) == 3


def test_command_judges_types_and_saliency_and_names_what_is_not_predicted(network, tmp_path, capsys):
    save_checkpoint(tmp_path / 'st_mtl.safetensors', network, CONFIG)
    data = write_sequences(tmp_path / 'data')
    arguments = ['--dataset', 'rendered', '--data', str(data), '--split', 'val', '--output', str(tmp_path / 'report')]
    arguments += ['--checkpoint', str(tmp_path / 'st_mtl.safetensors'), '--device', 'cpu']
    assert main(['evaluate', *arguments]) == 0
    report = json.loads((tmp_path / 'report' / 'report.json').read_text())
    assert all(report[name]['metrics'] for name in ('instrument', 'types', 'reliability', 'saliency', 'time'))
    assert {report[name]['skipped'] for name in ('parts', 'detection', 'type_doubt', 'depth')} == {
        'the network does not predict it'
    }
    assert main(['evaluate', *arguments, '--back-end', 'openvino']) == 1
    assert "back end 'openvino' cannot run ST-MTL; use 'torch'" in capsys.readouterr().err
