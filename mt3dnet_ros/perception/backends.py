"""What runs the network: a callable from normalised images to a Prediction."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import torch

from mt3dnet_ros.models.mt3dnet import FRAME_OUTPUTS, MT3DNet, Prediction

BackEnd = Callable[[torch.Tensor], Prediction]
BACK_ENDS = ('torch', 'torch_bf16', 'openvino')


class BackEndError(RuntimeError):
    """A back end is unknown, not installed, or cannot run on the device."""


def make_back_end(name: str, model: MT3DNet, device: torch.device, network_size: tuple[int, int]) -> BackEnd:
    """Return what runs a network.

    :param name: 'torch' runs it as it is; 'torch_bf16' in bfloat16 where PyTorch holds that safe (faster on GPUs and on
        CPUs with bfloat16 units, slower on others); 'openvino' compiles it for the CPU, in bfloat16 where it has that
    :param network_size: height and width of the images, in pixels
    :raises BackEndError: when it cannot be made; the message says what to do
    """
    if name == 'torch':
        return partial(_run_torch, model.to(device).eval())
    if name == 'torch_bf16':
        return partial(_run_torch_bf16, model.to(device).eval(), device.type)
    if name == 'openvino':
        return _compile_openvino(model, device, network_size)
    raise BackEndError(f'back end {name!r} is unknown (known: {", ".join(BACK_ENDS)})')


@torch.inference_mode()
def _run_torch(model: MT3DNet, images: torch.Tensor) -> Prediction:
    return model(images)


@torch.inference_mode()
def _run_torch_bf16(model: MT3DNet, device_type: str, images: torch.Tensor) -> Prediction:
    with torch.autocast(device_type, torch.bfloat16):
        return model(images)


def _compile_openvino(model: MT3DNet, device: torch.device, network_size: tuple[int, int]) -> BackEnd:
    if device.type != 'cpu':
        raise BackEndError(f"back end 'openvino' runs on the CPU, not on {device}; choose the device 'cpu'")
    try:
        import openvino
    except ImportError as error:
        raise BackEndError("back end 'openvino' is not installed; pip install openvino, or use 'torch'") from error
    example = torch.zeros(1, 3, *network_size)
    with warnings.catch_warnings():
        warnings.simplefilter('ignore', FutureWarning)  # PyTorch's exporter warns of its own parts
        converted = openvino.convert_model(torch.export.export(model.cpu().eval(), (example,)))
    compiled = openvino.compile_model(converted, 'CPU', {'PERFORMANCE_HINT': 'LATENCY'})
    return partial(_run_openvino, compiled.create_infer_request())


def _run_openvino(request: Any, images: torch.Tensor) -> Prediction:
    results = request.infer([images.numpy()], share_inputs=True, share_outputs=True)
    types, parts, depth, heat, boxes = (torch.from_numpy(np.asarray(results[i])) for i in range(len(FRAME_OUTPUTS)))
    return Prediction(types, parts, depth, heat, boxes)
