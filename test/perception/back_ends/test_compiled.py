"""OpenVINO's compiled networks: from an exported file, a checkpoint and the cache, and what is wrong with these."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.paths import ROOT
from support.small_network import save_small_checkpoint, tissue

from mt3dnet_ros.perception.back_ends.back_end import BackEndError
from mt3dnet_ros.perception.back_ends.cache import Cache, CacheWarning
from mt3dnet_ros.perception.back_ends.compiled import NetworkCompiler
from mt3dnet_ros.perception.back_ends.network_source import open_network
from mt3dnet_ros.perception.back_ends.start import start_back_end
from mt3dnet_ros.perception.checkpoint_header import CheckpointError
from mt3dnet_ros.perception.loading import load
from mt3dnet_ros.resources import package_file

pytest.importorskip('openvino', reason='openvino is not installed')
pytestmark = pytest.mark.timeout(600)  # converting takes seconds of a core, and minutes beside a training

SHIPPED = package_file('config', 'checkpoints', 'mt3dnet_lite0.safetensors')
EXPORTED = SHIPPED.with_suffix('.onnx')
WITHOUT_PYTORCH = """
import json, sys
import numpy as np
sys.modules['torch'] = None  # whoever imports it fails, as where it is not installed
import mt3dnet_ros
found = []
for path in json.loads(sys.argv[1]):
    perceiver = mt3dnet_ros.load(path)
    scene = perceiver(np.full((96, 128, 3), 120, np.uint8))
    found.append([perceiver.back_end.name, perceiver.back_end.device, list(scene.labels.shape)])
print(json.dumps(found))
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the cache's folder, which is empty."""
    monkeypatch.setenv('XDG_CACHE_HOME', str(tmp_path / 'cache'))
    return tmp_path / 'cache' / 'mt3dnet_ros'


def without_pytorch(*paths: Path | str) -> subprocess.CompletedProcess[str]:
    """Load networks where PyTorch is not installed, each after the other."""
    words = json.dumps([str(path) for path in paths])
    environment = {**os.environ, 'PYTHONPATH': f'{ROOT}{os.pathsep}{os.environ.get("PYTHONPATH", "")}'}
    command = [sys.executable, '-c', WITHOUT_PYTORCH, words]
    return subprocess.run(command, capture_output=True, text=True, env=environment)


def answer(network: NetworkCompiler) -> np.ndarray:
    compiled = network()
    inputs = [np.random.default_rng(3).standard_normal(tuple(port.shape), np.float32) for port in compiled.inputs]
    return np.array(compiled(inputs)[0])


def test_pytorch_is_not_needed_for_the_network_that_ships(folder: Path) -> None:
    done = without_pytorch('', SHIPPED, EXPORTED)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [['openvino', 'cpu', [96, 128]]] * 3
    assert len(list(folder.iterdir())) == 2, 'the one that ships, however it is named, and the exported one'


def test_a_checkpoint_alone_cannot_be_run_without_pytorch_and_the_remedies_are_named(tmp_path: Path) -> None:
    (tmp_path / 'alone.safetensors').write_bytes(SHIPPED.read_bytes())
    done = without_pytorch(tmp_path / 'alone.safetensors')
    assert done.returncode == 1
    assert "pip install 'mt3dnet_ros[torch]'" in done.stderr and 'mt3dnet export --format onnx' in done.stderr


