"""PyTorch, which runs the network as it is, or in bfloat16."""

from __future__ import annotations

from functools import partial

import torch

from mt3dnet_ros.models.conv_lstm import ConvLSTMState
from mt3dnet_ros.models.mt3dnet import MT3DNet
from mt3dnet_ros.models.tasks import Prediction
from mt3dnet_ros.perception.back_ends.back_end import BackEnd


def make_torch(model: MT3DNet, device: torch.device, size: tuple[int, int]) -> BackEnd:
    """Return what runs a network as it is, on images of any size."""
    return partial(_run, _placed(model, device))


def make_torch_bf16(model: MT3DNet, device: torch.device, size: tuple[int, int]) -> BackEnd:
    """Return what runs a network in bfloat16 where PyTorch holds that safe, on images of any size.

    That is faster on GPUs and on CPUs with bfloat16 units, slower on others.
    """
    return partial(_run_bf16, _placed(model, device), device.type)


def _placed(model: MT3DNet, device: torch.device) -> MT3DNet:
    """Return the model on a device, with the memory format of its tokens: none of its maps is copied into another."""
    return model.to(device).to(memory_format=torch.channels_last).eval()  # type: ignore[call-overload]


@torch.inference_mode()
def _run(model: MT3DNet, images: torch.Tensor, state: ConvLSTMState | None = None) -> Prediction:
    return model(images, state)


@torch.inference_mode()
def _run_bf16(model: MT3DNet, device_type: str, images: torch.Tensor, state: ConvLSTMState | None = None) -> Prediction:
    with torch.autocast(device_type, torch.bfloat16):
        return model(images, state)
