"""A frame, and all that was seen in it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import torch

from mt3dnet_ros.datasets.frames import LabelledFrame
from mt3dnet_ros.evaluation.report import Section
from mt3dnet_ros.models.mt3dnet import Prediction
from mt3dnet_ros.perception.checkpoint import load_checkpoint
from mt3dnet_ros.perception.frame import Frame
from mt3dnet_ros.perception.peaks import Peak, find_peaks
from mt3dnet_ros.perception.perceiver import Perceiver
from mt3dnet_ros.perception.preprocess import Letterbox
from mt3dnet_ros.perception.scene import Scene
from mt3dnet_ros.perception.settings import Settings

OUTPUTS = frozenset({'labels', 'confidence', 'parts', 'instances', 'depth', 'detections'})
_EVERYTHING = Settings(score_threshold=0.0, max_depth=math.inf)  # precision-recall curves need the doubtful ones too


@dataclass(frozen=True)
class Observation:
    """One labelled frame and what was seen in it.

    :param peaks: of the detection head alone, with boxes in pixels of the image
    """

    frame: LabelledFrame
    scene: Scene
    peaks: list[Peak]


class Scorer(Protocol):
    """Collects what one section of the report says; it keeps counts, no pictures."""

    def update(self, seen: Observation) -> None:
        """Add one frame; one without the labels that are needed adds nothing."""

    def section(self) -> Section:
        """Return the metrics, or why there are none."""


class Observer(Perceiver):
    """A perceiver that also hands out what the detection head alone says.

    :param checkpoint: path of the network
    :param back_end: a name of ``backends.BACK_ENDS``
    """

    _prediction: Prediction

    def __init__(self, checkpoint: str | Path, device: torch.device, back_end: str = 'torch') -> None:
        super().__init__(load_checkpoint(checkpoint), device, _EVERYTHING, back_end)

    def observe(self, frame: LabelledFrame) -> Observation:
        """Run the network on a frame, with the frame's camera."""
        scene = self(Frame(frame.image), frame.camera, OUTPUTS)
        letterbox = Letterbox(frame.image.shape[:2], self._input_size)
        peaks = [
            peak._replace(box=letterbox.boxes_to_image(peak.box)) for peak in find_peaks(self._prediction, letterbox)
        ]
        return Observation(frame, scene, peaks)

    @property
    def input_size(self) -> tuple[int, int]:
        """Height and width of the network's input."""
        return self._input_size

    def _run(self, images: torch.Tensor) -> Prediction:
        self._prediction = super()._run(images)
        return self._prediction
