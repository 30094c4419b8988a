"""A labelled frame, and what a network predicted for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from mt3dnet_ros.datasets.frames import LabelledFrame
from mt3dnet_ros.evaluation.order import STILL, EvaluationStep
from mt3dnet_ros.evaluation.report import Section
from mt3dnet_ros.perception.instruments.peaks import Peak
from mt3dnet_ros.perception.scene import Scene


@dataclass(frozen=True)
class Observation:
    """One labelled frame and what a network predicted for it.

    :param peaks: of the detection head, before perception combines them with masks; boxes in pixels of the image
    :param step: the frame's place in the evaluation
    :param saliency: (H, W) float32 in [0, 1], not rounded as the scene's is; None of a network without it
    :param scanpath: ids of the scene's instances in visiting order; None of a network without saliency
    """

    frame: LabelledFrame
    scene: Scene
    peaks: list[Peak]
    step: EvaluationStep = STILL
    saliency: np.ndarray | None = None
    scanpath: tuple[int, ...] | None = None


class Scorer(Protocol):
    """Collects the metrics of one section of the report; it keeps counts, no pictures."""

    def update(self, observation: Observation) -> None:
        """Add one frame; one without the labels that are needed adds nothing."""

    def section(self) -> Section:
        """Return the metrics, or why there are none."""
