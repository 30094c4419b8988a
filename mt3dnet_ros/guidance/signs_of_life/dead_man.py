"""The dead-man switch: what all that publish it say, and whether they still live."""

from __future__ import annotations

from collections.abc import Hashable, Set
from dataclasses import dataclass

from mt3dnet_ros.guidance.reasons import Reason
from mt3dnet_ros.guidance.signs_of_life.heartbeat import Heartbeat

OWN, TOPIC, LIVELINESS, NONE = HEARTBEATS = ('dead_man', 'topic', 'liveliness', 'none')
"""What tells that the switch lives: its own messages, those of another topic, the middleware, or nothing."""


@dataclass
class _Word:
    """What one publisher said last, and the beat of its messages."""

    pressed: bool
    heart: Heartbeat


class DeadManSwitch:
    """Pressed while every publisher that has spoken says so: one that says released wins, whoever it is.

    A switch whose process has died says nothing any more, and would stay pressed. So it counts only while there is a
    sign that it lives, of the kind ``heartbeat``.

    :param heartbeat: of ``HEARTBEATS``
    :param timeout: the longest time between two signs of life, seconds
    """

    def __init__(self, heartbeat: str, timeout: float) -> None:
        self._heartbeat = heartbeat
        self._timeout = timeout
        self._words: dict[Hashable, _Word] = {}
        self._beside = Heartbeat(timeout)
        self._alive = False  # as the middleware says

    @property
    def pressed(self) -> bool:
        """Whether all that have spoken say so."""
        return bool(self._words) and all(word.pressed for word in self._words.values())

    def take(self, pressed: bool, now: float, publisher: Hashable = None) -> None:
        """Take what a publisher says.

        :param now: seconds
        """
        word = self._words.setdefault(publisher, _Word(pressed, Heartbeat(self._timeout)))
        word.pressed = pressed
        word.heart.beat(now)

    def beat(self, now: float) -> None:
        """Note a sign of life that comes beside the switch's own messages.

        :param now: seconds
        """
        self._beside.beat(now)

    def note_liveliness(self, alive: bool) -> None:
        """Note whether all publishers live, as the middleware says."""
        self._alive = alive

    def keep(self, publishers: Set[Hashable]) -> None:
        """Forget what others than these said; what came from one that cannot be told, once there is none."""
        known = {*publishers, None} if publishers else set()
        self._words = {publisher: word for publisher, word in self._words.items() if publisher in known}

    def forget(self) -> None:
        """Forget all that was said, and every sign of life but the middleware's, which comes only when it changes."""
        self._words.clear()
        self._beside.forget()

    def problem(self, now: float) -> Reason | None:
        """Return why the switch does not let the camera move; None where it does.

        :param now: seconds
        """
        if not self.pressed:
            return Reason.DEAD_MAN
        return None if self._lives(now) else Reason.SILENT_DEAD_MAN

    def _lives(self, now: float) -> bool:
        if self._heartbeat == OWN:
            return all(word.heart.lives(now) for word in self._words.values())
        if self._heartbeat == TOPIC:
            return self._beside.lives(now)
        return self._heartbeat == NONE or self._alive
