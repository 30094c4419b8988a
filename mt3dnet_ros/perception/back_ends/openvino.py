"""OpenVINO, which compiles the network for the CPU, in bfloat16 where the CPU has that. PyTorch is not needed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mt3dnet_ros.models.config import MT3DNetConfig
from mt3dnet_ros.models.state import ConvLSTMState
from mt3dnet_ros.models.tasks import NEXT, Prediction, outputs_of, remembers
from mt3dnet_ros.perception.canvas.numpy_canvas import NumPyCanvas


class OpenVINOBackEnd:
    """Runs a network by OpenVINO, on images of one size.

    :param compiled: ``openvino.CompiledModel``, with inputs and outputs in the order of ``Prediction.named_tensors``
    :param input_size: height and width of the images in pixels
    """

    device = 'cpu'
    canvas = NumPyCanvas

    def __init__(self, compiled: Any, config: MT3DNetConfig, input_size: tuple[int, int]) -> None:
        self.config, self.input_size = config, input_size
        self._request = compiled.create_infer_request()
        self._names, self._empty = tuple(outputs_of(config)), None
        if remembers(config):
            self._names += tuple(f'{NEXT}{name}' for name in ConvLSTMState._fields)
            self._empty = ConvLSTMState(*(np.zeros(tuple(part.shape), np.float32) for part in compiled.inputs[1:]))

    def __call__(self, images: np.ndarray, state: ConvLSTMState | None = None) -> Prediction:
        """Run the network; ``BackEnd`` says on what."""
        if self._empty is None:
            return Prediction.from_named_tensors(self._infer([images]))
        if state is None:
            state = self._first_state(images, self._empty)
        arrays = self._infer([images, *state])
        # The next run writes its outputs where these lie, while it reads the state.
        memory = {name: array.copy() for name, array in arrays.items() if name.startswith(NEXT)}
        return Prediction.from_named_tensors(arrays | memory)

    def close(self) -> None:
        """Do nothing: there is no device whose memory would be kept."""

    def _first_state(self, images: np.ndarray, empty: ConvLSTMState) -> ConvLSTMState:
        """Return the state before a first frame, as ``ConvLSTM.first_state`` does: the frame's own features.

        They do not depend on the state, so that an extra run with an empty one gives them.
        """
        return empty._replace(previous=self._infer([images, *empty])[f'{NEXT}previous'].copy())

    def _infer(self, inputs: Sequence[np.ndarray]) -> dict[str, np.ndarray]:
        """Return the network's outputs by name, in memory that the next run overwrites."""
        results = self._request.infer(list(inputs), share_inputs=True, share_outputs=True)
        return {name: np.asarray(results[place]) for place, name in enumerate(self._names)}
