"""What a network says of labelled frames, cell by cell, beside what is true: the material of a calibration."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from mt3dnet_ros.datasets.frames import IGNORED, LabelledFrame
from mt3dnet_ros.evaluation.calibration.fit import CalibrationError
from mt3dnet_ros.evaluation.scorers.box_matches import true_boxes
from mt3dnet_ros.models.config import MT3DNetConfig
from mt3dnet_ros.models.tasks import Prediction
from mt3dnet_ros.perception.frame import Frame
from mt3dnet_ros.perception.maps import first_image
from mt3dnet_ros.perception.perceiver import Perceiver
from mt3dnet_ros.perception.postprocess import Interpretation
from mt3dnet_ros.perception.preprocess import Letterbox
from mt3dnet_ros.perception.scene import Box, Detection
from mt3dnet_ros.perception.settings import Settings

_SHAFT = 1  # of the taxonomy `parts`
_LEAST_CELLS = 20  # of a shaft, for its depth to say anything
_EVERYTHING = Settings(score_threshold=0.0, type_threshold=0.0, max_depth=math.inf)


@dataclass(frozen=True)
class PredictedFrame:
    """A frame's prediction, and the truth that calibration needs.

    :param prediction: of a batch of one, without state
    :param types: (h, w) uint8 true ids of the network's own classes per cell, ``IGNORED`` where they are unknown
    :param unnamed: (h, w) bool, where there is an instrument of a class that the network does not know
    :param boxes: of the true instruments
    :param depth: (n,) known depths in metres at the canonical focal length; empty without depth or camera
    :param ratios: (m,) logarithms of true over predicted depth, of the cells whose depth is known
    :param tool_ratios: (k,) medians of the same over the shaft of each instrument that is found
    :param view: logit of a known view; None of a network without a view head. The prediction is without it: scores are
        calibrated for views that are known
    """

    prediction: Prediction
    letterbox: Letterbox
    types: np.ndarray
    unnamed: np.ndarray
    boxes: list[Box]
    depth: np.ndarray
    ratios: np.ndarray
    tool_ratios: np.ndarray
    view: float | None = None

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
    prediction, letterbox = seen.prediction.mapped(np.copy)._replace(state=None, view=None), seen.letterbox
    columns, rows = np.moveaxis(np.round(letterbox.cell_centers()).astype(int), -1, 0)
    true = frame.types[rows, columns]
    types = np.where(true == IGNORED, IGNORED, ids[true])
    unnamed = (types == IGNORED) & (true != IGNORED)
    depth = _canonical_depth(frame, perceiver.config, letterbox)
    ratios = _log_ratios(depth[rows, columns], first_image(prediction.depth, letterbox.cells)[0])
    shafts = _found_shafts(frame, prediction, letterbox, columns, rows)
    return PredictedFrame(
        prediction,
        letterbox,
        types,
        unnamed,
        true_boxes(frame.instances),
        depth[depth > 0],
        ratios[np.isfinite(ratios)],
        _medians(ratios, shafts),
        view_logit(seen.prediction),
    )


def view_logit(prediction: Prediction) -> float | None:
    """Return the logit of a known view of a batch of one; None of a network without a view head."""
    return None if prediction.view is None else prediction.view.item()


def cells_of(frames: list[PredictedFrame]) -> Cells:
    """Return the cells whose truth is known."""
    evidence, instrument, logits, types = [], [], [], []
    for frame in frames:
        values = first_image(frame.prediction.types, frame.letterbox.cells)
        odds = _evidence(values)
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
    """Return the true depth at the canonical focal length, (H, W) float32 metres, 0 where unknown."""
    if frame.depth is None or frame.camera is None:
        return np.zeros(letterbox.image_size, np.float32)
    return frame.depth * np.float32(config.canonical_focal / letterbox.focal(frame.camera))


def _log_ratios(true: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """Return the logarithm of true over predicted depth, NaN where it is unknown."""
    return np.log(np.where(true > 0.0, true, np.nan) / predicted)


def _found_shafts(
    frame: LabelledFrame, prediction: Prediction, letterbox: Letterbox, columns: np.ndarray, rows: np.ndarray
) -> np.ndarray:
    """Return the instance id of each cell that is a shaft, and taken for an instrument; 0 elsewhere, (h, w) uint8."""
    if frame.parts is None or frame.instances is None:
        return np.zeros(letterbox.cells, np.uint8)
    shaft = (frame.parts[rows, columns] == _SHAFT) & (_evidence(first_image(prediction.types, letterbox.cells)) > 0.0)
    return np.where(shaft, frame.instances[rows, columns], np.uint8(0))


def _medians(ratios: np.ndarray, ids: np.ndarray) -> np.ndarray:
    """Return the median ratio of each id that has enough cells with one."""
    known = [ratios[(ids == number) & np.isfinite(ratios)] for number in np.unique(ids[ids > 0])]
    return np.array([np.median(values) for values in known if len(values) >= _LEAST_CELLS], np.float32)


def _evidence(types: np.ndarray) -> np.ndarray:
    """Return the log-odds of an instrument."""
    return np.logaddexp.reduce(types[1:], axis=0) - types[0]
