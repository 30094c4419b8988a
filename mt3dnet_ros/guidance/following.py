"""Whether the arm follows its commands."""

from __future__ import annotations

from collections import deque

import numpy as np

WINDOW = 0.08  # seconds over which travel is compared
LEAST_TRAVEL = np.array([1.5e-3, 1.5e-3, 0.08e-3])  # radians and metres per window: less decides nothing
LEAST_SHARE = 0.25  # of the commanded travel
LARGEST_LAG = np.array([0.02, 0.02, 0.001])  # radians and metres that an arm may fall behind, however slowly


class FollowingMonitor:
    """Compares the travel that was commanded with the travel that was measured a little later.

    Travel, not position: a steady error of the arm's own control, such as that under gravity, is none of ours. How far
    the arm falls behind from its first position on is limited as well, which a slow motion would not show otherwise.

    :param period: between two notes, seconds
    :param response_time: after which the arm is expected to follow, seconds
    """

    def __init__(self, period: float, response_time: float) -> None:
        self._window = max(1, round(WINDOW / period))
        self._length = self._window + max(1, round(response_time / period)) + 1
        self._commanded: deque[np.ndarray] = deque(maxlen=self._length)
        self._measured: deque[np.ndarray] = deque(maxlen=self._length)
        self.forget()

    def forget(self) -> None:
        """Forget all positions, as after a motion by hand."""
        self._lag = self._first_lag = np.zeros(3)  # of the last and of the first note
        self._commanded.clear()
        self._measured.clear()

    def note(self, commanded: np.ndarray, measured: np.ndarray) -> None:
        """Take positions (3,) of yaw, pitch and insertion; commanded is the sum of what was commanded."""
        self._lag = commanded - measured
        if not self._commanded:
            self._first_lag = self._lag
        self._commanded.append(commanded)
        self._measured.append(measured)

    @property
    def frozen(self) -> bool:
        """Whether a commanded joint stands still: it moved too little for any delay up to the longest."""
        if np.any(np.abs(self._lag - self._first_lag) > LARGEST_LAG):
            return True
        if len(self._commanded) < self._length:
            return False
        commanded = np.stack(self._commanded)
        commanded_travel = commanded[self._window :] - commanded[: -self._window]  # (delays, 3)
        least_travel = np.abs(commanded_travel).min(axis=0)
        steady = np.abs(np.sign(commanded_travel).sum(axis=0)) == len(
            commanded_travel
        )  # an arm that turns round is moving
        measured_travel = (self._measured[-1] - self._measured[-1 - self._window]) * np.sign(commanded_travel[0])
        return bool(np.any(steady & (least_travel >= LEAST_TRAVEL) & (measured_travel < LEAST_SHARE * least_travel)))
