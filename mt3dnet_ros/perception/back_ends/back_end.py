"""What runs the network: a callable from normalised images to a Prediction."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from functools import partial
from typing import Any, Protocol

import numpy as np
import torch

from mt3dnet_ros.errors import MT3DNetError, needs_extra
from mt3dnet_ros.models.conv_lstm import ConvLSTMState
from mt3dnet_ros.models.mt3dnet import MT3DNet, Prediction

BACK_ENDS = ('torch', 'torch_bf16', 'openvino')


class BackEnd(Protocol):
    """What runs a network on one frame."""

    def __call__(self, images: torch.Tensor, state: ConvLSTMState | None = None) -> Prediction:
        """Run it.

        :param images: (1, 3, H, W), normalised
        :param state: ``Prediction.state`` of the frame before; None where there is none, and of networks without
            saliency
        """


class BackEndError(MT3DNetError, RuntimeError):
    """A back end is unknown, or cannot run on the device."""


def make_back_end(name: str, model: MT3DNet, device: torch.device, network_size: tuple[int, int]) -> BackEnd:
    """Return what runs a network.

    :param name: 'torch' runs it as it is; 'torch_bf16' in bfloat16 where PyTorch holds that safe (faster on GPUs and on
        CPUs with bfloat16 units, slower on others); 'openvino' compiles it for the CPU, in bfloat16 where it has that
    :param network_size: height and width of the images, in pixels
    :raises BackEndError: when it cannot be made; the message says what to do
    :raises MissingExtraError: OpenVINO is not installed
    """
    if name == 'torch':
        return partial(_run_torch, _placed(model, device))
    if name == 'torch_bf16':
        return partial(_run_torch_bf16, _placed(model, device), device.type)
    if name == 'openvino':
        return _compile_openvino(model, device, network_size)
    raise BackEndError(f'back end {name!r} is unknown (known: {", ".join(BACK_ENDS)})')


def _placed(model: MT3DNet, device: torch.device) -> MT3DNet:
    """Return the model on a device, with the memory format of its tokens: none of its maps is copied into another."""
    return model.to(device).to(memory_format=torch.channels_last).eval()  # type: ignore[call-overload]


@torch.inference_mode()
def _run_torch(model: MT3DNet, images: torch.Tensor, state: ConvLSTMState | None = None) -> Prediction:
    return model(images, state)


@torch.inference_mode()
def _run_torch_bf16(
    model: MT3DNet, device_type: str, images: torch.Tensor, state: ConvLSTMState | None = None
) -> Prediction:
    with torch.autocast(device_type, torch.bfloat16):
        return model(images, state)


def _compile_openvino(model: MT3DNet, device: torch.device, network_size: tuple[int, int]) -> BackEnd:
    if device.type != 'cpu':
        raise BackEndError(f"back end 'openvino' runs on the CPU, not on {device}; choose the device 'cpu'")
    with needs_extra('openvino'):
        import openvino
    model = model.cpu().eval()
    images = torch.zeros(1, 3, *network_size)
    with torch.no_grad():
        state = model(images).state
    inputs = (images,) if state is None else (images, state)
    with warnings.catch_warnings():
        warnings.simplefilter('ignore', FutureWarning)  # PyTorch's exporter warns of its own parts
        converted = openvino.convert_model(torch.export.export(model, inputs))
    request = openvino.compile_model(converted, 'CPU', {'PERFORMANCE_HINT': 'LATENCY'}).create_infer_request()
    if state is None:
        return partial(_run_openvino, request)
    return partial(_run_openvino_over_time, request, ConvLSTMState(*map(torch.zeros_like, state)))


def _run_openvino(request: Any, images: torch.Tensor, state: ConvLSTMState | None = None) -> Prediction:
    types, parts, depth, heat, boxes = _infer(request, [images])
    return Prediction(types, parts, depth, heat, boxes)


def _run_openvino_over_time(
    request: Any, empty: ConvLSTMState, images: torch.Tensor, state: ConvLSTMState | None = None
) -> Prediction:
    if state is None:
        state = _first_state(request, empty, images)
    types, parts, depth, heat, boxes, saliency, *memory = _infer(request, [images, *state])
    # The next run writes its outputs where these lie, while it reads the state.
    state = ConvLSTMState(*(tensor.clone() for tensor in memory))
    return Prediction(types, parts, depth, heat, boxes, saliency, state)


def _first_state(request: Any, empty: ConvLSTMState, images: torch.Tensor) -> ConvLSTMState:
    """Return the state before a first frame, as ``ConvLSTM.first_state`` does: the frame's own features.

    They do not depend on the state, so that an extra run with an empty one gives them.
    """
    previous, _, _ = _infer(request, [images, *empty])[-3:]
    return empty._replace(previous=previous.clone())


def _infer(request: Any, inputs: Sequence[torch.Tensor]) -> list[torch.Tensor]:
    """Return the network's outputs, in the order of ``Prediction``, in memory that the next run overwrites."""
    results = request.infer([tensor.numpy() for tensor in inputs], share_inputs=True, share_outputs=True)
    return [torch.from_numpy(np.asarray(results[i])) for i in range(len(results))]
