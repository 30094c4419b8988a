"""An exported network answers as the original does, without this package, and comes with all that using it takes."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from support.small_network import save_small_checkpoint

from mt3dnet_ros.commands.main import main
from mt3dnet_ros.models.mix_transformer import VARIANTS, EncoderVariant
from mt3dnet_ros.models.mt3dnet import MT3DNet
from mt3dnet_ros.perception.checkpoint import load_checkpoint
from mt3dnet_ros.perception.checkpoint_header import CheckpointError
from mt3dnet_ros.perception.export.check import largest_differences
from mt3dnet_ros.perception.export.formats import FORMATS, ExportError, Format, Runner
from mt3dnet_ros.perception.export.onnx_file import read_exported

pytestmark = pytest.mark.timeout(600)  # exporting takes seconds of a core, and minutes beside a training

SIZE = (64, 96)
IMAGES = torch.randn(1, 3, *SIZE, generator=torch.Generator().manual_seed(7))
SHAPES = {
    'types': [9, 16, 24],
    'parts': [4, 16, 24],
    'depth': [1, 16, 24],
    'heat': [8, 8, 12],
    'boxes': [4, 8, 12],
    'view': [1, 1, 1],
}


@pytest.fixture(scope='module')
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Yield a checkpoint whose encoder has one block per stage: exporting takes its time for each."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(VARIANTS, 'b0', EncoderVariant((8, 16, 40, 64), (1, 1, 1, 1)))
        yield save_small_checkpoint(tmp_path_factory.mktemp('checkpoint') / 'small.safetensors', SIZE, view=True)


@pytest.fixture(scope='module')
def exported(checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of an export to ONNX."""
    pytest.importorskip('onnxscript')
    pytest.importorskip('onnxruntime')
    folder = tmp_path_factory.mktemp('exported')
    assert export(checkpoint, folder, '--format', 'onnx') == 0
    return folder


def export(checkpoint: Path, folder: Path, *options: str) -> int:
    return main(['export', '--checkpoint', str(checkpoint), '--output', str(folder), *options])


def description(folder: Path) -> dict[str, Any]:
    return json.loads((folder / 'small.json').read_text())


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def answers(model: MT3DNet, images: torch.Tensor) -> dict[str, np.ndarray]:
    with torch.no_grad():
        return {name: output.numpy() for name, output in model(images).outputs().items()}


def assert_as_original(
    found: dict[str, np.ndarray], checkpoint: Path, images: torch.Tensor, tolerance: float = 1e-4
) -> None:
    expected = answers(load_checkpoint(checkpoint), images)
    assert list(found) == list(expected)
    for name, output in expected.items():
        np.testing.assert_allclose(found[name], output, rtol=0, atol=tolerance * float(np.abs(output).max()))


def use_fake_formats(monkeypatch: pytest.MonkeyPatch, checkpoint: Path, shift: float) -> None:
    """Replace the slow formats by ones whose networks answer as the original, shifted."""
    model = load_checkpoint(checkpoint)

    def load(path: Path) -> Runner:
        return lambda inputs: {name: output + shift for name, output in answers(model, inputs['images']).items()}

    for name, kind in FORMATS.items():
        fake = Format(kind.suffix, lambda program, path: path.write_bytes(b'fake'), load)
        monkeypatch.setitem(FORMATS, name, fake)
    monkeypatch.setattr('mt3dnet_ros.perception.export.export.trace', lambda *_: None)


def test_onnx_answers_as_the_original(exported: Path, checkpoint: Path) -> None:
    session = pytest.importorskip('onnxruntime').InferenceSession(exported / 'small.onnx')
    names = [output.name for output in session.get_outputs()]
    found = dict(zip(names, session.run(None, {'images': IMAGES.numpy()}), strict=True))
    assert_as_original(found, checkpoint, IMAGES, FORMATS['onnx'].tolerance)


def test_weights_are_halved_and_the_file_says_what_it_was_made_from(exported: Path, checkpoint: Path) -> None:
    said = read_exported(exported / 'small.onnx')
    assert (said.config, said.input_size) == (load_checkpoint(checkpoint).config, SIZE)
    assert said.checkpoint == hashlib.sha256(checkpoint.read_bytes()).hexdigest()
    graph = pytest.importorskip('onnx').load(exported / 'small.onnx').graph
    single, half = (
        sum(math.prod(tensor.dims) for tensor in graph.initializer if tensor.data_type == kind) for kind in (1, 10)
    )
    assert half > 20 * single


