"""The back ends by name."""

from __future__ import annotations

from collections.abc import Mapping

import torch

from mt3dnet_ros.models.mt3dnet import MT3DNet
from mt3dnet_ros.perception.back_ends.back_end import BackEnd, BackEndError, MakeBackEnd
from mt3dnet_ros.perception.back_ends.openvino import make_openvino
from mt3dnet_ros.perception.back_ends.pytorch import make_torch, make_torch_bf16

BACK_ENDS: Mapping[str, MakeBackEnd] = {
    'torch': make_torch,
    'torch_bf16': make_torch_bf16,
    'openvino': make_openvino,
}


def make_back_end(name: str, model: MT3DNet, device: torch.device, network_size: tuple[int, int]) -> BackEnd:
    """Return what runs a network.

    :param name: of ``BACK_ENDS``
    :param network_size: height and width of the images, in pixels
    :raises BackEndError: when it cannot be made; the message says what to do
    :raises MissingExtraError: what it needs is not installed
    """
    if name not in BACK_ENDS:
        raise BackEndError(f'back end {name!r} is unknown (known: {", ".join(BACK_ENDS)})')
    return BACK_ENDS[name](model, device, network_size)
