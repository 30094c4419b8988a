"""From a checkpoint to a perceiver that is ready to run."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mt3dnet_ros.perception.back_ends.network_source import NetworkSource, open_network
from mt3dnet_ros.perception.back_ends.registry import AUTO, make_back_end
from mt3dnet_ros.perception.back_ends.start import start_back_end
from mt3dnet_ros.perception.device import choose_device
from mt3dnet_ros.perception.perceiver import Perceiver
from mt3dnet_ros.perception.settings import Settings
from mt3dnet_ros.resources import package_file

if TYPE_CHECKING:
    import torch

    from mt3dnet_ros.models.mt3dnet import MT3DNet

SHIPPED_CHECKPOINT = ('config', 'checkpoints', 'mt3dnet_lite0.safetensors')


def load(
    checkpoint: str | Path | None = None,
    device: str = 'auto',
    back_end: str = AUTO,
    threads: int = 0,
    settings: Settings | None = None,
    *,
    serve_meanwhile: bool = False,
) -> Perceiver:
    """Return a perceiver that has run once: call it with an image, and get a ``Scene``.

    :param checkpoint: path of a .safetensors file, or of an .onnx that was exported from one; None or empty for the one
        that ships with the package
    :param device: 'auto', 'cpu', 'cuda' or 'cuda:<index>'
    :param back_end: what runs the network, a name of ``BACK_ENDS``; 'auto' takes 'cuda' on a GPU, OpenVINO on a CPU
        where it is installed and an exported file or the cache has the network for it, and PyTorch otherwise
    :param threads: CPU threads of the network; 0 for one per core
    :param settings: thresholds and smoothing; may be replaced later, as ``perceiver.settings``
    :param serve_meanwhile: where 'auto' does not take OpenVINO, as that would have to convert the network first, have
        that done in a process of its own, and let OpenVINO take over between two frames
    :raises CheckpointError, DeviceError, BackEndError, TaxonomyError, ResourceError: with the reason
    """
    source = open_network(checkpoint or package_file(*SHIPPED_CHECKPOINT))
    perceiver = Perceiver(start_back_end(source, back_end, choose_device(device), threads, serve_meanwhile), settings)
    perceiver.warm_up(perceiver.input_size)
    return perceiver


def make_perceiver(
    network: MT3DNet | NetworkSource,
    device: str | torch.device,
    settings: Settings | None = None,
    back_end: str = 'torch',
    input_size: tuple[int, int] | None = None,
) -> Perceiver:
    """Return a perceiver of a network that is at hand, in memory or in a file.

    :param back_end: a name of ``BACK_ENDS``
    :param input_size: height and width of the network's input, multiples of 32; None for what it was trained at
    :raises BackEndError, TaxonomyError: with the reason
    """
    return Perceiver(make_back_end(back_end, network, device, input_size), settings)


def load_perceiver(*arguments: Any, **options: Any) -> Perceiver:
    """Return what ``load`` returns, under its name of before version 0.2."""
    warnings.warn('load_perceiver is now called mt3dnet_ros.load', FutureWarning, stacklevel=2)
    return load(*arguments, **options)
