"""What one thing says of the scale over time."""

from __future__ import annotations

import math
from dataclasses import dataclass

from mt3dnet_ros.perception.scale.namesakes import Key
from mt3dnet_ros.perception.scale.observation import ScaleObservation

DRIFT = 0.015
"""Random walk of the logarithm of the network's scale error, per square root of a second.

On rendered sequences of one second, 25 frames/s, with a camera that travels 3 to 15 mm to and fro in 3 to 8 s, the
shipped network's error differs by 0.020 from one frame to the next and by 0.050 from those 0.8 s later; most of that
is its wavering around a slower path (``fusion.WAVER``)."""

SMOOTHING = 3.0
"""Time constant, seconds, over which what one thing says is smoothed: well above that of the network's wavering."""

_GATE = 3.5  # standard deviations by which an observation may differ from those before
_CHANGED_AFTER = 0.5  # seconds for which observations agree on another value before they are believed
_LEAST_COUNT = 3  # least number of them, and of those by which a track contradicts others
_SCATTER_WINDOW = 20  # observations over which the scatter is measured
_LEAST_SCATTER = 0.01  # of the stated variance


@dataclass(frozen=True)
class Reading:
    """What one thing says of the scale now.

    :param key: the thing
    :param newest: its last observation that was believed
    :param log_factor: logarithm of the factor, smoothed over time
    :param noise: variance of what is left of the errors that differ from frame to frame
    :param systematic: standard deviation of the error that is the same in every frame
    :param age: seconds since the newest observation
    :param is_proven: whether it rests on more than the first few observations, which may be a mistake
    """

    key: Key
    newest: ScaleObservation
    log_factor: float
    noise: float
    systematic: float
    age: float
    is_proven: bool = True

    @property
    def variance(self) -> float:
        """Of the logarithm: noise, systematic error, and the drift of the scale since."""
        return self.noise + self.systematic**2 + DRIFT**2 * self.age


class ScaleTrack:
    """Follows the scale by the observations of one thing, such as one instrument's shaft.

    It is their mean at first, and then goes from one to the next with a time constant. How much they scatter is
    measured, not believed, and only that averages away: the systematic part of their deviation stays. An observation
    that differs from those before by more than they scatter waits: where those that follow agree with it for half a
    second, the scale has changed, and the track begins anew with them: ``jump`` is then the change of the logarithm
    (else 0), and ``changed`` the stamp of the first that showed it.

    :param key: the thing
    :param first: its first observation
    :param stamp: of its frame, nanoseconds
    """

    def __init__(self, key: Key, first: ScaleObservation, stamp: int) -> None:
        self.key = key
        self.stamp = self.changed = stamp
        self.jump = self._doubt = self._noise = 0.0
        self._count = 0
        self._scatter = 1.0  # variance of the observations around the track, over the variance that they state
        self._waiting: list[tuple[int, ScaleObservation]] = []
        self._begin([first], stamp)

    def add(self, observation: ScaleObservation, stamp: int) -> bool:
        """Take the observation of a frame; return whether it is believed."""
        elapsed = 1e-9 * (stamp - self.stamp)
        variance = self._noise + DRIFT**2 * elapsed
        scatter = self._scatter * observation.deviation**2
        if self._count and (observation.log_factor - self.log_factor) ** 2 > _GATE**2 * (variance + scatter):
            return self._wait(observation, stamp)
        gain = max(1.0 / (self._count + 1), -math.expm1(-elapsed / SMOOTHING))
        self._follow(observation, gain)
        self._noise = (1.0 - gain) ** 2 * variance + gain**2 * scatter
        self.stamp = stamp
        return True

    def doubt(self, jump: float) -> None:
        """Be less sure, and begin anew with the next observation: another track has seen the scale change.

        :param jump: of the logarithm
        """
        self._doubt += jump**2
        self._count = 0

    def read(self, stamp: int) -> Reading:
        """Return what it says at the time of a frame."""
        passing = max(0.0, 1.0 - (self._systematic / self._newest.deviation) ** 2)
        wider = max(1.0, self._scatter)  # what scatters more than it says deserves no more
        noise = passing * self._noise + self._doubt
        age, is_proven = 1e-9 * (stamp - self.stamp), self._count >= _LEAST_COUNT
        systematic = wider**0.5 * self._systematic
        return Reading(self.key, self._newest, self.log_factor, noise, systematic, age, is_proven)

    def _begin(self, observations: list[ScaleObservation], stamp: int) -> None:
        """Rest on some observations alone."""
        self._newest = observations[-1]
        self.log_factor = sum(item.log_factor for item in observations) / len(observations)
        self._systematic = _systematic(self._newest)
        self._noise = self._scatter * self._newest.deviation**2 / len(observations)
        self._count = len(observations)
        self._doubt = 0.0
        self._waiting = []
        self.stamp = self.changed = stamp
        self.jump = 0.0

    def _follow(self, observation: ScaleObservation, gain: float) -> None:
        """Go some of the way to an observation."""
        innovation = observation.log_factor - self.log_factor
        self.log_factor += gain * innovation
        self._systematic += gain * (_systematic(observation) - self._systematic)
        self._count += 1
        seen = max(_LEAST_SCATTER, (innovation / observation.deviation) ** 2 * (1.0 - gain))
        self._scatter += (seen - self._scatter) / min(self._count + 1, _SCATTER_WINDOW)
        self._newest = observation
        self._doubt, self.jump = 0.0, 0.0
        self._waiting.clear()

    def _wait(self, observation: ScaleObservation, stamp: int) -> bool:
        """Let an observation wait for others that agree with it; return whether they are enough to be believed."""
        scatter = self._scatter * observation.deviation**2
        if self._waiting and (observation.log_factor - _mean(self._waiting)) ** 2 > 2.0 * _GATE**2 * scatter:
            self._waiting.clear()
        self._waiting.append((stamp, observation))
        lasted = 1e-9 * (stamp - self._waiting[0][0])
        enough = len(self._waiting) >= _LEAST_COUNT and lasted >= _CHANGED_AFTER
        if not enough and len(self._waiting) <= self._count:
            return False
        jump, changed = _mean(self._waiting) - self.log_factor, self._waiting[0][0]
        self._begin([item for _, item in self._waiting], stamp)
        self.jump, self.changed = jump, changed
        return True


def _systematic(observation: ScaleObservation) -> float:
    return observation.deviation if observation.systematic is None else observation.systematic


def _mean(waiting: list[tuple[int, ScaleObservation]]) -> float:
    return sum(item.log_factor for _, item in waiting) / len(waiting)