@pytest.mark.parametrize('damage', [lambda data: data[: len(data) // 2], lambda data: b'<html>', lambda data: b''])
def test_damaged_file_is_refused_with_what_to_do(exported: Path, tmp_path: Path, damage: Any) -> None:
    path = tmp_path / 'damaged.onnx'
    path.write_bytes(damage((exported / 'small.onnx').read_bytes()))
    with pytest.raises(CheckpointError, match=r"damaged.onnx'.*(copy it again|use one written by)"):
        read_exported(path)


def test_description_says_what_goes_in_and_what_comes_out(exported: Path, checkpoint: Path) -> None:
    said, config = description(exported), load_checkpoint(checkpoint).config
    assert said['input']['shape'] == [1, 3, *SIZE]
    assert {name: output['shape'][1:] for name, output in said['outputs'].items()} == SHAPES
    assert (tuple(said['input']['mean']), tuple(said['input']['std'])) == (config.mean, config.std)
    assert tuple(label['name'] for label in said['classes']) == config.classes
    assert tuple(said['parts'].values()) == config.parts
    assert said['canonical_focal'] == config.canonical_focal


def test_measured_differences_are_in_the_description(exported: Path) -> None:
    differences = description(exported)['files']['small.onnx']['largest_difference']
    assert set(differences) == set(SHAPES)
    assert 0.0 < differences['depth'] < 2e-3  # metres


def test_program_takes_the_size_and_any_number_of_images_that_were_asked_for(checkpoint: Path, tmp_path: Path) -> None:
    options = '--format', 'torch_export', '--input-size', '32', '64', '--dynamic-batch'
    assert export(checkpoint, tmp_path, *options) == 0
    network = torch.export.load(tmp_path / 'small.pt2').module()
    for count in (1, 5):
        images = torch.randn(count, 3, 32, 64, generator=torch.Generator().manual_seed(count))
        found = {name: output.detach().numpy() for name, output in network(images).items()}
        assert_as_original(found, checkpoint, images)
    said = description(tmp_path)
    assert said['input']['shape'] == ['batch', 3, 32, 64]
    assert said['outputs']['types']['shape'] == ['batch', 9, 8, 16]
    assert names(tmp_path) == ['small.json', 'small.pt2']


def test_earlier_export_stays_unless_told_otherwise(
    checkpoint: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    use_fake_formats(monkeypatch, checkpoint, shift=0.0)
    assert export(checkpoint, tmp_path) == 0
    assert names(tmp_path) == ['small.json', 'small.onnx', 'small.pt2']
    (tmp_path / 'small.pt2').write_bytes(b'earlier')
    assert export(checkpoint, tmp_path, '--format', 'torch_export') == 1
    assert "small.pt2' exists; name another folder, or add --overwrite" in capsys.readouterr().err
    assert (tmp_path / 'small.pt2').read_bytes() == b'earlier'
    assert export(checkpoint, tmp_path, '--format', 'torch_export', '--overwrite') == 0
    assert (tmp_path / 'small.pt2').read_bytes() == b'fake'


@pytest.mark.parametrize('size', [('100', '96'), ('0', '96'), ('-32', '32')])
def test_impossible_input_size_is_refused(
    checkpoint: Path,
    tmp_path: Path,
    size: tuple[str, str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert export(checkpoint, tmp_path, '--input-size', *size) == 1
    assert f'input size {size[0]} {size[1]} must be of positive multiples of 32' in capsys.readouterr().err


@pytest.mark.parametrize(
    ('name', 'wrong', 'message'),
    [
        ('depth', lambda depth: depth * (1 + 3e-4), 'output depth .* differs from the original by'),
        ('types', lambda types: types[:, ::-1], 'output types .* differs'),
        ('boxes', lambda boxes: boxes * np.nan, 'output boxes .* differs from the original by nan'),
        ('heat', lambda heat: heat[..., 1:], r'output heat .* has shape \(1, 8, 8, 11\) instead of \(1, 8, 8, 12\)'),
    ],
)
def test_network_that_answers_otherwise_is_refused(checkpoint: Path, name: str, wrong: Any, message: str) -> None:
    model = load_checkpoint(checkpoint)

    def run(inputs: Mapping[str, torch.Tensor]) -> dict[str, np.ndarray]:
        found = answers(model, inputs['images'])
        return found | {name: wrong(found[name])}

    with pytest.raises(ExportError, match=message):
        largest_differences(model, run, SIZE)


def test_network_without_an_output_is_refused(checkpoint: Path) -> None:
    with pytest.raises(ExportError, match='has the outputs types instead of types, parts'):
        largest_differences(load_checkpoint(checkpoint), lambda inputs: {'types': np.zeros(1)}, SIZE)


def test_file_of_a_network_that_answers_otherwise_does_not_stay(
    checkpoint: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    use_fake_formats(monkeypatch, checkpoint, shift=1.0)
    assert export(checkpoint, tmp_path, '--format', 'torch_export') == 1
    assert 'differs from the original' in capsys.readouterr().err
    assert names(tmp_path) == []


def test_absent_onnx_is_named(
    checkpoint: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr('mt3dnet_ros.perception.export.formats.find_spec', {'onnx': 'installed'}.get)
    assert export(checkpoint, tmp_path, '--format', 'both') == 1
    assert "onnxruntime is not installed: pip install 'mt3dnet_ros[export]'" in capsys.readouterr().err
    assert names(tmp_path) == []
