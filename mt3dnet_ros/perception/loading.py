"""From a checkpoint to a perceiver that is ready to run."""

from __future__ import annotations

from pathlib import Path

import torch

from mt3dnet_ros.perception.checkpoint import load_checkpoint
from mt3dnet_ros.perception.device import choose_device
from mt3dnet_ros.perception.perceiver import Perceiver, Settings
from mt3dnet_ros.resources import package_file

SHIPPED_CHECKPOINT = ('config', 'checkpoints', 'mt3dnet_b0.safetensors')


def load_perceiver(
    checkpoint: str | Path = '',
    device: str = 'auto',
    back_end: str = 'torch',
    threads: int = 0,
    settings: Settings | None = None,
) -> Perceiver:
    """Return a perceiver that has run once.

    :param checkpoint: path; empty for the one that ships with the package
    :param device: 'auto', 'cpu', 'cuda' or 'cuda:<index>'
    :param threads: CPU threads of PyTorch; 0 leaves them as they are
    :raises CheckpointError, DeviceError, BackEndError, TaxonomyError, ResourceError: with the reason
    """
    if threads:
        torch.set_num_threads(threads)
    chosen = choose_device(device)
    model = load_checkpoint(checkpoint or package_file(*SHIPPED_CHECKPOINT))
    perceiver = Perceiver(model, chosen, settings, back_end)
    perceiver.warm_up(model.config.input_size)
    return perceiver
