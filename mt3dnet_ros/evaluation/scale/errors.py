"""How far a frame's depth is from the truth, and whether that was to be expected."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from mt3dnet_ros.datasets.frames import LabelledFrame
from mt3dnet_ros.evaluation.scale.evidence import match_instances
from mt3dnet_ros.perception.scale.depth_scale import NORMAL_95, DepthScale
from mt3dnet_ros.perception.scene import Detection, Scene


class PositionError(NamedTuple):
    """Of one instrument.

    :param depth_mm: size of the error along the optical axis
    :param is_covered: whether the true position lies within the 95 % interval along the line of sight
    """

    depth_mm: float
    is_covered: bool


@dataclass(frozen=True)
class ScaleErrors:
    """Of one frame.

    :param mae_mm: mean absolute error of depth, as it is
    :param log_error: median logarithm of true over estimated depth: what the scale lacks
    :param true_mae_mm: what is left of the error where that is made good
    :param scale: that was estimated
    :param pixels_covered: share of the pixels whose depth lies within its 95 % interval
    :param positions: of the instruments whose true depth is known
    """

    mae_mm: float
    log_error: float
    true_mae_mm: float
    scale: DepthScale
    pixels_covered: float
    positions: list[PositionError]

    @property
    def is_covered(self) -> bool:
        """Whether the true scale lies within the 95 % interval."""
        return abs(self.log_error) <= NORMAL_95 * self.scale.deviation


def scale_errors(frame: LabelledFrame, scene: Scene) -> ScaleErrors | None:
    """Return the errors of a frame's depth; None where none is known.

    :param scene: with depth, detections, instances and the scale
    """
    assert scene.depth is not None and scene.scale is not None
    if frame.depth is None:
        return None
    known = (frame.depth > 0.0) & np.isfinite(scene.depth)
    if not known.any():
        return None
    true, found = frame.depth[known].astype(np.float64), scene.depth[known].astype(np.float64)
    logs = np.log(true / found)
    lacking = float(np.median(logs))
    return ScaleErrors(
        mae_mm=_mae_mm(found, true),
        log_error=lacking,
        true_mae_mm=_mae_mm(found * math.exp(lacking), true),
        scale=scene.scale,
        pixels_covered=float(np.mean(np.abs(logs) <= NORMAL_95 * scene.scale.depth_deviation)),
        positions=_position_errors(frame, scene),
    )


def _mae_mm(found: np.ndarray, true: np.ndarray) -> float:
    return 1e3 * float(np.mean(np.abs(found - true)))


def _position_errors(frame: LabelledFrame, scene: Scene) -> list[PositionError]:
    """Return the errors of the instruments that are there."""
    if frame.instances is None or scene.instances is None or not scene.detections:
        return []
    there = match_instances(scene.instances, frame.instances)
    found = [item for item in scene.detections if item.instance_id in there]
    errors = [_position_error(item, _true_z(frame, scene.instances == item.instance_id)) for item in found]
    return [error for error in errors if error]


def _true_z(frame: LabelledFrame, mask: np.ndarray) -> float:
    """Return the median true depth of what an instrument's mask shows of an instrument; NaN where none is known."""
    assert frame.depth is not None and frame.instances is not None
    depth = frame.depth[mask & (frame.depth > 0.0) & (frame.instances > 0)]
    return float(np.median(depth)) if depth.size else math.nan


def _position_error(detection: Detection, true_z: float) -> PositionError | None:
    """Return how far a position is from a true depth; None where either is unknown."""
    x, y, z = detection.position
    error, deviation = abs(true_z - z), detection.position_deviation * z / math.hypot(x, y, z)  # of depth alone
    if not (math.isfinite(error) and math.isfinite(deviation)):
        return None
    return PositionError(1e3 * error, error <= NORMAL_95 * deviation)
