"""Which network a command runs, and where: arguments that several commands share."""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path
from typing import Any

import torch

from mt3dnet_ros import __version__
from mt3dnet_ros.commands.arguments import user_path
from mt3dnet_ros.perception.back_ends.registry import BACK_ENDS
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
        '--back-end', default='torch', choices=BACK_ENDS, help='what runs the network (default: %(default)s)'
    )


def checkpoint_of(arguments: argparse.Namespace) -> Path:
    """Return the path of the checkpoint that was named, or that ships."""
    return arguments.checkpoint or package_file(*SHIPPED_CHECKPOINT)


def describe_network(arguments: argparse.Namespace, device: torch.device) -> dict[str, Any]:
    """Return what a reader of a report has to know of the network and of what ran it."""
    checkpoint = checkpoint_of(arguments)
    return {
        'checkpoint': str(arguments.checkpoint or checkpoint.name),
        'sha256': hashlib.sha256(checkpoint.read_bytes()).hexdigest(),
        'device': str(device),
        'back end': arguments.back_end,
        'mt3dnet_ros': __version__,
    }
