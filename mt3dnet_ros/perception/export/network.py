"""The network as a file holds it: named tensors in, named tensors out, without classes of this package."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from mt3dnet_ros.models.mt3dnet import MT3DNet
from mt3dnet_ros.models.state import ConvLSTMState
from mt3dnet_ros.models.tasks import NEXT, remembers
from mt3dnet_ros.perception.export.onnx_file import INPUT

STATE = ConvLSTMState._fields


class _FrameNetwork(nn.Module):
    def __init__(self, network: MT3DNet) -> None:
        super().__init__()
        self.network = network

    def forward(self, images: Tensor) -> dict[str, Tensor]:
        return self.network(images).named_tensors()


class _StreamNetwork(nn.Module):
    def __init__(self, network: MT3DNet) -> None:
        super().__init__()
        self.network = network

    def forward(self, images: Tensor, previous: Tensor, hidden: Tensor, cell: Tensor) -> dict[str, Tensor]:
        return self.network(images, ConvLSTMState(previous, hidden, cell)).named_tensors()


def as_exported(model: MT3DNet) -> nn.Module:
    """Return the network with plain tensors as inputs, state included, and a plain dictionary as its output."""
    wrapper = _StreamNetwork if remembers(model.config) else _FrameNetwork
    return wrapper(model).eval()


def example_inputs(model: MT3DNet, size: tuple[int, int], batch: int = 1) -> dict[str, Tensor]:
    """Return inputs of zeros by their names, in order.

    :param size: height and width of the images in pixels
    """
    images = torch.zeros(batch, 3, *size)
    with torch.no_grad():
        state = model(images).state
    return {INPUT: images} | ({} if state is None else {name: t * 0.0 for name, t in state._asdict().items()})


def next_state(outputs: Mapping[str, Any]) -> dict[str, Tensor]:
    """Return the state's inputs for the next frame, from the outputs of one; empty for a network without state."""
    found = {name: outputs.get(f'{NEXT}{name}') for name in STATE}
    return {name: torch.from_numpy(np.array(tensor)) for name, tensor in found.items() if tensor is not None}


def first_state(outputs: Mapping[str, Any]) -> dict[str, Tensor]:
    """Return the state's inputs for a first frame, from its outputs with a state of zeros.

    The frame stands for its predecessor, whose features it gives, and nothing is remembered.
    """
    return {name: tensor if name == STATE[0] else tensor * 0.0 for name, tensor in next_state(outputs).items()}
