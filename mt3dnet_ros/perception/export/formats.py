"""The formats that a network can be exported to: how each is written, and run from its file."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mt3dnet_ros.errors import MissingExtraError, MT3DNetError, needs_extra
from mt3dnet_ros.perception.export.onnx_file import INPUT, SUFFIX

if TYPE_CHECKING:
    from torch import Tensor
    from torch.export import ExportedProgram

    from mt3dnet_ros.models.mt3dnet import MT3DNet

_LEAST_WEIGHTS = 256  # of a tensor that is worth halving: biases are not
Runner = Callable[[Mapping[str, 'Tensor']], dict[str, np.ndarray]]


class ExportError(MT3DNetError, ValueError):
    """A network that cannot be exported; the message says why."""


@dataclass(frozen=True)
class Program:
    """A network as a graph.

    :param inputs: their names, in order, and those of the ``outputs``
    :param metadata: what a file may carry beside it
    """

    graph: ExportedProgram
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Format:
    """One file format.

    :param suffix: of its files, with the dot
    :param write: writes a traced network
    :param load: reads the file and returns what runs it: from inputs by name to outputs by name
    :param modules: needed for both, beside PyTorch
    :param tolerance: by how much its outputs may differ from the original, of an output's largest magnitude
    """

    suffix: str
    write: Callable[[Program, Path], None]
    load: Callable[[Path], Runner]
    modules: tuple[str, ...] = ()
    tolerance: float = 1e-4  # another order of single-precision sums stays far below

    def require_modules(self) -> None:
        """Check that all modules are installed.

        :raises MissingExtraError: one is missing
        """
        for name in self.modules:
            if find_spec(name) is None:
                raise MissingExtraError(name, 'export')


def trace(
    model: MT3DNet, size: tuple[int, int], dynamic_batch: bool = False, metadata: Mapping[str, str] | None = None
) -> Program:
    """Return the network as a graph for images of one size.

    :param size: height and width of the images in pixels
    :param dynamic_batch: for any number of images at a time, instead of one
    :param metadata: what a file may carry beside it
    """
    import torch
    from torch.export import Dim

    from mt3dnet_ros.perception.export.network import as_exported, example_inputs

    # With one image PyTorch would fix the batch at it.
    inputs = example_inputs(model, size, 2 if dynamic_batch else 1)
    batch = {0: Dim('batch', min=1)}
    shapes = dict.fromkeys(inputs, batch) if dynamic_batch else None
    images, state = _parted(inputs)
    with torch.no_grad():
        outputs = model(images).named_tensors()
    with _quiet():
        graph = torch.export.export(as_exported(model), (images,), state, dynamic_shapes=shapes)
    return Program(graph, tuple(inputs), tuple(outputs), metadata or {})


def _parted(inputs: Mapping[str, Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
    """Return the images, which a program takes by place, and the state, which it takes by name."""
    return inputs[INPUT], {name: tensor for name, tensor in inputs.items() if name != INPUT}


def _write_program(program: Program, path: Path) -> None:
    import torch

    with _quiet():
        torch.export.save(program.graph, path)


def _load_program(path: Path) -> Runner:
    import torch

    with _quiet():
        network = torch.export.load(path).module()

    def run(inputs: Mapping[str, Tensor]) -> dict[str, np.ndarray]:
        images, state = _parted(inputs)
        with torch.no_grad():
            return {name: output.numpy() for name, output in network(images, **state).items()}

    return run


def _write_onnx(program: Program, path: Path) -> None:
    import torch

    with _quiet():
        exported: Any = torch.onnx.export(
            program.graph,
            dynamo=True,
            input_names=list(program.inputs),
            output_names=list(program.outputs),
            verbose=False,
        )
    _free_names(exported.model.graph, program.outputs)
    _halve(exported.model.graph)
    exported.model.metadata_props.update(program.metadata)
    exported.save(path, external_data=False)


def _halve(graph: Any) -> None:
    """Store the weights of a graph of ONNX in half precision; a cast makes them what they were to whatever reads it."""
    with needs_extra('export'):
        import onnx_ir as ir

    for name, weights in list(graph.initializers.items()):
        array = weights.const_value.numpy()
        if array.dtype != np.float32 or array.size < _LEAST_WEIGHTS:
            continue
        half = ir.Value(name=f'{name}_half', const_value=ir.tensor(array.astype(np.float16), name=f'{name}_half'))
        cast = ir.node('Cast', [half], {'to': ir.DataType.FLOAT}, name=f'{name}_cast')
        del graph.initializers[name]
        cast.outputs[0].name, cast.outputs[0].type, cast.outputs[0].shape = name, weights.type, weights.shape
        weights.replace_all_uses_with(cast.outputs[0])
        graph.register_initializer(half)
        graph.insert_before(graph[0], cast)


def _free_names(graph: Any, outputs: Collection[str]) -> None:
    """Rename what lies within a graph of ONNX and has the name of an output, such as ``view``."""
    given = set(map(id, graph.outputs))
    for value in (value for node in graph for value in node.outputs):
        if value.name in outputs and id(value) not in given:
            value.name = f'{value.name}_inside'


def _load_onnx(path: Path) -> Runner:
    with needs_extra('export'):
        import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=['CPUExecutionProvider'])
    names = [output.name for output in session.get_outputs()]

    def run(inputs: Mapping[str, Tensor]) -> dict[str, np.ndarray]:
        arrays = {name: tensor.numpy() for name, tensor in inputs.items()}
        return dict(zip(names, session.run(None, arrays), strict=True))

    return run


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
    'onnx': Format(
        SUFFIX,
        _write_onnx,
        _load_onnx,
        ('onnx', 'onnxruntime', 'onnxscript', 'onnx_ir'),
        tolerance=0.02,  # of weights in half precision; each is off by up to 0.05 %
    ),
}
