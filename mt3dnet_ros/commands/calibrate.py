"""Make a checkpoint's confidence believable: ``mt3dnet calibrate --dataset NAME --data DIR --output FILE``."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

import numpy as np
from tqdm import tqdm

from mt3dnet_ros.commands.arguments import dataset_name, describe_datasets, positive, user_path
from mt3dnet_ros.commands.options.network import add_checkpoint_argument, add_device_argument, checkpoint_of
from mt3dnet_ros.datasets.registry import open_frames
from mt3dnet_ros.perception.checkpoint_header import read_metadata
from mt3dnet_ros.perception.device import choose_device
from mt3dnet_ros.perception.settings import Settings

if TYPE_CHECKING:
    from mt3dnet_ros.evaluation.calibration.calibrate import ConfidenceCalibration

_PICTURES, _SEED = 200, 20_000  # without a scene; the seed is none that trainings begin with


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.description = (
        "Find, on a validation split, what makes a network's confidence, scores and depth believable, and write "
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
    from mt3dnet_ros.evaluation.calibration.calibrate import calibrate, predict_frames, predict_nothing
    from mt3dnet_ros.perception.checkpoint import load_checkpoint, save_checkpoint

    path = checkpoint_of(arguments)
    network = load_checkpoint(path)
    device = choose_device(arguments.device)
    frames = open_frames(arguments.dataset, arguments.data, arguments.split)
    predicted = predict_frames(network, device, frames, arguments.limit)
    nothing = predict_nothing(network, device, _nothing(network.config.input_size)) if network.config.view else None
    found = calibrate(network.config, predicted, nothing)
    about = {'dataset': arguments.dataset, 'split': arguments.split, 'frames': len(predicted)} | asdict(found)
    metadata = read_metadata(path) | {'calibration': json.dumps(about)}
    save_checkpoint(arguments.output, network, found.applied_to(network.config), metadata)
    _print(found)
    print('wrote', arguments.output)
    return 0


def _nothing(size: tuple[int, int]) -> Iterator[np.ndarray]:
    """Yield pictures without a scene, (H, W, 3) uint8, the same ones each time."""
    from mt3dnet_ros.training.augmentation.nothing.pictures import draw_nothing

    rng = np.random.default_rng(_SEED)
    for _ in tqdm(range(_PICTURES), desc='nothing', unit='picture', disable=None):
        yield (255.0 * draw_nothing(rng, size) + 0.5).astype(np.uint8)


def _print(found: ConfidenceCalibration) -> None:
    presence, types = found.temperatures
    scale, offset = found.score_line
    print(f'temperature of instrument or not {presence:.3f}, of types {types:.3f}')
    print(f'logits of scores: {scale:.3f} x {offset:+.3f}')
    if found.views_told is not None and found.nothing_told is not None:
        scale, offset = found.view_line
        print(f'logit of a known view: {scale:.3f} x {offset:+.3f}')
        print(f'told right: {found.views_told:.1%} of the frames, {found.nothing_told:.1%} of pictures without a scene')
    if found.known_depth is not None:
        least, largest = found.known_depth
        print(f'known depth: {1e3 * least:.1f} to {1e3 * largest:.1f} mm at the canonical focal length')
    if found.scale_bias is not None:
        print(f'deviation of log depth: {found.scale_deviation:.3f} of a frame (bias {found.scale_bias:+.3f})')
        print(f'within it: {found.shape_deviation:.3f} of a pixel, {found.tool_deviation:.3f} of a shaft')
    print(f'F1 of boxes at a score of {Settings.score_threshold:g}: {found.f1_before:.3f} -> {found.f1_after:.3f}')
