"""A labelled frame, and what a network predicted for it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import numpy as np

from mt3dnet_ros.datasets.frames import LabelledFrame
from mt3dnet_ros.evaluation.order import STILL, EvaluationStep
from mt3dnet_ros.evaluation.report import Section
from mt3dnet_ros.evaluation.scale.switchboard import ScaledFrame
from mt3dnet_ros.perception.instruments.peaks import Peak
from mt3dnet_ros.perception.scene import Scene


@dataclass(frozen=True)
class Observation:
    """One labelled frame and what a network predicted for it.

    :param peaks: of the detection head, before perception combines them with masks; boxes in pixels of the image
    :param step: the frame's place in the evaluation
    :param saliency: (H, W) float32 in [0, 1], not rounded as the scene's is; None of a network without it
    :param scanpath: ids of the scene's instances in visiting order; None of a network without saliency
    :param tracked: of a frame of a sequence: detections, instances and tracks as a robot would be told of them, but all
        named; else None
    :param scaled: the scene by every way of knowing the scale that is asked for, by its name
    """

    frame: LabelledFrame
    scene: Scene
    peaks: list[Peak]
    step: EvaluationStep = STILL
    saliency: np.ndarray | None = None
    scanpath: tuple[int, ...] | None = None
    tracked: Scene | None = None
    scaled: Mapping[str, ScaledFrame] = field(default_factory=dict)


Measured = TypeVar('Measured')


class Scorer(ABC, Generic[Measured]):
    """Collects the metrics of one section of the report; it keeps counts, no pictures.

    A frame is measured where it was seen, and what was measured is added where the report is made: another scorer of
    the same kind, in another process or on another machine, may do the one or the other.
    """

    @abstractmethod
    def measure(self, observation: Observation) -> Measured | None:
        """Return what counts of a frame, small and picklable; None of one without the labels that are needed.

        The frames of a sequence are measured by one scorer, in order; nothing is kept beyond a sequence.
        """

    @abstractmethod
    def add(self, measured: Measured) -> None:
        """Add what was measured in a frame; frames come in the order of the evaluation."""

    @abstractmethod
    def section(self) -> Section:
        """Return the metrics, or why there are none."""

    def update(self, observation: Observation) -> None:
        """Measure a frame and add it."""
        if (measured := self.measure(observation)) is not None:
            self.add(measured)
