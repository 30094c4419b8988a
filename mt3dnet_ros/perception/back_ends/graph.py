"""Work of a GPU that is recorded once, and then begun by a single call."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

_WARM_UPS = 3  # before the recording, in which libraries choose how they compute, and allocate


class CapturedGraph:
    """A function of tensors of one shape each, captured as a CUDA graph.

    Its operations are launched together: eagerly each would wait for Python. The results lie where the next call
    writes its own.

    :param function: of tensors on a GPU, to a sequence of tensors; it may not wait for the GPU, nor copy from the CPU
    :param inputs: of the shapes and types to come
    :raises RuntimeError: the function cannot be captured
    """

    def __init__(self, function: Callable[..., Sequence[Tensor]], inputs: Sequence[Tensor]) -> None:
        self._inputs = [tensor.clone() for tensor in inputs]
        self._device = self._inputs[0].device
        self._graph = torch.cuda.CUDAGraph()
        with torch.cuda.device(self._device):
            beside = torch.cuda.Stream()
            self._warm_up(function, beside)
            with torch.cuda.graph(self._graph, stream=beside, capture_error_mode='thread_local'):
                self._outputs = function(*self._inputs)

    def __call__(self, *inputs: Tensor) -> Sequence[Tensor]:
        """Begin to compute the function on the current stream; returned is where the results will lie."""
        with torch.cuda.device(self._device):
            for kept, given in zip(self._inputs, inputs, strict=True):
                kept.copy_(given)
            self._graph.replay()
        return self._outputs

    def _warm_up(self, function: Callable[..., Sequence[Tensor]], beside: torch.cuda.Stream) -> None:
        """Run the function on the stream on which it will be captured."""
        current = torch.cuda.current_stream()
        beside.wait_stream(current)
        with torch.cuda.stream(beside):
            for _ in range(_WARM_UPS):
                function(*self._inputs)
        current.wait_stream(beside)
