"""The back end of GPUs, in whose operations the CPU gives what the other back ends give."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from support.drawing import CONFIG
from support.small_network import save_small_checkpoint, tissue

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.models.mt3dnet import MT3DNet
from mt3dnet_ros.perception.back_ends.back_end import BackEndError
from mt3dnet_ros.perception.back_ends.cuda import CUDABackEnd
from mt3dnet_ros.perception.back_ends.frozen import frozen
from mt3dnet_ros.perception.back_ends.graph import CapturedGraph
from mt3dnet_ros.perception.back_ends.registry import make_back_end
from mt3dnet_ros.perception.back_ends.relay import BackEndWarning
from mt3dnet_ros.perception.checkpoint import load_checkpoint
from mt3dnet_ros.perception.frame import Frame
from mt3dnet_ros.perception.perceiver import Perceiver
from mt3dnet_ros.perception.scene import Scene
from mt3dnet_ros.perception.settings import Settings

CPU, SIZE = torch.device('cpu'), (64, 96)
SETTINGS = Settings(score_threshold=0.05, view_threshold=0.0, overlay_saliency=True, max_depth=2.0)
PERIOD = 40_000_000  # nanoseconds
needs_cuda = pytest.mark.skipif(not torch.cuda.is_available(), reason='this machine has no CUDA device')


def network(**config: object) -> MT3DNet:
    torch.manual_seed(3)
    model = MT3DNet(replace(CONFIG, decoder_channels=32, input_size=SIZE, **config))
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):  # as after training
            module.running_mean.normal_(0.0, 0.1)
            module.running_var.uniform_(0.5, 2.0)
    return model.eval()


@pytest.fixture(params=[(192, 288), (201, 333), (480, 640)], ids=lambda size: f'{size[1]}x{size[0]}')
def frames(request: pytest.FixtureRequest) -> list[Frame]:
    """Return a stream in which the surround comes and goes."""
    pictures = [tissue(*request.param, seed=seed) for seed in range(4)]
    for picture in pictures[2:]:
        picture[:, : picture.shape[1] // 6] = picture[:, -(picture.shape[1] // 6) :] = 0
    return [Frame(picture, (number + 1) * PERIOD) for number, picture in enumerate(pictures)]


def camera_of(frame: Frame) -> Camera:
    height, width = frame.size
    return Camera(width, height, width, width, width / 2, height / 2, 'plumb_bob', (-0.2, 0.05, 0.0, 0.0))


@pytest.mark.parametrize('smoothing', [0.0, 0.2])
def test_a_perceiver_says_the_same(tmp_path, frames, smoothing):
    model = load_checkpoint(save_small_checkpoint(tmp_path / 'small.safetensors', SIZE, saliency=True, view=True))
    settings = replace(SETTINGS, mask_time_constant=smoothing)
    ours, theirs = (
        Perceiver(back_end, settings)
        for back_end in (make_back_end('torch', model, CPU, SIZE), CUDABackEnd(model, CPU, SIZE))
    )
    for frame in frames:
        assert_same(*(perceiver(frame, camera_of(frame)) for perceiver in (ours, theirs)))
    assert_same(*(perceiver(frames[0]) for perceiver in (ours, theirs)))
    assert ours.resets == theirs.resets


def assert_same(ours: Scene, theirs: Scene) -> None:
    for name in ('labels', 'instances'):
        assert np.mean(getattr(ours, name) != getattr(theirs, name)) < 1e-3, name
    for name, most in (('confidence', 0.5), ('saliency', 0.5), ('overlay', 1.0)):
        assert np.abs(getattr(ours, name).astype(int) - getattr(theirs, name)).mean() < most, name
    np.testing.assert_allclose(theirs.depth, ours.depth, rtol=1e-3)
    if ours.cloud is not None:
        np.testing.assert_allclose(theirs.cloud.xyz, ours.cloud.xyz, rtol=1e-3, atol=1e-6)
    assert [item.class_id for item in ours.detections] == [item.class_id for item in theirs.detections]
    for one, other in zip(ours.detections, theirs.detections, strict=True):
        assert one.score == pytest.approx(other.score, abs=1e-3)
    assert theirs.gaze == pytest.approx(ours.gaze, rel=1e-3, abs=1e-6, nan_ok=True)


@pytest.mark.parametrize('encoder', ['b0', 'efficientnet_lite0'])
def test_a_frozen_network_says_the_same_and_leaves_the_other_as_it_was(encoder):
    model, images = network(encoder=encoder, view=True), torch.randn(1, 3, *SIZE)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    with torch.inference_mode():
        expected, found = model(images), frozen(model)(images)
    for name, output in expected.outputs().items():
        torch.testing.assert_close(getattr(found, name), output, rtol=1e-3, atol=1e-4)
    assert not any(isinstance(module, torch.nn.BatchNorm2d) for module in frozen(model).encoder.modules())
    assert all(torch.equal(model.state_dict()[name], value) for name, value in before.items())


def test_half_precision_says_nearly_the_same():
    model, images = network(encoder='efficientnet_lite0'), np.random.default_rng(2).random((1, 3, *SIZE), np.float32)
    expected, found = (CUDABackEnd(model, CPU, SIZE, precision)(images) for precision in (None, torch.float16))
    for name, output in expected.outputs().items():
        theirs = getattr(found, name)
        assert theirs.dtype == np.float32
        assert np.abs(theirs - output).mean() < 0.02 * output.std() + 1e-3 * np.abs(output).mean(), name


def test_a_network_that_leaves_half_precision_is_an_error_with_the_remedy():
    model = network()
    with torch.no_grad():
        model.types.weight *= 1e8
    images = np.random.default_rng(2).random((1, 3, *SIZE), np.float32)
    CUDABackEnd(model, CPU, SIZE)(images)
    with pytest.raises(BackEndError, match="range of half precision; choose the back end 'torch'"):
        CUDABackEnd(model, CPU, SIZE, torch.float16)(images)


@pytest.mark.parametrize('device', ['cpu', pytest.param('cuda:0', marks=needs_cuda)])
def test_a_state_lasts_while_other_frames_are_run(device):
    """A frame that shows nothing is left out: the next one is given the state before it."""
    back_end = CUDABackEnd(network(saliency=True), torch.device(device), SIZE)
    first, second = np.random.default_rng(2).random((2, 1, 3, *SIZE), np.float32)
    state = back_end(first).state
    kept = [part.clone() for part in state]
    back_end(second, state)
    assert all(torch.equal(part, before) for part, before in zip(state, kept, strict=True))


def test_on_a_cpu_it_is_an_error_with_the_remedy():
    with pytest.raises(BackEndError, match="runs on a GPU, not on cpu; choose the device 'cuda'"):
        make_back_end('cuda', network(), CPU, SIZE)


@needs_cuda
@pytest.mark.parametrize('encoder', ['b0', 'efficientnet_lite0'])
@pytest.mark.parametrize('saliency', [False, True])
def test_captured_says_what_eager_says(encoder, saliency):
    model, device = network(encoder=encoder, saliency=saliency, view=True), torch.device('cuda', 0)
    eager, captured = (CUDABackEnd(model, device, SIZE, torch.float16, captures) for captures in (False, True))
    assert captured.is_captured and 'captured' in captured.device
    states = [None, None]
    for seed in range(4):
        images = np.random.default_rng(seed).random((1, 3, *SIZE), np.float32)
        expected, found = (back_end(images, state) for back_end, state in zip((eager, captured), states, strict=True))
        states = [expected.state, found.state]
        for name, output in expected.outputs().items():
            np.testing.assert_allclose(getattr(found, name), output, rtol=2e-2, atol=2e-2, err_msg=name)


@needs_cuda
def test_a_gpu_perceives_what_the_cpu_perceives(tmp_path, frames):
    model = load_checkpoint(save_small_checkpoint(tmp_path / 'small.safetensors', SIZE, view=True))
    ours = Perceiver(make_back_end('torch', model, CPU, SIZE), SETTINGS)
    theirs = Perceiver(CUDABackEnd(model, torch.device('cuda', 0), SIZE), SETTINGS)
    for frame in frames:
        one, other = (perceiver(frame, camera_of(frame)) for perceiver in (ours, theirs))
        assert (one.labels != other.labels).mean() < 1e-2
        assert np.nanmedian(np.abs(one.depth - other.depth) / one.depth) < 1e-2


@needs_cuda
def test_what_waits_for_the_gpu_cannot_be_captured_and_runs_without(monkeypatch):
    model, device = network(), torch.device('cuda', 0)
    with pytest.raises(RuntimeError):
        CapturedGraph(lambda images: [images * images.sum().item()], [torch.ones(3, device=device)])
    monkeypatch.setattr(CapturedGraph, '__init__', lambda *inputs: (_ for _ in ()).throw(RuntimeError('no capture')))
    with pytest.warns(BackEndWarning, match='without a CUDA graph, slower: no capture'):
        back_end = CUDABackEnd(model, device, SIZE)
    assert not back_end.is_captured and 'not captured' in back_end.device
    assert np.isfinite(back_end(np.zeros((1, 3, *SIZE), np.float32)).depth).all()
