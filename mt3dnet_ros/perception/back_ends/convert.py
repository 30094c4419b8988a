"""Convert a network from PyTorch to OpenVINO; also a program of its own, which writes what it compiles to a file.

    python -m mt3dnet_ros.perception.back_ends.convert CHECKPOINT HEIGHT WIDTH THREADS OUTPUT

It ends when its standard input is closed, as it is when the process that waits for it has ended.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path
from threading import Thread
from typing import Any

import torch

from mt3dnet_ros.errors import MT3DNetError
from mt3dnet_ros.models.mt3dnet import MT3DNet
from mt3dnet_ros.perception.back_ends.openvino_module import import_openvino

NICE = 5  # what serves meanwhile goes first


@torch.no_grad()
def convert(model: MT3DNet, size: tuple[int, int]) -> Any:
    """Return a network as ``openvino.Model``, for images of one height and width in pixels."""
    openvino = import_openvino()
    images = torch.zeros(1, 3, *size)
    state = model.cpu().eval()(images).state
    inputs = (images,) if state is None else (images, state)
    with warnings.catch_warnings():
        warnings.simplefilter('ignore', FutureWarning)  # PyTorch's exporter warns of its own parts
        converted = openvino.convert_model(torch.export.export(model, inputs))
    tensors = [images, *(state or ())]
    converted.reshape({port: list(tensor.shape) for port, tensor in zip(converted.inputs, tensors, strict=True)})
    return converted


def main(words: Sequence[str]) -> int:
    """Write what was compiled, or say in the last line of standard error why that is not possible."""
    from mt3dnet_ros.perception.back_ends.cache import Cache
    from mt3dnet_ros.perception.back_ends.compiled import NetworkCompiler, content_of
    from mt3dnet_ros.perception.back_ends.network_source import open_network

    Thread(target=_end_with_input, daemon=True).start()
    os.nice(NICE)
    checkpoint, height, width, threads, output = words
    try:
        source, size = open_network(checkpoint), (int(height), int(width))
        compiler = NetworkCompiler(source, size, int(threads), Cache(Path(os.devnull)))
        Path(output).write_bytes(content_of(compiler.compile(convert(source.model(), size))))
    except (MT3DNetError, OSError, RuntimeError) as error:
        print(' '.join(str(error).split()), file=sys.stderr)
        return 1
    return 0


def _end_with_input() -> None:
    sys.stdin.read()
    os._exit(1)


if __name__ == '__main__':
    raise SystemExit(main(sys.argv[1:]))
