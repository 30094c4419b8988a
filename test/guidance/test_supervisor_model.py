"""All sequences of events to a depth of eight: the supervisor's states, beside a specification of them in words.

What the supervisor does depends on its state alone, so that sequences that lead to the same state, of it and of the
specification, are followed once. Times are whole numbers, which add without rounding.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace
from itertools import product

from mt3dnet_ros.guidance.reasons import Reason
from mt3dnet_ros.guidance.supervisor import State, Supervisor

DELAY, DEPTH = 3, 8
PROBLEMS = [
    (),
    (Reason.DEAD_MAN,),
    (Reason.NO_JOINTS,),
    (Reason.TOO_NEAR, Reason.ERROR),
    (Reason.PAUSED, Reason.STALE_DEPTH),
]
EVENTS = [True, False, *product((0, 1, DELAY), PROBLEMS)]  # enable, disable, or an update some time after the last


@dataclass(frozen=True)
class Specification:
    """What may be, by what has happened.

    :param allowed: someone has enabled, and nobody disabled, nor anything that latches since
    :param good_since: the first update since then, and since the last problem; None where there was none
    """

    allowed: bool = False
    latched: Reason | None = None
    good_since: int | None = None
    guiding: bool = False
    stops: int = 0

    def enabled(self, wanted: bool) -> Specification:
        restarts = wanted and not self.allowed
        return replace(
            self, allowed=wanted, latched=None, good_since=None if restarts or not wanted else self.good_since
        )

    def updated(self, now: int, problems: tuple[Reason, ...]) -> Specification:
        good = self.allowed and not problems
        good_since = (now if self.good_since is None else self.good_since) if good else None
        guiding = good_since is not None and now - good_since >= DELAY
        latching = [reason for reason in Reason if reason in problems and reason.latches] if self.allowed else []
        first = next((reason for reason in Reason if reason in problems), None)
        latched = first if latching and first in latching else None
        return Specification(
            allowed=self.allowed and latched is None,
            latched=latched or self.latched,
            good_since=good_since,
            guiding=guiding,
            stops=self.stops + (self.guiding and not guiding),
        )


def check(supervisor: Supervisor, specification: Specification, problems: tuple[Reason, ...]) -> None:
    """Check what must hold after an update."""
    assert (supervisor.state is State.GUIDING) == specification.guiding
    assert (supervisor.reason is None) == specification.guiding
    assert (supervisor.state is State.DISABLED) == (not specification.allowed)
    assert supervisor.stops.total() == specification.stops
    if not specification.allowed:
        assert supervisor.reason is (specification.latched or Reason.NOT_ENABLED)
    elif problems:
        assert supervisor.reason in problems
    elif not specification.guiding:
        assert supervisor.reason is Reason.SETTLING


def key(supervisor: Supervisor, specification: Specification, now: int) -> tuple:
    """Return what the future depends on; how long ago something was counts only as far as the delay."""

    def ago(since: int | None) -> int | None:
        return None if since is None else min(now - since, DELAY)

    ours = supervisor._enabled, supervisor._latched, ago(supervisor._good_since), supervisor.state
    return *ours, specification.allowed, specification.latched, ago(specification.good_since), specification.guiding


def test_every_sequence_of_events_does_what_the_specification_says() -> None:
    level, seen, steps = [(Supervisor(DELAY), Specification(), 0)], set(), 0
    for _ in range(DEPTH):
        following = []
        for (supervisor, specification, now), event in product(level, EVENTS):
            ours, steps, later = copy.deepcopy(supervisor), steps + 1, now
            if isinstance(event, bool):
                before = ours.state
                ours.enable(event)
                said = specification.enabled(event)
                assert ours.state is before, 'motion begins, or ends, with the next update'
            else:
                elapsed, problems = event
                later = now + elapsed
                moves = ours.update(later, problems)
                said = specification.updated(later, problems)
                assert moves == said.guiding
                check(ours, said, problems)
            if (found := key(ours, said, later)) not in seen:
                seen.add(found)
                following.append((ours, said, later))
        level = following
    assert steps > 250
    assert not level, 'no longer sequence leads anywhere else'
    assert {state for *_, state in ((entry[3],) for entry in seen)} == set(State)
