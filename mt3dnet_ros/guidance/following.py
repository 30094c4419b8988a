"""Whether the arm follows its commands."""

from __future__ import annotations

from collections import deque

import numpy as np

WINDOW = 0.08  # seconds over which travel is compared
LEAST_TRAVEL = np.array([1.5e-3, 1.5e-3, 0.08e-3])  # radians and metres per window: less decides nothing
LEAST_SHARE = 0.25  # of the commanded travel
LARGEST_LAG = np.array([0.02, 0.02, 0.001])  # radians and metres that an arm may fall behind, however slowly
LONGEST_PAUSE = 0.1  # seconds between two measurements that count as a pause of what measures
_ORDINARY = 3.0  # times the usual time between two measurements, up to which it is no pause
_GAPS = 15  # of which that is the median
_ROUNDING = 1e-6  # seconds


class FollowingMonitor:
    """Compares the travel that was commanded with the travel that was measured a little later.

    Travel, not position: a steady error of the arm's own control, such as that under gravity, is none of ours. How far
    the arm falls behind from its first position on is limited as well, which a slow motion would not show otherwise.

    Time is that of the measurements, by their own stamps: while none is made, nothing can be judged. A pause between
    two of them, up to the longest one, counts as the usual time between two: the commands have gone on meanwhile, and
    the arm has not.

    :param response_time: after which the arm is expected to follow, seconds
    :param window: over which travel is compared, seconds
    :param longest_pause: seconds
    """

    def __init__(self, response_time: float, window: float = WINDOW, longest_pause: float = LONGEST_PAUSE) -> None:
        self._response_time, self._window, self._longest_pause = response_time, window, longest_pause
        self._notes: deque[tuple[float, np.ndarray, np.ndarray]] = deque()  # time, commanded, measured
        self._gaps: deque[float] = deque(maxlen=_GAPS)  # seconds between the last measurements, pauses included
        self.forget()

    def forget(self) -> None:
        """Forget all positions, as after a motion by hand."""
        self._lag = self._first_lag = np.zeros(3)  # of the last and of the first note
        self._notes.clear()
        self._stamp = float('-inf')  # of the last measurement
        self._time = 0.0  # since the first one, pauses left out

    def note(self, commanded: np.ndarray, measured: np.ndarray, stamp: float) -> None:
        """Take positions (3,) of yaw, pitch and insertion; commanded is the sum of what was commanded.

        :param stamp: of the measurement, seconds; one that is no later than the last tells nothing new
        """
        self._lag = commanded - measured
        if not self._notes:
            self._first_lag = self._lag
        elif stamp <= self._stamp:
            return
        else:
            self._time += self._counted(stamp - self._stamp)
        self._stamp = stamp
        self._notes.append((self._time, commanded, measured))
        while len(self._notes) > 1 and self._notes[1][0] <= self._time - self._span:
            self._notes.popleft()

    @property
    def _span(self) -> float:
        return self._window + self._response_time - _ROUNDING

    def _counted(self, gap: float) -> float:
        """Return how much of the seconds between two measurements counts."""
        usual = sorted(self._gaps)[len(self._gaps) // 2] if self._gaps else gap
        self._gaps.append(gap)
        is_pause = _ORDINARY * usual + _ROUNDING < gap <= self._longest_pause + _ROUNDING
        return usual if is_pause else gap

    @property
    def frozen(self) -> bool:
        """Whether a commanded joint stands still: it moved too little for any delay up to the longest."""
        if np.any(np.abs(self._lag - self._first_lag) > LARGEST_LAG):
            return True
        if not self._notes or self._notes[0][0] > self._time - self._span:
            return False
        times, commanded, measured = (np.array(column) for column in zip(*self._notes, strict=True))
        ends = np.flatnonzero(times >= times[-1] - self._response_time - _ROUNDING)
        latest = np.searchsorted(times, times[ends] - self._window + _ROUNDING, side='right') - 1
        begins = np.maximum(latest, 0)
        commanded_travel = commanded[ends] - commanded[begins]  # (delays, 3)
        least_travel = np.abs(commanded_travel).min(axis=0)
        steady = np.abs(np.sign(commanded_travel).sum(axis=0)) == len(ends)  # an arm that turns round is moving
        measured_travel = (measured[-1] - measured[begins[-1]]) * np.sign(commanded_travel[0])
        return bool(np.any(steady & (least_travel >= LEAST_TRAVEL) & (measured_travel < LEAST_SHARE * least_travel)))
