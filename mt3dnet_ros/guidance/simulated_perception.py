"""What perception would say of a simulated scene: depth of the right shape, and sources of its scale that err."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from mt3dnet_ros.perception.scale.depth_scale import DepthScale
from mt3dnet_ros.perception.scale.filter import ScaleFilter
from mt3dnet_ros.perception.scale.observation import ScaleObservation


@dataclass(frozen=True)
class SimulatedSource:
    """How well a source measures the scale.

    :param name: of ``perception.scale.observation.SOURCES``
    :param systematic: standard deviation of the logarithm's error that is the same in all frames, as of a diameter
    :param noise: of the error that is another one in each frame
    """

    name: str
    systematic: float
    noise: float


_GUESS = 0.35  # deviation of the network's own scale: 0.5 to 2 is its 95 % interval
SHAFT = SimulatedSource('shaft', 0.02, 0.02)
SECOND_EYE = SimulatedSource('second_eye', 0.01, 0.02)


class SimulatedPerception:
    """A network that does not know the scale, and the real filter over sources that do, as well as they say.

    :param factor: true metres per metre of the network, which nobody is told
    :param random: of which the errors of the sources are drawn
    """

    def __init__(self, factor: float, random: np.random.Generator) -> None:
        self.factor = factor
        self.sources: tuple[SimulatedSource, ...] = ()  # which are at hand; may be changed at any time
        self._random = random
        self._biases: dict[str, float] = {}  # of the logarithm
        self._filter = ScaleFilter()

    def perceive(self, depth: np.ndarray, stamp: int) -> tuple[np.ndarray, DepthScale]:
        """Return depth as perception would publish it, and its scale.

        :param depth: true distances of any shape, metres
        :param stamp: of the image, nanoseconds
        """
        scale = self._filter.update([self._observe(source) for source in self.sources], stamp, _GUESS)
        return (depth * (scale.factor / self.factor)).astype(depth.dtype), scale

    def mislead(self, source: SimulatedSource, factor: float) -> None:
        """Let a source err by a factor that it knows nothing of."""
        self._biases[source.name] = math.log(factor)

    def _observe(self, source: SimulatedSource) -> ScaleObservation:
        if source.name not in self._biases:
            self._biases[source.name] = self._random.normal(0.0, source.systematic)
        error = self._biases[source.name] + self._random.normal(0.0, source.noise)
        deviation = math.hypot(source.systematic, source.noise)
        return ScaleObservation(source.name, math.log(self.factor) + error, deviation, systematic=source.systematic)
