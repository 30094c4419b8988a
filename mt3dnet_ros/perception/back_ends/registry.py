"""The back ends by name; each is imported when it is first asked for."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from mt3dnet_ros.errors import needs_extra
from mt3dnet_ros.models.grid import INPUT_MULTIPLE, is_input_size
from mt3dnet_ros.perception.back_ends.back_end import BackEnd, BackEndError
from mt3dnet_ros.perception.back_ends.network_source import NetworkSource, source_of

if TYPE_CHECKING:
    import torch

    from mt3dnet_ros.models.mt3dnet import MT3DNet

AUTO = 'auto'
MakeBackEnd = Callable[[NetworkSource, str, tuple[int, int], int], BackEnd]
"""Makes a back end: of a network, the device that it runs on, the height and width of the images in pixels, and CPU
threads, 0 for as many as there are cores."""


class BackEndKind(NamedTuple):
    """What makes a back end, and the module that must be installed, which the extra of the same name brings."""

    make: MakeBackEnd
    module: str

    @property
    def is_installed(self) -> bool:
        """Whether what it needs is there."""
        return importlib.util.find_spec(self.module) is not None


def _make_torch(source: NetworkSource, device: str, input_size: tuple[int, int], threads: int) -> BackEnd:
    return _torch_back_end(source, device, input_size, threads)


def _make_torch_bf16(source: NetworkSource, device: str, input_size: tuple[int, int], threads: int) -> BackEnd:
    with needs_extra('torch'):
        import torch
    return _torch_back_end(source, device, input_size, threads, torch.bfloat16)


def _torch_back_end(
    source: NetworkSource,
    device: str,
    input_size: tuple[int, int],
    threads: int,
    precision: torch.dtype | None = None,
) -> BackEnd:
    with needs_extra('torch'):
        import torch
    from mt3dnet_ros.perception.back_ends.pytorch import TorchBackEnd

    if threads:
        torch.set_num_threads(threads)
    return TorchBackEnd(source.model(), torch.device(device), input_size, precision)


def _make_openvino(source: NetworkSource, device: str, input_size: tuple[int, int], threads: int) -> BackEnd:
    from mt3dnet_ros.perception.back_ends.compiled import NetworkCompiler
    from mt3dnet_ros.perception.back_ends.openvino import OpenVINOBackEnd

    if device != 'cpu':
        raise BackEndError(f"back end 'openvino' runs on the CPU, not on {device}; choose the device 'cpu'")
    compiler = NetworkCompiler(source, input_size, threads)
    if source.in_memory is None:
        return OpenVINOBackEnd(compiler(), source.config, input_size)
    from mt3dnet_ros.perception.back_ends.convert import convert

    return OpenVINOBackEnd(compiler.compile(convert(source.in_memory, input_size)), source.config, input_size)


def _make_cuda(source: NetworkSource, device: str, input_size: tuple[int, int], threads: int) -> BackEnd:
    if not device.startswith('cuda'):
        raise BackEndError(
            f"back end 'cuda' runs on a GPU, not on {device}; choose the device 'cuda', or the back end 'torch'"
        )
    with needs_extra('torch'):
        import torch
    from mt3dnet_ros.perception.back_ends.cuda import CUDABackEnd

    # float16 keeps 10 bits of a number, bfloat16 7: only with the former do masks and depth stay as they are.
    return CUDABackEnd(source.model(), torch.device(device), input_size, torch.float16)


BACK_ENDS: Mapping[str, BackEndKind] = {
    'torch': BackEndKind(_make_torch, 'torch'),
    'torch_bf16': BackEndKind(_make_torch_bf16, 'torch'),
    'openvino': BackEndKind(_make_openvino, 'openvino'),
    'cuda': BackEndKind(_make_cuda, 'torch'),
}
_PREFERRED = {
    'cpu': ('openvino', 'torch'),
    'cuda': ('cuda', 'torch_bf16'),
}  # by type of device, the first that is installed


def choose_back_end(name: str, device: str) -> str:
    """Return what runs a network: what is named, or what is best on a device where that is 'auto'.

    :param device: as ``choose_device`` returns it
    :raises BackEndError: the name is unknown, or nothing is installed
    """
    if name != AUTO:
        if name not in BACK_ENDS:
            raise BackEndError(f'back end {name!r} is unknown (known: {", ".join((AUTO, *BACK_ENDS))})')
        return name
    for choice in _PREFERRED[device.partition(':')[0]]:
        if BACK_ENDS[choice].is_installed:
            return choice
    raise BackEndError(
        "nothing that runs a network is installed: pip install 'mt3dnet_ros[openvino]' for a CPU, or "
        "'mt3dnet_ros[torch]' for a GPU"
    )


def settle_back_end(name: str, source: NetworkSource, device: str, threads: int = 0) -> str:
    """Return what runs this network at once: 'auto' does not take OpenVINO where that has to convert it first.

    :param name: of ``BACK_ENDS``, or 'auto'
    :param device: as ``choose_device`` returns it
    :raises BackEndError: the name is unknown, or nothing is installed
    """
    chosen = choose_back_end(name, device)
    if name == AUTO and chosen == 'openvino' and BACK_ENDS['torch'].is_installed:
        from mt3dnet_ros.perception.back_ends.compiled import NetworkCompiler

        return 'torch' if NetworkCompiler(source, source.input_size, threads).needs_conversion else chosen
    return chosen


def make_back_end(
    name: str,
    network: MT3DNet | NetworkSource,
    device: str | torch.device,
    input_size: tuple[int, int] | None = None,
    threads: int = 0,
) -> BackEnd:
    """Return what runs a network.

    :param name: of ``BACK_ENDS``
    :param input_size: height and width of the images, multiples of 32; None for what the network was trained at, or
        exported for
    :param threads: of the CPU; 0 for one per core
    :raises BackEndError: when it cannot be made; the message says what to do
    :raises MissingExtraError: what it needs is not installed
    """
    source = source_of(network)
    if name not in BACK_ENDS:
        raise BackEndError(f'back end {name!r} is unknown (known: {", ".join(BACK_ENDS)})')
    kind = BACK_ENDS[name]
    size = input_size or source.input_size
    if not is_input_size(size):
        raise BackEndError(f'network input of {size[1]}x{size[0]} must be of positive multiples of {INPUT_MULTIPLE}')
    return kind.make(source, str(device), size, threads)
