"""Which network a command runs, and where: arguments that several commands share."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

from mt3dnet_ros import __version__
from mt3dnet_ros.commands.arguments import positive, user_path
from mt3dnet_ros.perception.back_ends.registry import AUTO, BACK_ENDS
from mt3dnet_ros.perception.export.onnx_file import sha256_of
from mt3dnet_ros.perception.loading import SHIPPED_CHECKPOINT
from mt3dnet_ros.resources import package_file


def add_checkpoint_argument(parser: argparse.ArgumentParser) -> None:
    """Declare ``--checkpoint``; ``checkpoint_of`` reads it."""
    parser.add_argument('--checkpoint', type=user_path, metavar='FILE', help='network (default: the one that ships)')


def add_device_argument(parser: argparse.ArgumentParser) -> None:
    """Declare ``--device``, a name for ``choose_device``."""
    parser.add_argument('--device', default='auto', help='auto, cpu, cuda or cuda:<index> (default: %(default)s)')


def add_network_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare which network runs, where, and what runs it."""
    add_checkpoint_argument(parser)
    add_device_argument(parser)
    parser.add_argument(
        '--back-end',
        default=AUTO,
        choices=(AUTO, *BACK_ENDS),
        help='what runs the network (default: openvino on a CPU, where it is installed and need not convert the '
        'network first, and PyTorch otherwise)',
    )


def add_threads_argument(parser: argparse.ArgumentParser) -> None:
    """Declare ``--threads``; ``use_threads`` reads it."""
    parser.add_argument(
        '--threads',
        type=positive,
        metavar='N',
        help='of PyTorch on the CPU; results may differ in the last digits with their number (default: as many as '
        'PyTorch takes)',
    )


def use_threads(threads: int | None) -> None:
    """Let PyTorch use so many threads; None leaves their number to it."""
    if threads:
        import torch

        torch.set_num_threads(threads)


def threads_in_use() -> int:
    """Return the number of threads of a network on the CPU."""
    try:
        import torch
    except ModuleNotFoundError:  # another back end takes all cores
        return os.cpu_count() or 1
    return torch.get_num_threads()


def checkpoint_of(arguments: argparse.Namespace) -> Path:
    """Return the path of the checkpoint that was named, or that ships."""
    return arguments.checkpoint or package_file(*SHIPPED_CHECKPOINT)


def describe_network(arguments: argparse.Namespace, device: str, back_end: str) -> dict[str, Any]:
    """Return what a reader of a report has to know of the network and of what ran it.

    :param device: in words
    :param back_end: that ran it, of ``BACK_ENDS``
    """
    checkpoint = checkpoint_of(arguments)
    return {
        'checkpoint': str(arguments.checkpoint or checkpoint.name),
        'sha256': sha256_of(checkpoint),
        'device': device,
        'back end': back_end,
        'mt3dnet_ros': __version__,
    }
