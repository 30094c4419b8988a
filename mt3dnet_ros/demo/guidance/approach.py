"""Approaches of a guided camera that would come nearer than it may, each under a true scale that nobody is told.

These run in this process, without the nodes: the same guidance, arm, scene and filter of the scale, many times.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.guidance.settings import GuidanceSettings
from mt3dnet_ros.guidance.simulated_loop import SimulatedLoop, TrueState
from mt3dnet_ros.guidance.simulated_perception import SECOND_EYE, SHAFT, SimulatedPerception, SimulatedSource
from mt3dnet_ros.guidance.simulated_scene import on_surface
from mt3dnet_ros.ros.parameters.guidance import CameraGuidanceParameters, guidance_settings

LEAST, LARGEST = 0.5, 2.0  # of the true scales
_RUNS = 10
_SECONDS = 7.0
_SEED = 17
_START = np.array([0.0, 0.0, 0.14, 0.2])  # radians and metres: 74 mm from the nearest surface
_SOURCES = ((SHAFT,), (SECOND_EYE,), (SHAFT, SECOND_EYE))  # that take turns
# A working distance below the no-go distance: nothing else keeps the camera away.
_PARAMETERS = CameraGuidanceParameters(
    working_distance=0.04, no_go_distance=0.05, advance_speed=0.006, advance_acceleration=0.06, dvrk__enabled=True
)


@dataclass(frozen=True)
class Approach:
    """One approach.

    :param factor: true metres per metre of the network
    :param sources: of its scale, by name
    :param careful: the parameter ``scale_required``
    :param moments: what was true
    :param outcome: state and reasons of guidance at its end
    """

    factor: float
    sources: tuple[str, ...]
    careful: bool
    moments: tuple[TrueState, ...]
    outcome: str

    @property
    def nearest(self) -> float:
        """The least true distance, metres."""
        return min(moment.nearest for moment in self.moments)

    @property
    def way(self) -> float:
        """How far the insertion moved at most, metres."""
        joints = np.stack([moment.joints for moment in self.moments])
        return float(np.ptp(joints[:, 2]))


def no_go_distance() -> float:
    """Return the no-go distance of all approaches, metres."""
    return _PARAMETERS.no_go_distance


def approaches(camera: Camera) -> Iterator[Approach]:
    """Yield approaches with sources, one without any, and one that takes depth as it is."""
    random = np.random.default_rng(_SEED)
    settings = guidance_settings(_PARAMETERS)
    drawn = np.exp(random.uniform(math.log(LEAST), math.log(LARGEST), _RUNS - 2))
    for number, factor in enumerate([LEAST, LARGEST, *drawn.tolist()]):
        yield _approach(camera, settings, factor, _SOURCES[number % len(_SOURCES)], random)
    yield _approach(camera, settings, LEAST, (), random)
    yield _approach(camera, replace(settings, scale_required=False), LEAST, (), random)


def _approach(
    camera: Camera,
    settings: GuidanceSettings,
    factor: float,
    sources: tuple[SimulatedSource, ...],
    random: np.random.Generator,
) -> Approach:
    perception = SimulatedPerception(factor, random)
    perception.sources = sources
    loop = SimulatedLoop(settings, camera, perception, _target, _START)
    loop.run(_SECONDS)
    guide = loop.guide
    outcome = guide.supervisor.reason or guide.advance.reason
    names = tuple(source.name for source in sources)
    said = outcome.name.lower() if outcome else 'guiding'
    return Approach(factor, names, settings.scale_required, tuple(loop.moments), said)


def _target(time: float) -> np.ndarray:
    """Return the place of a target that moves on a circle, metres."""
    return on_surface(0.012 * math.cos(time), 0.012 * math.sin(time))
