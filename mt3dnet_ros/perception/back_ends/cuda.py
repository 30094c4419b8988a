"""A GPU on which everything from the image to the maps at its size is computed."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext

import numpy as np
import torch
from torch import Tensor

from mt3dnet_ros.models.mt3dnet import MT3DNet
from mt3dnet_ros.models.state import ConvLSTMState
from mt3dnet_ros.models.tasks import Prediction, outputs_of, remembers
from mt3dnet_ros.perception.back_ends.back_end import BackEndError
from mt3dnet_ros.perception.back_ends.frozen import frozen
from mt3dnet_ros.perception.back_ends.graph import CapturedGraph
from mt3dnet_ros.perception.back_ends.relay import BackEndWarning
from mt3dnet_ros.perception.canvas.torch_canvas import DeviceCanvases

_RunNetwork = Callable[..., Sequence[Tensor]]


class CUDABackEnd:
    """Runs a network on a GPU, where the frames' canvases lie as well.

    The network runs in half precision, channels last, captured as a CUDA graph when the back end is made. It sees
    images of one size, so that it need not be captured anew where the camera's images come in another. Its outputs,
    which are small, come back in one copy.

    On the CPU the same operations give the same, slower than other back ends: that is how they are tested.

    :param precision: of the network's convolutions; None for single precision
    :param captures: whether to capture CUDA graphs
    :raises BackEndError: when it is run: a network leaves the range of the precision
    """

    def __init__(
        self,
        model: MT3DNet,
        device: torch.device,
        input_size: tuple[int, int],
        precision: torch.dtype | None = None,
        captures: bool = True,
    ) -> None:
        self.config, self.input_size = model.config, input_size
        self.canvas = DeviceCanvases(device)
        self._device, self._precision = device, precision
        network = frozen(model, precision).to(device)
        self._model = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self._first: _RunNetwork = self._run
        self._next: _RunNetwork = self._run
        self.is_captured = captures and device.type == 'cuda' and self._capture()
        self.device = self._describe()

    @torch.inference_mode()
    def __call__(self, images: Tensor | np.ndarray, state: ConvLSTMState | None = None) -> Prediction:
        """Run the network; ``BackEnd`` says on what."""
        images = torch.as_tensor(images).to(self._device)
        packed, *after = self._first(images) if state is None else self._next(images, *self._on_device(state))
        arrived = self.canvas.transfers.down(packed)
        kept = ConvLSTMState(*(tensor.clone() for tensor in after)) if after else None
        return self._unpacked(_finite(arrived()), kept)

    def close(self) -> None:
        """Give the GPU's memory back."""
        self._first = self._next = self._run
        self.canvas = DeviceCanvases(self._device)
        self._model.cpu()
        if self._device.type == 'cuda':
            torch.cuda.empty_cache()

    def _run(self, images: Tensor, *state: Tensor) -> list[Tensor]:
        """Return the outputs one after another, in single precision, and the tensors of the state.

        :param images: (1, 3, H, W)
        """
        images = images.contiguous(memory_format=torch.channels_last)
        with torch.inference_mode(), self._autocast():
            prediction: Prediction = self._model(images, ConvLSTMState(*state) if state else None)
        outputs = [output.float().flatten() for output in prediction.outputs().values()]
        return [torch.cat(outputs), *(prediction.state or ())]

    def _capture(self) -> bool:
        """Capture the network, without the state of a frame before and with it; say so where that cannot be."""
        images = torch.zeros(1, 3, *self.input_size, device=self._device)
        try:
            self._first = CapturedGraph(self._run, [images])
            if remembers(self.config):
                _, *state = self._run(images)
                self._next = CapturedGraph(self._run, [images, *state])
        except RuntimeError as error:
            self._first = self._next = self._run
            warnings.warn(f'the network runs without a CUDA graph, slower: {error}', BackEndWarning, stacklevel=2)
            return False
        return True

    def _on_device(self, state: ConvLSTMState) -> list[Tensor]:
        return [torch.as_tensor(part).to(self._device) for part in state]

    def _unpacked(self, packed: np.ndarray, state: ConvLSTMState | None) -> Prediction:
        outputs = outputs_of(self.config).items()
        shapes = {name: (1, *output.shape(self.config, self.input_size)) for name, output in outputs}
        ends = np.cumsum([np.prod(shape) for shape in shapes.values()])
        parts = zip(shapes.items(), np.split(packed, ends[:-1]), strict=True)
        return Prediction(**{name: part.reshape(shape) for (name, shape), part in parts}, state=state)

    def _autocast(self) -> AbstractContextManager[object]:
        return nullcontext() if self._precision is None else torch.autocast(self._device.type, self._precision)

    def _describe(self) -> str:
        if self._device.type != 'cuda':
            return str(self._device)
        how = 'captured' if self.is_captured else 'not captured'
        return f'{self._device} ({torch.cuda.get_device_name(self._device)}, {how})'


def _finite(packed: np.ndarray) -> np.ndarray:
    if not np.isfinite(packed).all():
        raise BackEndError("the network's numbers leave the range of half precision; choose the back end 'torch'")
    return packed
