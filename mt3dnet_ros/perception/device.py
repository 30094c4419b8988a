"""The choice of the computing device. PyTorch, slow to import, is asked only where there may be a GPU."""

from __future__ import annotations

import importlib.util
import os
import re
import sys
from pathlib import Path

from mt3dnet_ros.errors import MT3DNetError, needs_extra

CPU = 'cpu'
# Made by the drivers of GPUs that PyTorch runs on: NVIDIA's, also of Jetson and of WSL, and AMD's.
GPU_FILES = ('/proc/driver/nvidia/version', '/dev/nvidiactl', '/dev/nvhost-gpu', '/dev/nvgpu', '/dev/dxg', '/dev/kfd')
_HIDDEN = ('', '-1')  # values of CUDA_VISIBLE_DEVICES that show no GPU


class DeviceError(MT3DNetError, RuntimeError):
    """The device that was asked for is not there."""


def choose_device(name: str = 'auto') -> str:
    """Return a device by name, as PyTorch writes it: 'cpu' or 'cuda:<index>'.

    'auto' takes the first CUDA device where there is one, else the CPU. Without a file of a GPU's driver, with
    CUDA_VISIBLE_DEVICES empty or -1, or without PyTorch there is none, and PyTorch is not imported to look.

    :param name: 'auto', 'cpu', 'cuda' or 'cuda:<index>'
    :raises DeviceError: when the name is unknown or there is no such device
    :raises MissingExtraError: a GPU is asked for, and PyTorch is not installed
    """
    if name == 'auto':
        return 'cuda:0' if _may_have_cuda() and _cuda_is_available() else CPU
    if name == CPU:
        return CPU
    if found := re.fullmatch(r'cuda(?::(\d+))?', name):
        return _cuda(name, int(found[1] or 0))
    raise DeviceError(f'device {name!r} is unknown (known: auto, cpu, cuda, cuda:<index>)')


def _may_have_cuda() -> bool:
    if os.environ.get('CUDA_VISIBLE_DEVICES') in _HIDDEN or importlib.util.find_spec('torch') is None:
        return False
    return sys.platform != 'linux' or any(Path(file).exists() for file in GPU_FILES)


def _cuda_is_available() -> bool:
    import torch

    return torch.cuda.is_available()


def _cuda(name: str, index: int) -> str:
    with needs_extra('torch'):
        import torch
    if not torch.cuda.is_available():
        built = torch.version.cuda is not None
        reason = 'no CUDA driver or GPU was found' if built else 'this PyTorch is built without CUDA'
        raise DeviceError(f"device {name!r} is not there: {reason}; use 'auto' or 'cpu'")
    if index >= (count := torch.cuda.device_count()):
        raise DeviceError(f"device {name!r} is not there: the last of {count} CUDA devices is 'cuda:{count - 1}'")
    return f'cuda:{index}'
