"""What a network says of labelled frames, cell by cell, beside what is true: the material of a calibration."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from torch import Tensor

from mt3dnet_ros.datasets.frames import IGNORED, LabelledFrame
from mt3dnet_ros.evaluation.calibration.fit import CalibrationError
from mt3dnet_ros.evaluation.scorers.box_matches import true_boxes
from mt3dnet_ros.models.config import MT3DNetConfig
from mt3dnet_ros.models.tasks import Prediction
from mt3dnet_ros.perception.frame import Frame
from mt3dnet_ros.perception.maps import to_numpy
from mt3dnet_ros.perception.perceiver import Perceiver
from mt3dnet_ros.perception.postprocess import Interpretation
from mt3dnet_ros.perception.preprocess import Letterbox
from mt3dnet_ros.perception.scene import Box, Detection
from mt3dnet_ros.perception.settings import Settings

_EVERYTHING = Settings(score_threshold=0.0, max_depth=math.inf)


@dataclass(frozen=True)
class PredictedFrame:
    """A frame's prediction, and the truth that calibration needs.

    :param prediction: on the CPU, of a batch of one, without state
    :param types: (h, w) uint8 true ids of the network's own classes per cell, ``IGNORED`` where they are unknown
    :param unnamed: (h, w) bool, where there is an instrument of a class that the network does not know
    :param boxes: of the true instruments
    :param depth: (n,) known depths in metres at the canonical focal length; empty without depth or camera
    """

    prediction: Prediction
    letterbox: Letterbox
    types: np.ndarray
    unnamed: np.ndarray
    boxes: list[Box]
    depth: np.ndarray

    def detections(self, config: MT3DNetConfig) -> list[Detection]:
        """Return all that is detected with a network's configuration, however low the scores."""
        return Interpretation(self.prediction, self.letterbox, None, config, _EVERYTHING).detections


class Cells(NamedTuple):
    """The cells of all frames.

    :param evidence: (n,) float32 log-odds of an instrument (and ``instrument``, bool)
    :param logits: (C, m) float32 of the types of the cells that show an instrument, background left out
    :param types: (m,) index of the true ones
    """

    evidence: np.ndarray
    instrument: np.ndarray
    logits: np.ndarray
    types: np.ndarray


def predict_frame(perceiver: Perceiver, frame: LabelledFrame, ids: np.ndarray) -> PredictedFrame:
    """Run a network on a frame.

    :param ids: (256,) uint8 the network's class for each id of the data set, ``IGNORED`` where it has none
    :raises CalibrationError: the frame has no labels of types or instances
    """
    if frame.types is None or frame.instances is None:
        raise CalibrationError(f"frame '{frame.name}' has no types or no instances; calibrate on a data set with both")
    seen = perceiver.run(Frame(frame.image))
    prediction, letterbox = seen.prediction.mapped(Tensor.cpu)._replace(state=None), seen.letterbox
    columns, rows = np.moveaxis(np.round(letterbox.cell_centers()).astype(int), -1, 0)
    true = frame.types[rows, columns]
    types = np.where(true == IGNORED, IGNORED, ids[true])
    unnamed = (types == IGNORED) & (true != IGNORED)
    depth = _canonical_depth(frame, perceiver.config, letterbox)
    return PredictedFrame(prediction, letterbox, types, unnamed, true_boxes(frame.instances), depth)


def cells_of(frames: list[PredictedFrame]) -> Cells:
    """Return the cells whose truth is known."""
    evidence, instrument, logits, types = [], [], [], []
    for frame in frames:
        values = to_numpy(frame.prediction.types, frame.letterbox.cells)
        odds = np.logaddexp.reduce(values[1:], axis=0) - values[0]
        known = (frame.types != IGNORED) | frame.unnamed
        evidence.append(odds[known])
        instrument.append((frame.types > 0)[known])
        named = (frame.types > 0) & (frame.types != IGNORED)
        logits.append(values[1:, named])
        types.append(frame.types[named].astype(int) - 1)
    return Cells(
        np.concatenate(evidence), np.concatenate(instrument), np.concatenate(logits, axis=1), np.concatenate(types)
    )


def _canonical_depth(frame: LabelledFrame, config: MT3DNetConfig, letterbox: Letterbox) -> np.ndarray:
    if frame.depth is None or frame.camera is None:
        return np.zeros(0, np.float32)
    return frame.depth[frame.depth > 0] * (config.canonical_focal / letterbox.focal(frame.camera))
