"""What runs the network."""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
import pytest
import torch
from support.drawing import CONFIG

from mt3dnet_ros.errors import MissingExtraError
from mt3dnet_ros.models.mt3dnet import MT3DNet
from mt3dnet_ros.models.tasks import Prediction
from mt3dnet_ros.perception.back_ends.back_end import BackEndError
from mt3dnet_ros.perception.back_ends.registry import BACK_ENDS, make_back_end

SIZE = (64, 96)
CPU = 'cpu'
ON_A_CPU = [name for name in BACK_ENDS if name != 'cuda']


@pytest.fixture(scope='module')
def model() -> MT3DNet:
    torch.manual_seed(3)
    return MT3DNet(replace(CONFIG, decoder_channels=32)).eval()


@pytest.fixture(scope='module')
def images() -> np.ndarray:
    return np.random.default_rng(5).standard_normal((1, 3, *SIZE), np.float32)


@pytest.fixture(scope='module')
def expected(model, images) -> Prediction:
    return run(model, images)


@torch.inference_mode()
def run(model: MT3DNet, images: np.ndarray) -> Prediction:
    return model(torch.from_numpy(images)).mapped(torch.Tensor.numpy)


def test_torch_runs_the_network_as_it_is(model, images, expected):
    prediction = make_back_end('torch', model, CPU, SIZE)(images)
    for name, output in expected.outputs().items():
        np.testing.assert_array_equal(getattr(prediction, name), output)


def test_training_mode_is_left(model, images, expected):
    back_end = make_back_end('torch', model.train(), CPU, SIZE)
    np.testing.assert_array_equal(back_end(images).types, expected.types)


@pytest.mark.parametrize('name', ['torch_bf16', 'openvino'])
def test_other_back_ends_say_nearly_the_same(name, model, images, expected):
    if name == 'openvino':
        pytest.importorskip('openvino', reason='openvino is not installed')
    assert_near(make_back_end(name, model, CPU, SIZE)(images), expected)


@pytest.mark.timeout(600)  # exporting takes seconds of a core, and minutes beside a training
@pytest.mark.parametrize('name', ON_A_CPU)
def test_encoder_of_convolutions_says_nearly_the_same_everywhere(name, images):
    if name == 'openvino':
        pytest.importorskip('openvino', reason='openvino is not installed')
    torch.manual_seed(3)
    model = MT3DNet(replace(CONFIG, encoder='efficientnet_lite0', decoder_channels=32)).eval()
    expected = run(model, images)
    assert_near(make_back_end(name, model, CPU, SIZE)(images), expected)


def assert_near(prediction: Prediction, expected: Prediction) -> None:
    for field, theirs in expected.outputs().items():
        ours = getattr(prediction, field)
        assert ours.shape == theirs.shape, field
        error = np.abs(ours - theirs).mean()
        assert error < 0.1 * theirs.std() + 0.004 * np.abs(theirs).mean(), field  # bfloat16 has steps of 0.4 to 0.8 %


@pytest.fixture(scope='module')
def over_time() -> MT3DNet:
    """Return a network whose saliency depends on the frames before."""
    torch.manual_seed(3)
    model = MT3DNet(replace(CONFIG, decoder_channels=32, saliency=True)).eval()
    with torch.no_grad():
        model.saliency.temporal.cell.out.weight.normal_(0.0, 8.0)
        model.saliency.logits.bias.zero_()  # around 0 bfloat16 has fine steps
    return model


@pytest.mark.parametrize('name', ON_A_CPU)
def test_state_is_carried_from_frame_to_frame(name, over_time):
    if name == 'openvino':
        pytest.importorskip('openvino', reason='openvino is not installed')
    frames = torch.randn(1, 3, 3, *SIZE, generator=torch.Generator().manual_seed(6))
    with torch.inference_mode():
        expected = over_time.forward_sequence(frames)
        alone = over_time(frames[:, 2]).saliency
    back_end, state = make_back_end(name, over_time, CPU, SIZE), None
    for k in range(3):
        prediction = back_end(frames[:, k].numpy(), state)
        state, saliency = prediction.state, torch.from_numpy(prediction.saliency)
        assert (saliency - expected.saliency[:, k]).abs().mean() < 0.1 * expected.saliency[:, k].std()
    assert (saliency - alone).abs().mean() > 3.0 * (saliency - expected.saliency[:, 2]).abs().mean()
    for ours, theirs in zip(state, expected.state, strict=True):
        assert (torch.as_tensor(ours).float() - theirs).abs().mean() < 0.1 * theirs.std()


@pytest.mark.parametrize('name', ON_A_CPU)
def test_every_back_end_says_whether_the_view_is_known(name, images):
    if name == 'openvino':
        pytest.importorskip('openvino', reason='openvino is not installed')
    torch.manual_seed(3)
    model = MT3DNet(replace(CONFIG, decoder_channels=32, view=True)).eval()
    expected = run(model, images).view
    found = make_back_end(name, model, CPU, SIZE)(images).view
    np.testing.assert_allclose(found, expected, rtol=0.02, atol=0.02)


def test_missing_openvino_is_an_error_with_the_remedy(model, monkeypatch):
    monkeypatch.setitem(sys.modules, 'openvino', None)
    with pytest.raises(MissingExtraError, match=r"pip install 'mt3dnet_ros\[openvino\]'"):
        make_back_end('openvino', model, CPU, SIZE)


def test_openvino_on_a_gpu_is_an_error(model):
    with pytest.raises(BackEndError, match="choose the device 'cpu'"):
        make_back_end('openvino', model, 'cuda:0', SIZE)


def test_unknown_back_end_is_an_error(model):
    with pytest.raises(BackEndError, match=r"'tensorrt' is unknown \(known: torch, torch_bf16, openvino, cuda\)"):
        make_back_end('tensorrt', model, CPU, SIZE)
