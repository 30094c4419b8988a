"""What is known of single instruments, and where two sources contradict each other about one."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator, Sequence

import numpy as np

from mt3dnet_ros.perception.scale.observation import InstrumentScale, ScaleObservation

_REMEMBERED = 15  # comparisons of a kind of instrument
_LEAST = 5  # of them, by which a contradiction shows
_CONTRADICTION = 3.0  # standard deviations of the difference, in the median


def scales_of_measured(observations: Sequence[ScaleObservation], frame_log_factor: float) -> dict[int, InstrumentScale]:
    """Return the factor of every instrument that was measured by itself, on top of the frame's, by instance id.

    :param observations: those that are believed
    """
    own = (item for item in observations if item.instance_id and math.isfinite(item.own_deviation))
    return {item.instance_id: InstrumentScale(item.log_factor - frame_log_factor, item.own_deviation) for item in own}


class ShaftAgainstEye:
    """Notices a wrong diameter: where the second eye sees the same instrument at another depth, time and again."""

    def __init__(self) -> None:
        self._seen: dict[str, deque[tuple[float, float]]] = {}

    def __call__(self, observations: Sequence[ScaleObservation]) -> tuple[str, ...]:
        """Take the observations of a frame and return what contradicts itself, in words."""
        eye = next((item.instruments for item in observations if item.source == 'second_eye'), {})
        for item in observations:
            if item.source == 'shaft' and item.instance_id in eye:
                other = eye[item.instance_id]
                off = item.log_factor - other.log_factor
                deviations = off, off / math.hypot(item.own_deviation, other.deviation)
                self._seen.setdefault(item.of, deque(maxlen=_REMEMBERED)).append(deviations)
        return tuple(self._contradictions())

    def forget(self) -> None:
        """Forget the frames before."""
        self._seen.clear()

    def _contradictions(self) -> Iterator[str]:
        for name, seen in self._seen.items():
            off, deviations = np.median(np.array(seen), axis=0)
            if len(seen) >= _LEAST and abs(deviations) > _CONTRADICTION:
                yield (
                    f'shaft ({name}) says x{math.exp(off):.2f} of what the second eye sees of it; '
                    f'check the diameter of {name} (shaft_diameters)'
                )
