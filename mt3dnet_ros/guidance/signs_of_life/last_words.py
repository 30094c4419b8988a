"""What each publisher of a topic said last, as long as it is there."""

from __future__ import annotations

from collections.abc import Hashable, Set
from typing import Generic, TypeVar

T = TypeVar('T')


class LastWords(Generic[T]):
    """The last word of every publisher, for words that are said once and hold until the next one.

    None is a publisher that cannot be told from others: its word holds while there is any.
    """

    def __init__(self) -> None:
        self._words: dict[Hashable, T] = {}
        self._seen: set[Hashable] = set()
        self.publishers: Set[Hashable] = frozenset()  # that are there

    def take(self, word: T, publisher: Hashable = None) -> None:
        """Take what a publisher says."""
        self._words[publisher] = word

    def keep(self, publishers: Set[Hashable]) -> None:
        """Note who is there, and forget what those said who are not any more; a word may come before its publisher."""
        self.publishers = publishers
        gone = self._seen - publishers if publishers else {*self._seen, *self._words}
        self._seen = (self._seen | publishers) - gone
        for publisher in gone:
            self._words.pop(publisher, None)

    @property
    def silent(self) -> bool:
        """Whether one that is there has said nothing yet."""
        return not self._words or (None not in self._words and bool(self.publishers - self._words.keys()))

    @property
    def words(self) -> tuple[T, ...]:
        """What was said."""
        return tuple(self._words.values())
