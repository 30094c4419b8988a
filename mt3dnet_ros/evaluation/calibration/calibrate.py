"""Make a checkpoint's confidence believable."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from tqdm import tqdm

from mt3dnet_ros.datasets.frames import IGNORED, FrameSet
from mt3dnet_ros.evaluation.calibration.cells import PredictedFrame, cells_of, predict_frame, view_logit
from mt3dnet_ros.evaluation.calibration.depth_deviation import fit_depth_deviation
from mt3dnet_ros.evaluation.calibration.fit import (
    CalibrationError,
    fit_presence,
    fit_score_line,
    fit_types,
    fit_view_line,
)
from mt3dnet_ros.evaluation.class_map import map_classes
from mt3dnet_ros.evaluation.order import spread
from mt3dnet_ros.evaluation.scorers.box_matches import match_boxes
from mt3dnet_ros.models.config import MT3DNetConfig
from mt3dnet_ros.models.mt3dnet import MT3DNet
from mt3dnet_ros.perception.confidence import logit
from mt3dnet_ros.perception.known_view.blank import is_blank, sample
from mt3dnet_ros.perception.loading import make_perceiver
from mt3dnet_ros.perception.settings import Settings

_RARE = 0.1  # per cent of all depths on either side that do not count as known
_NEUTRAL: dict[str, Any] = {
    'temperatures': (1.0, 1.0),
    'score_line': (1.0, 0.0),
    'view_line': (1.0, 0.0),
    'known_depth': None,
    'scale_deviation': MT3DNetConfig.scale_deviation,
    'shape_deviation': MT3DNetConfig.shape_deviation,
    'tool_deviation': MT3DNetConfig.tool_deviation,
}


@dataclass(frozen=True)
class ConfidenceCalibration:
    """What was found, under the names of ``MT3DNetConfig``, and what it does to the boxes above the default threshold.

    Where the frames have no depth, its deviations keep their defaults.

    :param scale_bias: mean logarithm of the frames' true over predicted depth; None without depth
    :param f1_before: of instruments found, whatever their types (and ``f1_after``)
    :param views_told: share of the frames that pass for a known view (and ``nothing_told``: of pictures without a scene
        that do not), after calibration; None of a network without a view head
    """

    temperatures: tuple[float, float]
    score_line: tuple[float, float]
    view_line: tuple[float, float]
    known_depth: tuple[float, float] | None
    scale_deviation: float
    shape_deviation: float
    tool_deviation: float
    scale_bias: float | None
    f1_before: float
    f1_after: float
    views_told: float | None = None
    nothing_told: float | None = None

    def applied_to(self, config: MT3DNetConfig) -> MT3DNetConfig:
        """Return the configuration of a network that is calibrated so."""
        return replace(config, **{name: getattr(self, name) for name in _NEUTRAL})


def predict_frames(network: MT3DNet, device: str | torch.device, frames: FrameSet, limit: int) -> list[PredictedFrame]:
    """Run a network on frames, evenly spread over a data set.

    :param limit: the most frames to use
    :raises CalibrationError: the data set has no types
    """
    ids = _network_ids(network.config, frames)
    perceiver = make_perceiver(network, device)
    indices = tqdm(spread(len(frames), limit), desc='calibrate', unit='frame', disable=None)
    return [predict_frame(perceiver, frames[index], ids) for index in indices]


def predict_nothing(network: MT3DNet, device: str | torch.device, pictures: Iterable[np.ndarray]) -> np.ndarray:
    """Return the logit of a known view, (n,), of each picture that is not so blank that no network is asked.

    :param network: with a view head
    :param pictures: without a scene, (H, W, 3) uint8
    """
    perceiver = make_perceiver(network, device)
    asked = (picture for picture in pictures if not is_blank(sample(picture)))
    logits = [view_logit(perceiver.run(picture).prediction) for picture in asked]
    return np.array(logits, np.float64)


def calibrate(
    config: MT3DNetConfig, frames: list[PredictedFrame], nothing: np.ndarray | None = None
) -> ConfidenceCalibration:
    """Return the calibration of a network of this configuration from its predictions.

    An earlier calibration in the configuration is not used.

    :param nothing: (n,) of ``predict_nothing``; None of a network without a view head
    :raises CalibrationError: the frames have too few cells or instruments, or the pictures are too few
    """
    plain = replace(config, **_NEUTRAL)
    cells = cells_of(frames)
    temperatures = fit_presence(cells.evidence, cells.instrument), fit_types(cells.logits, cells.types)
    warm = replace(plain, temperatures=temperatures)
    before, after = (match_boxes([(frame.detections(c), frame.boxes) for frame in frames]) for c in (plain, warm))
    line = fit_score_line(after.scores, after.right)
    final = match_boxes([(frame.detections(replace(warm, score_line=line)), frame.boxes) for frame in frames])
    threshold = Settings.score_threshold
    views = np.array([frame.view for frame in frames if frame.view is not None])
    view_line = fit_view_line(views, nothing) if nothing is not None else plain.view_line
    of_depth = fit_depth_deviation([frame.ratios for frame in frames], [frame.tool_ratios for frame in frames])
    return ConfidenceCalibration(
        temperatures,
        line,
        view_line,
        _known_depth(frames),
        of_depth.scale if of_depth else plain.scale_deviation,
        of_depth.shape if of_depth else plain.shape_deviation,
        of_depth.tool if of_depth and of_depth.tool else plain.tool_deviation,
        of_depth.bias if of_depth else None,
        before.at(threshold).f1,
        final.at(threshold).f1,
        None if nothing is None else _share_known(views, view_line),
        None if nothing is None else 1.0 - _share_known(nothing, view_line),
    )


def _share_known(logits: np.ndarray, line: tuple[float, float]) -> float:
    """Return the share of pictures that pass for a known view at the default threshold."""
    corrected = line[0] * logits + line[1]
    return float(np.mean(corrected >= logit(Settings.view_threshold)))


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
