"""What an arm says of itself, after CRTK: whether it is enabled, and homed."""

from __future__ import annotations

from collections.abc import Hashable, Set
from dataclasses import dataclass

from mt3dnet_ros.guidance.signs_of_life.last_words import LastWords

REQUIRED, IF_PUBLISHED, IGNORED = STATE_POLICIES = ('required', 'if_published', 'ignored')
"""Whether an arm must say that it is ready: always, where it says anything of itself, or never."""
ENABLED = 'ENABLED'


@dataclass(frozen=True)
class OperatingState:
    """The state of an arm.

    :param name: such as ``DISABLED``, ``ENABLED``, ``PAUSED`` or ``FAULT``
    """

    name: str
    is_homed: bool

    @property
    def objection(self) -> str:
        """Why the arm cannot move, in words; empty where it can."""
        wrong = [] if self.name == ENABLED else [f'{self.name or "nothing"}, not {ENABLED}']
        return ', and '.join([*wrong, *([] if self.is_homed else ['not homed'])])


class ReadyArm:
    """An arm that is ready while every publisher of its state has said so.

    A state is told once, at each change, and holds as long as its publisher is there: what publishes it no more says
    nothing any more.

    :param policy: of ``STATE_POLICIES``
    :param topic: by which it is named in words
    """

    def __init__(self, policy: str, topic: str) -> None:
        self._policy = policy
        self._topic = topic
        self._said: LastWords[OperatingState] = LastWords()
        self.unreadable = ''  # why what is published cannot be read

    def take(self, state: OperatingState, publisher: Hashable = None) -> None:
        """Take what a publisher says."""
        self._said.take(state, publisher)

    def keep(self, publishers: Set[Hashable]) -> None:
        """Note who publishes it, and forget what others said."""
        self._said.keep(publishers)

    @property
    def objection(self) -> str:
        """Why the arm must not be commanded, in words with what to do; empty where it may be."""
        if self._policy == IGNORED:
            return ''
        if not self._said.publishers:
            return '' if self._policy == IF_PUBLISHED else self._silence
        if self.unreadable:
            return f'{self._topic} cannot be read: {self.unreadable}'
        if self._said.silent:
            return f'{self._topic} has told nothing yet'
        wrong = [state.objection for state in self._said.words if state.objection]
        return f'{self._topic} says {"; ".join(wrong)}: enable and home the arm' if wrong else ''

    @property
    def _silence(self) -> str:
        return (
            f'nobody publishes {self._topic}: start the arm, set dvrk.arm, or, for an arm that has no such topic, set '
            f'dvrk.operating_state to {IF_PUBLISHED}'
        )

    @property
    def text(self) -> str:
        """What it says, for people."""
        said = [f'{state.name}, {"homed" if state.is_homed else "not homed"}' for state in self._said.words]
        return '; '.join(said) or 'unknown'
