"""A network with saliency is exported with its memory as further inputs and outputs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest
import torch
from support.small_network import save_small_checkpoint

from mt3dnet_ros.commands.main import main
from mt3dnet_ros.models.mix_transformer import VARIANTS, EncoderVariant
from mt3dnet_ros.models.mt3dnet import MT3DNet
from mt3dnet_ros.perception.checkpoint import load_checkpoint
from mt3dnet_ros.perception.export.check import largest_differences
from mt3dnet_ros.perception.export.formats import ExportError
from mt3dnet_ros.perception.export.network import as_exported

pytestmark = pytest.mark.timeout(600)  # exporting takes seconds of a core, and minutes beside a training

SIZE = (64, 96)
STATE = ('previous', 'hidden', 'cell')
Network = Callable[[Mapping[str, np.ndarray]], Mapping[str, np.ndarray]]


@pytest.fixture(scope='module')
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Yield a checkpoint whose encoder has one block per stage: exporting takes its time for each."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(VARIANTS, 'b0', EncoderVariant((8, 16, 40, 64), (1, 1, 1, 1)))
        yield save_small_checkpoint(tmp_path_factory.mktemp('checkpoint') / 'small.safetensors', SIZE, saliency=True)


@pytest.fixture(scope='module')
def model(checkpoint: Path) -> MT3DNet:
    return load_checkpoint(checkpoint)


@pytest.fixture(scope='module')
def exported(checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of an export to both formats."""
    pytest.importorskip('onnxscript')
    pytest.importorskip('onnxruntime')
    folder = tmp_path_factory.mktemp('exported')
    assert main(['export', '--checkpoint', str(checkpoint), '--output', str(folder)]) == 0
    return folder


def of_onnx(folder: Path) -> Network:
    session = pytest.importorskip('onnxruntime').InferenceSession(folder / 'small.onnx')
    names = [output.name for output in session.get_outputs()]
    return lambda inputs: dict(zip(names, session.run(None, dict(inputs)), strict=True))


def of_program(folder: Path) -> Network:
    network = torch.export.load(folder / 'small.pt2').module()

    def run(inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        tensors = {name: torch.from_numpy(value) for name, value in inputs.items()}
        outputs = network(tensors.pop('images'), **tensors)
        return {name: output.detach().numpy() for name, output in outputs.items()}

    return run


@pytest.mark.parametrize('load', [of_onnx, of_program])
def test_stream_is_seen_as_the_original_sees_it(
    load: Callable[[Path], Network],
    exported: Path,
    model: MT3DNet,
) -> None:
    frames = torch.randn(1, 3, 3, *SIZE, generator=torch.Generator().manual_seed(7))
    with torch.no_grad():
        expected = model.forward_sequence(frames).saliency[0].numpy()
    network, images = load(exported), frames[0].unsqueeze(1).numpy()
    tensors = json.loads((exported / 'small.json').read_text())['state']['tensors']
    zeros = {name: np.zeros(tensor['shape'], np.float32) for name, tensor in tensors.items()}
    state = zeros | {'previous': network({'images': images[0], **zeros})['next_previous']}
    for frame, saliency in zip(images, expected, strict=True):
        outputs = network({'images': frame, **state})
        np.testing.assert_allclose(outputs['saliency'][0], saliency, rtol=0, atol=1e-4 * np.abs(expected).max())
        state = {name: outputs[tensor['output']] for name, tensor in tensors.items()}


def test_description_says_how_memory_goes_from_frame_to_frame(exported: Path) -> None:
    said = json.loads((exported / 'small.json').read_text())
    assert tuple(said['state']['tensors']) == STATE
    shapes = {name: tensor['shape'] for name, tensor in said['state']['tensors'].items()}
    assert shapes == {'previous': [1, 192, 4, 6], 'hidden': [1, 64, 4, 6], 'cell': [1, 64, 4, 6]}
    assert said['outputs']['saliency']['shape'] == [1, 1, 16, 24]
    compared = set(said['outputs']) | {tensor['output'] for tensor in said['state']['tensors'].values()}
    assert all(set(file['largest_difference']) == compared for file in said['files'].values())


def test_network_that_forgets_is_refused(model: MT3DNet) -> None:
    network = as_exported(model)

    def run(inputs: Mapping[str, torch.Tensor]) -> dict[str, np.ndarray]:
        forgetful = {name: value if name in ('images', 'previous') else 0.0 * value for name, value in inputs.items()}
        with torch.no_grad():
            return {name: output.numpy() for name, output in network(**forgetful).items()}

    with pytest.raises(ExportError, match='output saliency of the exported network differs from the original'):
        largest_differences(model, run, SIZE)
