"""From a checkpoint to a perceiver that is ready to run."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import torch

from mt3dnet_ros.perception.checkpoint import load_checkpoint
from mt3dnet_ros.perception.device import choose_device
from mt3dnet_ros.perception.perceiver import Perceiver, Settings
from mt3dnet_ros.resources import package_file

SHIPPED_CHECKPOINT = ('config', 'checkpoints', 'mt3dnet_b0.safetensors')


def load(
    checkpoint: str | Path | None = None,
    device: str = 'auto',
    back_end: str = 'torch',
    threads: int = 0,
    settings: Settings | None = None,
) -> Perceiver:
    """Return a perceiver that has run once: call it with an image, and get a ``Scene``.

    :param checkpoint: path of a .safetensors file; None or empty for the one that ships with the package
    :param device: 'auto', 'cpu', 'cuda' or 'cuda:<index>'
    :param back_end: what runs the network: 'torch', 'torch_bf16' or 'openvino'
    :param threads: CPU threads of PyTorch; 0 leaves them as they are
    :param settings: thresholds and smoothing; may be replaced later, as ``perceiver.settings``
    :raises CheckpointError, DeviceError, BackEndError, TaxonomyError, ResourceError: with the reason
    """
    if threads:
        torch.set_num_threads(threads)
    chosen = choose_device(device)
    model = load_checkpoint(checkpoint or package_file(*SHIPPED_CHECKPOINT))
    perceiver = Perceiver(model, chosen, settings, back_end)
    perceiver.warm_up(model.config.input_size)
    return perceiver


def load_perceiver(*arguments: Any, **options: Any) -> Perceiver:
    """Return what ``load`` returns, under its name of before version 0.2."""
    warnings.warn('load_perceiver is now called mt3dnet_ros.load', FutureWarning, stacklevel=2)
    return load(*arguments, **options)