def test_the_second_start_takes_what_the_first_compiled(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source, size = open_network(SHIPPED), (288, 352)
    first = answer(NetworkCompiler(source, size))
    assert len(list(folder.iterdir())) == 1
    second = NetworkCompiler(source, size)
    monkeypatch.setattr(second, 'compile', lambda model: pytest.fail('compiled again'))
    np.testing.assert_array_equal(answer(second), first)


def spoil(path: Path) -> None:
    Cache(path.parent).write(path.name, b'RR_UPCVO of another kind')


@pytest.mark.parametrize('damage', [lambda path: path.write_bytes(path.read_bytes()[:-9]), spoil])
def test_what_is_wrong_in_the_cache_is_a_warning(folder: Path, damage: Any) -> None:
    source, size = open_network(SHIPPED), (288, 352)
    first = answer(NetworkCompiler(source, size))
    (entry,) = folder.iterdir()
    damage(entry)
    with pytest.warns(CacheWarning):
        np.testing.assert_array_equal(answer(NetworkCompiler(source, size)), first)
    np.testing.assert_array_equal(answer(NetworkCompiler(source, size)), first)


def test_a_cache_that_cannot_be_written_is_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / 'file').write_text('')
    monkeypatch.setenv('XDG_CACHE_HOME', str(tmp_path / 'file'))
    with pytest.warns(CacheWarning):
        assert load(device='cpu', back_end='openvino').back_end.device == 'cpu'


def test_threads_are_limited() -> None:
    compiled = NetworkCompiler(open_network(EXPORTED), (288, 352), threads=1)()
    assert compiled.get_property('INFERENCE_NUM_THREADS') == 1


def test_an_exported_file_of_another_checkpoint_is_not_taken(tmp_path: Path) -> None:
    save_small_checkpoint(tmp_path / 'small.safetensors')
    (tmp_path / 'small.onnx').write_bytes(EXPORTED.read_bytes())
    assert open_network(tmp_path / 'small.safetensors').exported_for((64, 96)) is None
    (tmp_path / 'small.onnx').write_bytes(b'damaged')
    assert open_network(tmp_path / 'small.safetensors').exported_for((64, 96)) is None
    assert open_network(SHIPPED).exported_for((288, 352)) == EXPORTED
    assert open_network(SHIPPED).exported_for((320, 352)) is None


def test_an_exported_file_is_for_images_of_one_size() -> None:
    with pytest.raises(BackEndError, match='takes images of another size than 96x64'):
        NetworkCompiler(open_network(EXPORTED), (64, 96))()


def test_pytorch_does_not_run_what_was_exported() -> None:
    with pytest.raises(BackEndError, match='does not run the exported network'):
        load(EXPORTED, 'cpu', 'torch')


def test_a_missing_exported_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"'.*nowhere\.onnx' does not exist"):
        load(tmp_path / 'nowhere.onnx')


def test_a_checkpoint_is_converted_once_while_pytorch_serves(tmp_path: Path, folder: Path) -> None:
    source = open_network(save_small_checkpoint(tmp_path / 'small.safetensors', saliency=True))
    images, state = np.random.default_rng(2).standard_normal((1, 3, 64, 96), np.float32), None
    relay = start_back_end(source, 'auto', 'cpu', serve_meanwhile=True)
    assert relay.describe() == 'torch, until openvino has converted the network'
    predictions = {}
    deadline = time.monotonic() + 300.0
    while relay.name == 'torch' and not relay.problem and time.monotonic() < deadline:
        prediction = relay(images, state)
        state, predictions[relay.name] = prediction.state, prediction.types.copy()
        time.sleep(0.2)  # as between the frames of a stream
    assert not relay.problem
    error = np.abs(predictions['openvino'] - predictions['torch'])
    assert error.mean() < 0.1 * predictions['torch'].std()
    assert start_back_end(source, 'auto', 'cpu', serve_meanwhile=True).describe() == 'openvino'
    assert len(list(folder.iterdir())) == 1


def test_a_conversion_that_fails_says_why(tmp_path: Path) -> None:
    path = save_small_checkpoint(tmp_path / 'small.safetensors')
    compiler = NetworkCompiler(open_network(path), (64, 96))
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(BackEndError, match=r'could not be converted for openvino: .* is damaged'):
        compiler()


def test_what_perception_says_is_nearly_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    image = tissue(288, 352)
    found, expected = (load(device='cpu', back_end=name)(image) for name in ('openvino', 'torch'))
    assert (found.labels == expected.labels).mean() > 0.99
