"""Make a checkpoint's confidence believable: ``mt3dnet calibrate --dataset NAME --data DIR --output FILE``."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from mt3dnet_ros.commands.arguments import dataset_name, describe_datasets, positive, user_path
from mt3dnet_ros.commands.network import add_checkpoint_argument, add_device_argument, checkpoint_of
from mt3dnet_ros.datasets.registry import open_frames
from mt3dnet_ros.perception.checkpoint import load_checkpoint, read_metadata, save_checkpoint
from mt3dnet_ros.perception.device import choose_device
from mt3dnet_ros.perception.settings import Settings

if TYPE_CHECKING:
    from mt3dnet_ros.evaluation.calibration.calibrate import ConfidenceCalibration


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.description = (
        "Find, on a validation split, what makes a network's confidence, scores and depth limits believable, and write "
        'a checkpoint that holds it. Borders of masks move by less than a cell. Example: '
        'mt3dnet calibrate --dataset rendered --data ~/rendered --checkpoint net.safetensors --output net.safetensors'
    )
    parser.add_argument('--dataset', required=True, type=dataset_name, metavar='NAME', help=describe_datasets())
    parser.add_argument('--data', required=True, type=user_path, metavar='DIR', help="the data set's folder")
    parser.add_argument('--split', default='val', help='split by name; never the one to be judged on (default: val)')
    add_checkpoint_argument(parser)
    parser.add_argument('--output', required=True, type=user_path, metavar='FILE', help='the calibrated checkpoint')
    add_device_argument(parser)
    parser.add_argument(
        '--limit',
        type=positive,
        default=200,
        metavar='N',
        help='use at most N frames, evenly spread over the split (default: %(default)s)',
    )


def run(arguments: argparse.Namespace) -> int:
    """Calibrate and write the checkpoint."""
    from mt3dnet_ros.evaluation.calibration.calibrate import calibrate, predict_frames

    path = checkpoint_of(arguments)
    network = load_checkpoint(path)
    device = choose_device(arguments.device)
    frames = open_frames(arguments.dataset, arguments.data, arguments.split)
    predicted = predict_frames(network, device, frames, arguments.limit)
    found = calibrate(network.config, predicted)
    about = {'dataset': arguments.dataset, 'split': arguments.split, 'frames': len(predicted)} | asdict(found)
    metadata = read_metadata(path) | {'calibration': json.dumps(about)}
    save_checkpoint(arguments.output, network, found.applied_to(network.config), metadata)
    _print(found)
    print('wrote', arguments.output)
    return 0


def _print(found: ConfidenceCalibration) -> None:
    presence, types = found.temperatures
    scale, offset = found.score_line
    print(f'temperature of instrument or not {presence:.3f}, of types {types:.3f}')
    print(f'logits of scores: {scale:.3f} x {offset:+.3f}')
    if found.known_depth is not None:
        least, largest = found.known_depth
        print(f'known depth: {1e3 * least:.1f} to {1e3 * largest:.1f} mm at the canonical focal length')
    print(f'F1 of boxes at a score of {Settings.score_threshold:g}: {found.f1_before:.3f} -> {found.f1_after:.3f}')
