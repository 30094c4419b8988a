"""Where pictures come from: what videos, folders of images and capture devices have in common."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from mt3dnet_ros.errors import MT3DNetError

DEFAULT_RATE = 25.0
"""Pictures per second of a source that does not say."""

_MOST_REASONS = 20


class SourceError(MT3DNetError, OSError):
    """A source that cannot be opened or read."""


@dataclass(frozen=True)
class TimedImage:
    """A decoded picture.

    :param image: (H, W, 3) uint8, red first
    :param stamp: nanoseconds since the first picture of its source
    :param damaged: a part of it could not be decoded and is guessed
    """

    image: np.ndarray
    stamp: int
    damaged: bool = False


@dataclass
class FrameLosses:
    """What a source could not give, or not whole.

    :param damaged: pictures that were given though a part of them is guessed
    :param missing: pictures that were not given
    :param reasons: what was wrong, for people; the first ones
    """

    damaged: int = 0
    missing: int = 0
    reasons: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.damaged or self.missing)

    def __str__(self) -> str:
        counts = f'{self.missing} pictures missing, {self.damaged} damaged'
        return f'{counts} ({"; ".join(self.reasons)})' if self.reasons else counts

    def add(self, other: FrameLosses) -> None:
        """Count what another iteration lost."""
        self.damaged += other.damaged
        self.missing += other.missing
        for reason in other.reasons:
            self.add_reason(reason)

    def miss(self, count: int, reason: str) -> None:
        """Count pictures that were not given."""
        self.missing += count
        self.add_reason(reason)

    def damage(self, reason: str) -> None:
        """Count a picture that was given though a part of it is guessed."""
        self.damaged += 1
        self.add_reason(reason)

    def add_reason(self, reason: str) -> None:
        """Note what is wrong, once."""
        if reason not in self.reasons and len(self.reasons) < _MOST_REASONS:
            self.reasons.append(reason)


class FrameSource(Protocol):
    """Where pictures come from; each iteration starts at the first.

    ``size`` is width and height of the first in pixels; ``rate`` how many come in a second, where they come evenly;
    ``count`` how many the source announces, 0 where it does not; ``is_live`` says that they come at their own pace, and
    that an old one is worth nothing; ``losses`` is what the latest iteration could not give so far.
    """

    size: tuple[int, int]
    rate: float
    count: int
    is_live: bool
    losses: FrameLosses

    def __iter__(self) -> Iterator[TimedImage]:
        """Yield pictures with rising stamps; one that cannot be decoded is left out, and counted.

        :raises SourceError: the source cannot be read any more
        """
