"""OpenVINO, which compiles the network for the CPU, in bfloat16 where the CPU has that."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from mt3dnet_ros.errors import needs_extra
from mt3dnet_ros.models.conv_lstm import ConvLSTMState
from mt3dnet_ros.models.mt3dnet import MT3DNet
from mt3dnet_ros.models.tasks import NEXT, Prediction
from mt3dnet_ros.perception.back_ends.back_end import BackEnd, BackEndError


def make_openvino(model: MT3DNet, device: torch.device, size: tuple[int, int]) -> BackEnd:
    """Return what runs a network on images of one size.

    :raises BackEndError: the device is not the CPU
    :raises MissingExtraError: OpenVINO is not installed
    """
    if device.type != 'cpu':
        raise BackEndError(f"back end 'openvino' runs on the CPU, not on {device}; choose the device 'cpu'")
    with needs_extra('openvino'):
        import openvino
    model = model.cpu().eval()
    images = torch.zeros(1, 3, *size)
    with torch.no_grad():
        example = model(images)
    inputs = (images,) if example.state is None else (images, example.state)
    with warnings.catch_warnings():
        warnings.simplefilter('ignore', FutureWarning)  # PyTorch's exporter warns of its own parts
        converted = openvino.convert_model(torch.export.export(model, inputs))
    request = openvino.compile_model(converted, 'CPU', {'PERFORMANCE_HINT': 'LATENCY'}).create_infer_request()
    return _CompiledNetwork(request, example)


class _CompiledNetwork:
    """The back end.

    :param request: runs the compiled network
    :param example: of what it gives, for names and sizes
    """

    def __init__(self, request: Any, example: Prediction) -> None:
        self._request = request
        self._names = tuple(example.named_tensors())
        self._empty = None if example.state is None else ConvLSTMState(*map(torch.zeros_like, example.state))

    def __call__(self, images: torch.Tensor, state: ConvLSTMState | None = None) -> Prediction:
        if self._empty is None:
            return Prediction.from_named_tensors(self._infer([images]))
        if state is None:
            state = self._first_state(images, self._empty)
        tensors = self._infer([images, *state])
        # The next run writes its outputs where these lie, while it reads the state.
        memory = {name: tensor.clone() for name, tensor in tensors.items() if name.startswith(NEXT)}
        return Prediction.from_named_tensors(tensors | memory)

    def _first_state(self, images: torch.Tensor, empty: ConvLSTMState) -> ConvLSTMState:
        """Return the state before a first frame, as ``ConvLSTM.first_state`` does: the frame's own features.

        They do not depend on the state, so that an extra run with an empty one gives them.
        """
        return empty._replace(previous=self._infer([images, *empty])[f'{NEXT}previous'].clone())

    def _infer(self, inputs: Sequence[torch.Tensor]) -> dict[str, torch.Tensor]:
        """Return the network's tensors by name, in memory that the next run overwrites."""
        results = self._request.infer([tensor.numpy() for tensor in inputs], share_inputs=True, share_outputs=True)
        return {name: torch.from_numpy(np.asarray(results[place])) for place, name in enumerate(self._names)}
