"""Make a checkpoint's confidence believable."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from tqdm import tqdm

from mt3dnet_ros.datasets.frames import IGNORED, FrameSet
from mt3dnet_ros.evaluation.calibration.cells import PredictedFrame, cells_of, predict_frame
from mt3dnet_ros.evaluation.calibration.fit import CalibrationError, fit_presence, fit_score_line, fit_types
from mt3dnet_ros.evaluation.class_map import map_classes
from mt3dnet_ros.evaluation.order import spread
from mt3dnet_ros.evaluation.scorers.box_matches import match_boxes
from mt3dnet_ros.models.config import MT3DNetConfig
from mt3dnet_ros.models.mt3dnet import MT3DNet
from mt3dnet_ros.perception.perceiver import Perceiver
from mt3dnet_ros.perception.settings import Settings

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


def predict_frames(network: MT3DNet, device: torch.device, frames: FrameSet, limit: int) -> list[PredictedFrame]:
    """Run a network on frames, evenly spread over a data set.

    :param limit: the most frames to use
    :raises CalibrationError: the data set has no types
    """
    ids = _network_ids(network.config, frames)
    perceiver = Perceiver(network, device)
    indices = tqdm(spread(len(frames), limit), desc='calibrate', unit='frame', disable=None)
    return [predict_frame(perceiver, frames[index], ids) for index in indices]


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
