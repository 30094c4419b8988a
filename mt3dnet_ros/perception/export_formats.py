"""The formats that a network can be exported to: how each is written, and run from its file."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.export import Dim, ExportedProgram

from mt3dnet_ros.models.mt3dnet import FRAME_OUTPUTS, MT3DNet

INPUT = 'images'
OUTPUTS = FRAME_OUTPUTS
Runner = Callable[[Tensor], dict[str, np.ndarray]]


class ExportError(ValueError):
    """A network that cannot be exported; the message says why."""


@dataclass(frozen=True)
class Format:
    """One file format.

    :param suffix: of its files, with the dot
    :param write: writes a traced network
    :param load: reads the file and returns what runs it
    :param modules: needed for both, beside PyTorch
    """

    suffix: str
    write: Callable[[ExportedProgram, Path], None]
    load: Callable[[Path], Runner]
    modules: tuple[str, ...] = ()

    def require_modules(self) -> None:
        """Check that all modules are installed.

        :raises ExportError: one is missing
        """
        if missing := [name for name in self.modules if find_spec(name) is None]:
            raise ExportError(
                f'{self.suffix} files need {", ".join(missing)}; pip install {" ".join(missing)}, or choose another '
                'format'
            )


class _NamedOutputs(nn.Module):
    """The network with a plain dictionary as its output, which a file can hold without this package."""

    def __init__(self, network: MT3DNet) -> None:
        super().__init__()
        self.network = network

    def forward(self, images: Tensor) -> dict[str, Tensor]:
        return self.network(images).frame_outputs()


def trace(model: MT3DNet, size: tuple[int, int], dynamic_batch: bool) -> ExportedProgram:
    """Return the network as a graph for images of one size.

    :param size: height and width of the images in pixels
    :param dynamic_batch: for any number of images at a time, instead of one
    """
    example = torch.zeros(2 if dynamic_batch else 1, 3, *size)  # with one image PyTorch would fix the batch at it
    shapes = {INPUT: {0: Dim('batch', min=1)}} if dynamic_batch else None
    with _quiet():
        return torch.export.export(_NamedOutputs(model).eval(), (example,), dynamic_shapes=shapes)


def _write_program(program: ExportedProgram, path: Path) -> None:
    with _quiet():
        torch.export.save(program, path)


def _load_program(path: Path) -> Runner:
    with _quiet():
        network = torch.export.load(path).module()

    def run(images: Tensor) -> dict[str, np.ndarray]:
        with torch.no_grad():
            return {name: output.numpy() for name, output in network(images).items()}

    return run


def _write_onnx(program: ExportedProgram, path: Path) -> None:
    with _quiet():
        exported: Any = torch.onnx.export(
            program, dynamo=True, input_names=[INPUT], output_names=list(OUTPUTS), verbose=False
        )
        exported.save(path, external_data=False)


def _load_onnx(path: Path) -> Runner:
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=['CPUExecutionProvider'])
    names = [output.name for output in session.get_outputs()]
    return lambda images: dict(zip(names, session.run(None, {INPUT: images.numpy()}), strict=True))


@contextmanager
def _quiet() -> Iterator[None]:
    """Drop what PyTorch's exporters warn of: parts of their own, and libraries that this network does not use."""
    logger = logging.getLogger('torch.onnx._internal.exporter._registration')
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter('ignore')
            yield
    finally:
        logger.setLevel(level)


FORMATS = {
    'torch_export': Format('.pt2', _write_program, _load_program),
    'onnx': Format('.onnx', _write_onnx, _load_onnx, ('onnx', 'onnxruntime', 'onnxscript')),
}
