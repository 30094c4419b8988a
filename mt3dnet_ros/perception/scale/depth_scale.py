"""What is known of the scale of a frame's depth."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from mt3dnet_ros.perception.scale.observation import InstrumentScale, Rejection
from mt3dnet_ros.perception.scale.shaft_axis import ShaftAxis

NORMAL_95 = 1.96  # standard deviations on either side


@dataclass(frozen=True)
class SupportingSource:
    """A source on which the scale rests.

    :param name: of ``observation.SOURCES``
    :param factor: its newest word
    :param deviation: of its logarithm
    :param age: seconds since then
    :param of: what it measured, such as an instrument or an arm; may be empty
    """

    name: str
    factor: float
    deviation: float
    age: float
    of: str = ''


@dataclass(frozen=True)
class DepthScale:
    """The factor on the network's depth, and how sure it is.

    :param factor: metres per metre of the network
    :param deviation: standard deviation of the factor's logarithm; NaN where nothing is known of it
    :param sources: what it rests on, best first; empty where it is the network's own guess
    :param conflicts: sources that contradict each other, in words
    :param rejections: what might have told the scale in this frame, and why it does not
    :param shape: (h, w) float32 logarithm of a further factor per cell of the network's output, where the second eye
        corrects the depth's shape as well; None where nothing does
    :param axes: of the shafts that were measured, by instance id
    :param instruments: those that were measured by themselves, by instance id; where there is a ``shape``, it counts
    :param shape_deviation: standard deviation of the logarithm of a single depth once the factor is right; 0 leaves it
        out
    """

    factor: float = 1.0
    deviation: float = math.nan
    sources: tuple[SupportingSource, ...] = ()
    conflicts: tuple[str, ...] = ()
    rejections: tuple[Rejection, ...] = ()
    shape: np.ndarray | None = field(default=None, compare=False)
    axes: Mapping[int, ShaftAxis] = field(default_factory=dict, compare=False)
    instruments: Mapping[int, InstrumentScale] = field(default_factory=dict, compare=False)
    shape_deviation: float = 0.0

    @property
    def is_guess(self) -> bool:
        """Whether nothing but the network says so."""
        return not self.sources

    @property
    def depth_deviation(self) -> float:
        """Standard deviation of the logarithm of a single depth: of the factor's error and the shape's together.

        NaN where the factor's is unknown.
        """
        return math.hypot(self.deviation, self.shape_deviation)

    @property
    def interval(self) -> tuple[float, float]:
        """The ends of the factor's 95 % interval; NaN where nothing is known of it."""
        spread = math.exp(NORMAL_95 * self.deviation)
        return self.factor / spread, self.factor * spread

    def deviation_of(self, instance_id: int) -> float:
        """Return the standard deviation of the logarithm of an instrument's depth; NaN where it is unknown."""
        known = self.instruments.get(instance_id)
        return self.depth_deviation if known is None else known.deviation

    def near_end(self, depth: float) -> float:
        """Return the least distance, metres, of the 95 % interval around a single one that has been scaled."""
        return depth * math.exp(-NORMAL_95 * self.depth_deviation)

    def far_end(self, depth: float) -> float:
        """Return the largest distance, metres, of the 95 % interval around a single one that has been scaled."""
        return depth * math.exp(NORMAL_95 * self.depth_deviation)


GUESS = DepthScale()
