"""PyTorch, which runs the network as it is, or in bfloat16."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

import numpy as np
import torch

from mt3dnet_ros.models.mt3dnet import MT3DNet
from mt3dnet_ros.models.state import ConvLSTMState
from mt3dnet_ros.models.tasks import Prediction
from mt3dnet_ros.perception.canvas.numpy_canvas import NumPyCanvas


class TorchBackEnd:
    """Runs a network by PyTorch.

    :param precision: ``torch.bfloat16`` where PyTorch holds that safe, which is faster on GPUs and on CPUs with
        bfloat16 units, slower on others; None for single precision
    """

    canvas = NumPyCanvas

    def __init__(
        self, model: MT3DNet, device: torch.device, input_size: tuple[int, int], precision: torch.dtype | None = None
    ) -> None:
        self.config, self.input_size = model.config, input_size
        self.device = f'{device} ({torch.cuda.get_device_name(device)})' if device.type == 'cuda' else str(device)
        # The memory format of the network's tokens: none of its maps is copied into another.
        self._model = model.to(device).to(memory_format=torch.channels_last).eval()  # type: ignore[call-overload]
        self._device, self._precision = device, precision

    @torch.inference_mode()
    def __call__(self, images: np.ndarray, state: ConvLSTMState | None = None) -> Prediction:
        """Run the network; ``BackEnd`` says on what."""
        if state is not None:  # that of another back end is NumPy's
            state = ConvLSTMState(*(torch.as_tensor(part, device=self._device) for part in state))
        with self._autocast():
            prediction = self._model(torch.from_numpy(images).to(self._device), state)
        return prediction.mapped(lambda output: output.float().cpu().numpy())

    def close(self) -> None:
        """Give the GPU's memory back."""
        self._model.cpu()
        if self._device.type == 'cuda':
            torch.cuda.empty_cache()

    def _autocast(self) -> AbstractContextManager[object]:
        return nullcontext() if self._precision is None else torch.autocast(self._device.type, self._precision)
