"""The tip of an instrument over time, with its velocity."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from mt3dnet_ros.perception.scene import UNKNOWN, Point

TIP_CELLS, LASTING_CELLS = 0.6, 0.35
"""Standard deviations of a tip across the line of sight, in cells of the network's output: of the error that is another
one in every frame, and of that which lasts."""

WAVER, LASTING = 0.06, 0.2
"""Likewise of the logarithm of its depth, where its deviation is not less. What else that holds is the same all along.

These are larger than the network's errors in the median (0.07 and 0.4 cells; 0.02 and 0.04, rendered sequences), which
have long tails: by these the velocity errs least."""

_LASTS = np.array([0.8, 0.8, 1.5])  # seconds, time constant of errors that last, across (twice) and along
_AGILITY = np.array([5e-7, 1.5e-4])  # m^2/s^3: spectral density of the acceleration at rest and at work
_ALONG = np.array([1.0, 1.0, 0.1])  # of it, of each axis: depth is too unsure to tell more of motion along it
_STAYS = np.array([25.0, 0.35])  # seconds for which a tip rests, and moves, on average
_FIRST_SPEED = 0.03  # m/s, standard deviation before the second measurement
_GATE = 16.3  # of a chi-square of three axes, 99.9 %
_LOST_AFTER = 5  # measurements in a row outside of the gate, after which the filter begins anew
_PLACE, _RATE, _ERROR = 0, 1, 2  # what is estimated of every axis
_AXES = np.arange(3)
FORGOTTEN_AFTER = 0.5
"""Seconds without a measurement, after which nothing is known of a tip."""


class TipFilter:
    """A Kalman filter of constant velocity for one tip.

    It works along the line of sight and across, on column and row over depth and the logarithm of depth, (x / z, y / z,
    ln z): there the errors of the axes are independent, and depth errs by a share of itself (modified polar
    coordinates: Aidala and Hammel, IEEE Trans. Automatic Control 28(3), 1983). What is seen of a tip errs for some time
    in one direction: that error is estimated beside place and rate, as a first-order Gauss-Markov process, so that it
    is not taken for motion. Tools rest and move: two models of different agility run side by side and are mixed by how
    well each foretells the measurements (the interacting multiple model: Blom and Bar-Shalom, IEEE Trans. Automatic
    Control 33(8), 1988). A measurement outside of the gate counts less, as far as it is outside; where that lasts, the
    filter begins anew.
    """

    def __init__(self) -> None:
        self._stamp = 0
        self._systematic = math.nan
        self._forget()

    def _forget(self) -> None:
        self._state = np.zeros((2, 3, 3))  # model; axis; place, rate, error
        self._covariance = np.zeros((2, 3, 3, 3))
        self._share = np.array([0.5, 0.5])  # of each model
        self._lasting = np.zeros(3)  # variance of errors that last
        self._seen = self._outliers = 0

    def advance(self, stamp: int) -> None:
        """Foretell the tip at the time of a frame, nanoseconds."""
        elapsed, self._stamp = 1e-9 * (stamp - self._stamp), stamp
        if not self._seen:
            return
        if 1e-9 * (stamp - self._seen) > FORGOTTEN_AFTER:
            self._forget()
        elif elapsed > 0.0:
            self._mix(elapsed)
            self._predict(elapsed)

    def measure(self, tip: Point, cell_angle: float, deviation: float) -> None:
        """Take the tip that is seen in the frame of :meth:`advance`.

        :param tip: metres, optical frame, before the camera
        :param cell_angle: that a cell of the network's output covers, radians
        :param deviation: standard deviation of the logarithm of its depth; NaN where unknown
        """
        x, y, z = tip
        place = np.array([x / z, y / z, math.log(z)])
        passing = math.hypot(WAVER, LASTING)
        share = min(1.0, deviation / passing) if math.isfinite(deviation) else 1.0
        noise = np.square([TIP_CELLS * cell_angle, TIP_CELLS * cell_angle, share * WAVER])
        self._lasting = np.square([LASTING_CELLS * cell_angle, LASTING_CELLS * cell_angle, share * LASTING])
        self._systematic = math.sqrt(max(deviation**2 - (share * passing) ** 2, 0.0))  # NaN stays NaN
        if not self._seen or self._outliers >= _LOST_AFTER:
            self._begin(place, noise)
        else:
            self._correct(place, noise)
        self._seen = self._stamp

    def _begin(self, place: np.ndarray, noise: np.ndarray) -> None:
        lasting = self._lasting
        self._forget()
        self._lasting = lasting
        self._state[:, :, _PLACE] = place
        self._covariance[:, _AXES, _PLACE, _PLACE] = noise + lasting
        self._covariance[:, _AXES, _RATE, _RATE] = (_FIRST_SPEED / math.exp(place[2])) ** 2
        self._covariance[:, _AXES, _ERROR, _ERROR] = lasting
        self._covariance[:, _AXES, _PLACE, _ERROR] = self._covariance[:, _AXES, _ERROR, _PLACE] = -lasting

    def _mix(self, elapsed: float) -> None:
        """Let each model begin with what both said, by the chance that a tip has gone from one to the other."""
        into = _changes(elapsed) * self._share[:, None]
        self._share = into.sum(axis=0)
        weights = (into / self._share).T[:, :, None, None]  # (to, from, axis, estimate)
        mean = (weights * self._state).sum(axis=1)
        off = self._state - mean[:, None]
        spread = off[..., :, None] * off[..., None, :]
        self._covariance = (weights[..., None] * (self._covariance + spread)).sum(axis=1)
        self._state = mean

    def _predict(self, elapsed: float) -> None:
        step = _step(elapsed)
        density = (_AGILITY * np.exp(-2.0 * self._state[:, 2, _PLACE]))[:, None] * _ALONG  # of x / z, not of x
        self._state = (step @ self._state[..., None])[..., 0]
        self._covariance = step @ self._covariance @ step.swapaxes(1, 2)
        self._covariance[:, :, _PLACE, _PLACE] += density * elapsed**3 / 3.0
        self._covariance[:, :, _PLACE, _RATE] += density * elapsed**2 / 2.0
        self._covariance[:, :, _RATE, _PLACE] += density * elapsed**2 / 2.0
        self._covariance[:, :, _RATE, _RATE] += density * elapsed
        self._covariance[:, :, _ERROR, _ERROR] += self._lasting * (1.0 - step[:, _ERROR, _ERROR] ** 2)

    def _correct(self, place: np.ndarray, noise: np.ndarray) -> None:
        seen = self._covariance[..., _PLACE] + self._covariance[..., _ERROR]  # covariance with what is measured
        off = place - self._state[..., _PLACE] - self._state[..., _ERROR]
        foretold = seen[..., _PLACE] + seen[..., _ERROR]
        nearest = float((off**2 / (foretold + noise)).sum(axis=1).min())
        self._outliers = self._outliers + 1 if nearest > _GATE else 0
        total = foretold + noise * max(1.0, nearest / _GATE)
        likelihood = np.log(self._share) - 0.5 * (np.log(total) + off**2 / total).sum(axis=1)
        self._share = np.maximum(np.exp(likelihood - likelihood.max()), 1e-3)
        self._share /= self._share.sum()
        gain = seen / total[..., None]
        self._state = self._state + gain * off[..., None]
        self._covariance = self._covariance - gain[..., :, None] * seen[..., None, :]

    def read(self) -> tuple[Point, Point, tuple[float, ...]]:
        """Return tip and velocity, metres and metres per second, and their covariance, (36,) row by row.

        All are NaN, and the covariance is empty, where nothing is known; the covariance alone where depth's is not.
        """
        if not self._seen:
            return UNKNOWN, UNKNOWN, ()
        share = self._share[:, None, None]
        mean = (share * self._state).sum(axis=0)
        off = self._state - mean
        variance = (share[..., None] * (self._covariance + off[..., :, None] * off[..., None, :])).sum(axis=0)
        (u, v, log_depth), rates = mean[:, _PLACE], mean[:, _RATE]
        depth = math.exp(log_depth)
        tip = depth * np.array([u, v, 1.0])
        slopes = np.zeros((6, 6))
        across = slopes[:3, :3]
        across[0, 0] = across[1, 1] = depth
        across[:, 2] = tip
        velocity = across @ rates
        slopes[3:, 3:] = across
        slopes[3:, :3] = rates[2] * across
        slopes[3:, 2] = velocity
        inner = np.zeros((6, 6))
        inner[_AXES, _AXES] = variance[:, _PLACE, _PLACE]
        inner[_AXES, _AXES + 3] = inner[_AXES + 3, _AXES] = variance[:, _PLACE, _RATE]
        inner[_AXES + 3, _AXES + 3] = variance[:, _RATE, _RATE]
        together = np.concatenate([tip, velocity])
        covariance = slopes @ inner @ slopes.T + self._systematic**2 * together * together[:, None]
        known = math.isfinite(self._systematic)
        return _point(tip), _point(velocity), tuple(covariance.ravel().tolist()) if known else ()


@lru_cache(maxsize=8)  # all tips of a frame take the same step
def _changes(elapsed: float) -> np.ndarray:
    """Return the probabilities of going from each model, (2, 2), to each."""
    leaves = -np.expm1(-elapsed / _STAYS)
    return np.array([[1.0 - leaves[0], leaves[0]], [leaves[1], 1.0 - leaves[1]]])


@lru_cache(maxsize=8)
def _step(elapsed: float) -> np.ndarray:
    """Return what becomes of place, rate and error of each axis, (3, 3, 3)."""
    step = np.zeros((3, 3, 3))
    step[:, _PLACE, _PLACE] = step[:, _RATE, _RATE] = 1.0
    step[:, _PLACE, _RATE] = elapsed
    step[:, _ERROR, _ERROR] = np.exp(-elapsed / _LASTS)
    return step


def _point(values: np.ndarray) -> Point:
    x, y, z = values.tolist()
    return x, y, z
