"""The choice of the computing device."""

from __future__ import annotations

import torch

from mt3dnet_ros.errors import MT3DNetError


class DeviceError(MT3DNetError, RuntimeError):
    """The device that was asked for is not there."""


def choose_device(name: str = 'auto') -> torch.device:
    """Return a device by name; 'auto' takes the first CUDA device where there is one, else the CPU.

    :param name: 'auto', 'cpu', 'cuda' or 'cuda:<index>'
    :raises DeviceError: when the name is unknown or there is no such device
    """
    if name == 'auto':
        return torch.device('cuda:0' if torch.cuda.is_available() else 'cpu')
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise DeviceError(f'device {name!r} is unknown (known: auto, cpu, cuda, cuda:<index>)') from error
    if device.type == 'cpu':
        return torch.device('cpu')
    if device.type != 'cuda':
        raise DeviceError(f'device {name!r} is not supported (supported: auto, cpu, cuda, cuda:<index>)')
    return _cuda(name, device.index or 0)


def _cuda(name: str, index: int) -> torch.device:
    if not torch.cuda.is_available():
        built = torch.version.cuda is not None
        reason = 'no CUDA driver or GPU was found' if built else 'this PyTorch is built without CUDA'
        raise DeviceError(f"device {name!r} is not there: {reason}; use 'auto' or 'cpu'")
    if index >= (count := torch.cuda.device_count()):
        raise DeviceError(f"device {name!r} is not there: the last of {count} CUDA devices is 'cuda:{count - 1}'")
    return torch.device('cuda', index)
