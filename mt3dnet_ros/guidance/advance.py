"""Whether the camera may move in depth."""

from __future__ import annotations

from collections import Counter

from mt3dnet_ros.guidance.reasons import AdvanceReason


class AdvanceGate:
    """Closed while anything speaks against moving in depth, and until nothing has done so for a while.

    :param confirmation: that while, seconds
    """

    def __init__(self, confirmation: float) -> None:
        self._confirmation = confirmation
        self._good_since: float | None = None
        self.reason: AdvanceReason | None = AdvanceReason.CONFIRMING_SCALE
        self.stops: Counter[AdvanceReason] = Counter()  # how often each reason has closed it

    @property
    def is_open(self) -> bool:
        """Whether the camera may move in depth."""
        return self.reason is None

    def update(self, now: float, problem: AdvanceReason | None) -> None:
        """Take what speaks against it now.

        :param now: seconds
        """
        reason = problem or self._confirm(now)
        if problem:
            self._good_since = None
        if reason and self.is_open:
            self.stops[reason] += 1
        self.reason = reason

    def _confirm(self, now: float) -> AdvanceReason | None:
        if self._good_since is None or now < self._good_since:  # the latter where the clock was set back
            self._good_since = now
        return AdvanceReason.CONFIRMING_SCALE if now - self._good_since < self._confirmation else None
