"""Copies between the CPU's memory and a device's, beside the work of both."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

Arrival = Callable[[], np.ndarray]
"""Waits until a copy is here, and returns it."""


class Transfers:
    """Copies to and from one device.

    To a GPU they go through pinned memory, which PyTorch keeps and gives out again. What goes up is copied in order
    with the work that follows; what comes down is copied on a stream of its own, and waited for by an event: nothing
    else is. On the CPU nothing is copied, so that arrays and tensors share their memory.
    """

    def __init__(self, device: torch.device) -> None:
        self.device = device
        self._downwards = torch.cuda.Stream(device) if device.type == 'cuda' else None

    def up(self, array: np.ndarray) -> Tensor:
        """Begin to copy an array to the device; it may be written to once this has returned.

        :param array: of any strides that are not negative
        """
        if self._downwards is None:
            return torch.from_numpy(np.require(array, requirements=('C', 'W')))
        pinned = _pinned(torch.from_numpy(np.empty(0, array.dtype)).dtype, array.shape)
        np.copyto(pinned.numpy(), array)
        return pinned.to(self.device, non_blocking=True)

    def down(self, tensor: Tensor) -> Arrival:
        """Begin to copy what the device's current stream will have computed."""
        tensor = tensor.contiguous()
        if self._downwards is None:
            return tensor.numpy
        self._downwards.wait_stream(torch.cuda.current_stream(self.device))
        with torch.cuda.stream(self._downwards):
            pinned = _pinned(tensor.dtype, tensor.shape)
            pinned.copy_(tensor, non_blocking=True)
            event = self._downwards.record_event()
        tensor.record_stream(self._downwards)  # its memory is not given out again before it is copied
        return _Awaited(pinned, event)


class _Awaited:
    """An array in pinned memory, which is valid after an event."""

    def __init__(self, pinned: Tensor, event: torch.cuda.Event) -> None:
        self._pinned, self._event = pinned, event

    def __call__(self) -> np.ndarray:
        self._event.synchronize()
        return self._pinned.numpy()


def _pinned(dtype: torch.dtype, shape: tuple[int, ...]) -> Tensor:
    return torch.empty(shape, dtype=dtype, pin_memory=True)
