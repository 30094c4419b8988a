"""A device that fails while it draws, and what stands in."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from support.drawing import CONFIG
from support.small_network import tissue

from mt3dnet_ros.models.mt3dnet import MT3DNet
from mt3dnet_ros.perception.back_ends.cuda import CUDABackEnd
from mt3dnet_ros.perception.back_ends.pytorch import TorchBackEnd
from mt3dnet_ros.perception.back_ends.relay import BackEndFailedError, BackEndRelay, BackEndWarning, Runner
from mt3dnet_ros.perception.canvas import torch_canvas
from mt3dnet_ros.perception.canvas.numpy_canvas import NumPyCanvas
from mt3dnet_ros.perception.frame import Frame
from mt3dnet_ros.perception.perceiver import Perceiver
from mt3dnet_ros.perception.settings import Settings

CPU, SIZE = torch.device('cpu'), (64, 96)
FRAME = Frame(tissue(128, 192))


@pytest.fixture(scope='module')
def model() -> MT3DNet:
    torch.manual_seed(3)
    return MT3DNet(CONFIG).eval()


def fails(*_: object) -> None:
    raise RuntimeError('CUDA error: out of memory')


@pytest.fixture
def relay(model) -> BackEndRelay:
    """Return what draws on the device of a GPU, and has a CPU to spare."""
    return BackEndRelay(
        Runner('cuda', CUDABackEnd(model, CPU, SIZE)), lambda failed: Runner('torch', TorchBackEnd(model, CPU, SIZE))
    )


def test_an_image_that_cannot_be_copied_is_perceived_by_the_spare_one(relay, monkeypatch):
    expected, perceiver = Perceiver(relay, Settings())(FRAME), Perceiver(relay, Settings())
    monkeypatch.setattr(torch_canvas.Transfers, 'up', fails)
    with pytest.warns(BackEndWarning, match="'cuda' failed while it ran: CUDA error: out of memory; 'torch' on cpu"):
        scene = perceiver(FRAME)
    assert relay.failures == 1 and (scene.labels == expected.labels).mean() > 0.999
    perceiver(FRAME)
    assert relay.failures == 1


def test_where_drawing_fails_the_next_frame_is_drawn_by_the_spare_one(relay, monkeypatch):
    perceiver = Perceiver(relay, Settings())
    monkeypatch.setattr(torch_canvas, 'enlarge', fails)
    with pytest.raises(RuntimeError, match='out of memory'):
        perceiver(FRAME)
    with pytest.warns(BackEndWarning, match="'torch' on cpu"):
        scene = perceiver(FRAME)
    assert relay.name == 'torch' and scene.labels.shape == FRAME.size
    assert isinstance(perceiver.run(FRAME).canvas, NumPyCanvas)


def test_a_network_that_fails_on_the_device_is_run_by_the_spare_one_for_the_same_frame(relay, monkeypatch):
    monkeypatch.setattr(CUDABackEnd, '__call__', fails)
    with pytest.warns(BackEndWarning, match='out of memory'):
        scene = Perceiver(relay, Settings())(FRAME)
    assert np.isfinite(scene.depth).any()


def test_without_a_spare_one_it_is_an_error_that_says_so(model, monkeypatch):
    perceiver = Perceiver(BackEndRelay(Runner('cuda', CUDABackEnd(model, CPU, SIZE))), Settings())
    monkeypatch.setattr(torch_canvas.Transfers, 'up', fails)
    with pytest.raises(BackEndFailedError, match="back end 'cuda' failed while it ran: CUDA error: out of memory"):
        perceiver(FRAME)
