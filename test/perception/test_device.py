"""The choice of the computing device."""

from __future__ import annotations

import sys

import pytest
import torch

from mt3dnet_ros.errors import MissingExtraError
from mt3dnet_ros.perception import device
from mt3dnet_ros.perception.device import DeviceError, choose_device

without_cuda = pytest.mark.skipif(torch.cuda.is_available(), reason='this machine has CUDA')
with_cuda = pytest.mark.skipif(not torch.cuda.is_available(), reason='this machine has no CUDA')


def test_cpu_is_always_there():
    assert choose_device('cpu') == 'cpu'


@without_cuda
def test_auto_is_the_cpu_where_there_is_no_cuda():
    assert choose_device('auto') == 'cpu'


@without_cuda
@pytest.mark.parametrize('name', ['cuda', 'cuda:1'])
def test_missing_cuda_is_an_error_with_a_remedy(name):
    with pytest.raises(DeviceError, match=r"is not there: .*; use 'auto' or 'cpu'"):
        choose_device(name)


@with_cuda
def test_auto_is_the_first_cuda_device_where_there_is_one():
    assert choose_device('auto') == choose_device('cuda') == 'cuda:0'


@pytest.mark.parametrize(
    ('file', 'visible', 'asked'),
    [
        ('', None, False),
        ('/dev/nvidiactl', None, True),
        ('/dev/nvidiactl', '', False),
        ('/dev/kfd', '0', True),
    ],
)
def test_pytorch_is_asked_only_where_there_may_be_a_gpu(file, visible, asked, monkeypatch):
    questions = []
    monkeypatch.setattr(device.sys, 'platform', 'linux')
    monkeypatch.setattr(device.Path, 'exists', lambda path: str(path) == file)
    monkeypatch.setattr(device, '_cuda_is_available', lambda: questions.append('asked') or True)
    monkeypatch.delenv('CUDA_VISIBLE_DEVICES', raising=False)
    if visible is not None:
        monkeypatch.setenv('CUDA_VISIBLE_DEVICES', visible)
    assert (choose_device('auto'), bool(questions)) == ('cuda:0' if asked else 'cpu', asked)


def test_a_gpu_without_pytorch_is_an_error_with_the_remedy(monkeypatch):
    monkeypatch.setitem(sys.modules, 'torch', None)
    assert choose_device('auto') == 'cpu'
    with pytest.raises(MissingExtraError, match=r"pip install 'mt3dnet_ros\[torch\]'"):
        choose_device('cuda')


def test_index_beyond_the_last_cuda_device_is_an_error(monkeypatch):
    monkeypatch.setattr(torch.cuda, 'is_available', lambda: True)
    monkeypatch.setattr(torch.cuda, 'device_count', lambda: 2)
    assert choose_device('cuda:1') == 'cuda:1'
    with pytest.raises(DeviceError, match="the last of 2 CUDA devices is 'cuda:1'"):
        choose_device('cuda:2')


@pytest.mark.parametrize('name', ['gpu', '', 'cuda:x', 'mps', 'meta'])
def test_unknown_device_is_an_error(name):
    with pytest.raises(DeviceError, match=r'known|supported'):
        choose_device(name)
