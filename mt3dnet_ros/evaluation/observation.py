"""A frame, and all that was seen in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from mt3dnet_ros.datasets.frames import LabelledFrame
from mt3dnet_ros.evaluation.order import STILL, Step
from mt3dnet_ros.evaluation.report import Section
from mt3dnet_ros.perception.instruments.peaks import Peak
from mt3dnet_ros.perception.scene import Scene


@dataclass(frozen=True)
class Observation:
    """One labelled frame and what was seen in it.

    :param peaks: of the detection head alone, with boxes in pixels of the image
    :param step: the frame's place in the evaluation
    :param saliency: (H, W) float32 in [0, 1], not rounded as the scene's is; None of a network without it
    :param scanpath: ids of the scene's instances in visiting order; None of a network without saliency
    """

    frame: LabelledFrame
    scene: Scene
    peaks: list[Peak]
    step: Step = STILL
    saliency: np.ndarray | None = None
    scanpath: tuple[int, ...] | None = None


class Scorer(Protocol):
    """Collects what one section of the report says; it keeps counts, no pictures."""

    def update(self, seen: Observation) -> None:
        """Add one frame; one without the labels that are needed adds nothing."""

    def section(self) -> Section:
        """Return the metrics, or why there are none."""
