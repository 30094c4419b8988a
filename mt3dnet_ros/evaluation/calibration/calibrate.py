"""Make a checkpoint's confidence believable: ``mt3dnet calibrate --dataset NAME --data DIR --output FILE``."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from tqdm import tqdm

from mt3dnet_ros.commands.arguments import positive, user_path
from mt3dnet_ros.datasets.frames import IGNORED, FrameSet
from mt3dnet_ros.datasets.registry import dataset_names, open_frames
from mt3dnet_ros.evaluation.calibration.cells import PredictedFrame, cells_of, predict_frame
from mt3dnet_ros.evaluation.calibration.fit import CalibrationError, fit_presence, fit_score_line, fit_types
from mt3dnet_ros.evaluation.class_map import map_classes
from mt3dnet_ros.evaluation.order import spread
from mt3dnet_ros.evaluation.scorers.box_matches import match_boxes
from mt3dnet_ros.models.config import MT3DNetConfig
from mt3dnet_ros.perception.checkpoint import load_checkpoint, read_metadata, save_checkpoint
from mt3dnet_ros.perception.device import DeviceError, choose_device
from mt3dnet_ros.perception.loading import SHIPPED_CHECKPOINT
from mt3dnet_ros.perception.perceiver import Perceiver
from mt3dnet_ros.perception.settings import Settings
from mt3dnet_ros.resources import package_file

_RARE = 0.1  # per cent of all depths on either side that do not count as known
_NEUTRAL: dict[str, Any] = {'temperatures': (1.0, 1.0), 'score_line': (1.0, 0.0), 'known_depth': None}


@dataclass(frozen=True)
class ConfidenceCalibration:
    """What was found, under the names of ``MT3DNetConfig``, and what it does to the boxes above the default threshold.

    :param f1_before: of instruments found, whatever their types (and ``f1_after``)
    """

    temperatures: tuple[float, float]
    score_line: tuple[float, float]
    known_depth: tuple[float, float] | None
    f1_before: float
    f1_after: float

    def applied_to(self, config: MT3DNetConfig) -> MT3DNetConfig:
        """Return the configuration of a network that is calibrated so."""
        return replace(config, **{name: getattr(self, name) for name in _NEUTRAL})


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.description = (
        "Find, on a validation split, what makes a network's confidence, scores and depth limits believable, and write "
        'a checkpoint that holds it. Borders of masks move by less than a cell. Example: '
        'mt3dnet calibrate --dataset rendered --data ~/rendered --checkpoint net.safetensors --output net.safetensors'
    )
    parser.add_argument('--dataset', required=True, choices=sorted(dataset_names()), help='kind of data set')
    parser.add_argument('--data', required=True, type=user_path, metavar='DIR', help="the data set's folder")
    parser.add_argument('--split', default='val', help='split by name; never the one to be judged on (default: val)')
    parser.add_argument('--checkpoint', type=user_path, metavar='FILE', help='network (default: the one that ships)')
    parser.add_argument('--output', required=True, type=user_path, metavar='FILE', help='the calibrated checkpoint')
    parser.add_argument('--device', default='auto', help='auto, cpu, cuda or cuda:<index> (default: auto)')
    parser.add_argument(
        '--limit',
        type=positive,
        default=200,
        metavar='N',
        help='use at most N frames, evenly spread over the split (default: %(default)s)',
    )


def run(arguments: argparse.Namespace) -> int:
    """Calibrate and write the checkpoint."""
    path = arguments.checkpoint or package_file(*SHIPPED_CHECKPOINT)
    network = load_checkpoint(path)
    try:
        device = choose_device(arguments.device)
    except DeviceError as error:
        raise CalibrationError(str(error)) from error
    frames = open_frames(arguments.dataset, arguments.data, arguments.split)
    ids = _network_ids(network.config, frames)
    perceiver = Perceiver(network, device)
    indices = tqdm(spread(len(frames), arguments.limit), desc='calibrate', unit='frame', disable=None)
    predicted = [predict_frame(perceiver, frames[index], ids) for index in indices]
    found = calibrate(network.config, predicted)
    about = {'dataset': arguments.dataset, 'split': arguments.split, 'frames': len(predicted)} | asdict(found)
    metadata = read_metadata(path) | {'calibration': json.dumps(about)}
    save_checkpoint(arguments.output, network, found.applied_to(network.config), metadata)
    _print(found)
    print('wrote', arguments.output)
    return 0


def calibrate(config: MT3DNetConfig, frames: list[PredictedFrame]) -> ConfidenceCalibration:
    """Return the calibration of a network of this configuration from its predictions.

    An earlier calibration in the configuration is not used.

    :raises CalibrationError: the frames have too few cells or instruments
    """
    plain = replace(config, **_NEUTRAL)
    cells = cells_of(frames)
    temperatures = fit_presence(cells.evidence, cells.instrument), fit_types(cells.logits, cells.types)
    warm = replace(plain, temperatures=temperatures)
    before, after = (match_boxes([(frame.detections(c), frame.boxes) for frame in frames]) for c in (plain, warm))
    line = fit_score_line(after.scores, after.right)
    final = match_boxes([(frame.detections(replace(warm, score_line=line)), frame.boxes) for frame in frames])
    threshold = Settings.score_threshold
    return ConfidenceCalibration(
        temperatures, line, _known_depth(frames), before.at(threshold).f1, final.at(threshold).f1
    )


def _network_ids(config: MT3DNetConfig, frames: FrameSet) -> np.ndarray:
    """Return the network's class for each id of the data set, (256,) uint8, ``IGNORED`` where it has none."""
    if frames.taxonomy is None:
        raise CalibrationError('the data set has no types; calibrate on one that has')
    classes = map_classes(config.classes, frames.taxonomy.names)
    ids = np.full(256, IGNORED, np.uint8)
    ids[0] = 0
    for index in range(1, len(config.classes)):
        if classes.table[index] < classes.known:
            ids[classes.table[index]] = index
    return ids


def _known_depth(frames: list[PredictedFrame]) -> tuple[float, float] | None:
    depths = np.concatenate([frame.depth for frame in frames])
    if not depths.size:
        return None
    least, largest = np.percentile(depths, (_RARE, 100.0 - _RARE)).tolist()
    return least, largest


def _print(found: ConfidenceCalibration) -> None:
    presence, types = found.temperatures
    scale, offset = found.score_line
    print(f'temperature of instrument or not {presence:.3f}, of types {types:.3f}')
    print(f'logits of scores: {scale:.3f} x {offset:+.3f}')
    if found.known_depth is not None:
        least, largest = found.known_depth
        print(f'known depth: {1e3 * least:.1f} to {1e3 * largest:.1f} mm at the canonical focal length')
    print(f'F1 of boxes at a score of {Settings.score_threshold:g}: {found.f1_before:.3f} -> {found.f1_after:.3f}')
