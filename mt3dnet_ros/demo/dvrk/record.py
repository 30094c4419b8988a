"""What was seen of the rig: when each thing came, and of which image it was."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

SIDES = ('left', 'right')
MILLISECOND = 1e-6  # per nanosecond


@dataclass(frozen=True)
class Arrival:
    """Something that came.

    :param time: when, nanoseconds of the system's clock
    :param stamp: when its image was taken, by the same clock
    """

    time: int
    stamp: int


@dataclass(frozen=True)
class ArrivedPicture(Arrival):
    """A picture that came.

    :param data: as JPEG or PNG; empty where it was not kept
    :param filled: how much of it is not transparent, in a unit that is the same for all of one eye
    """

    data: bytes = b''
    filled: int = 1

    @property
    def is_empty(self) -> bool:
        """Whether it is fully transparent."""
        return not self.filled


@dataclass
class EyeRecord:
    """What came of one eye."""

    video: list[ArrivedPicture] = field(default_factory=list)
    overlay: list[ArrivedPicture] = field(default_factory=list)
    detections: list[Arrival] = field(default_factory=list)

    @property
    def shown(self) -> list[ArrivedPicture]:
        """The overlays that are not empty."""
        return [picture for picture in self.overlay if not picture.is_empty]

    def ages_at_the_end(self) -> np.ndarray:
        """Return how old each picture was when an empty one took its place, milliseconds since its capture."""
        changes = (pair for pair in pairwise(self.overlay) if pair[1].is_empty and not pair[0].is_empty)
        return np.array([MILLISECOND * (empty.time - shown.stamp) for shown, empty in changes])


@dataclass
class RigRecord:
    """What came of everything.

    :param display: what a display showed of both eyes, where there was one
    :param targets: that guidance took, each with the stamp of its image
    :param commands: when each came, nanoseconds
    :param states: of guidance, as it reported them
    """

    eyes: dict[str, EyeRecord] = field(default_factory=lambda: {side: EyeRecord() for side in SIDES})
    display: list[ArrivedPicture] = field(default_factory=list)
    targets: list[Arrival] = field(default_factory=list)
    commands: list[int] = field(default_factory=list)
    states: list[str] = field(default_factory=list)

    def command_latencies(self) -> np.ndarray:
        """Return the time from each image to the first command after its target was taken, milliseconds.

        A target whose successor comes before a command does has none: the arm was not moved by it.
        """
        found = []
        for target, following in zip(self.targets, [*self.targets[1:], None], strict=False):
            index = bisect_left(self.commands, target.time)
            if index < len(self.commands) and (following is None or self.commands[index] <= following.time):
                found.append(MILLISECOND * (self.commands[index] - target.stamp))
        return np.array(found)


def latencies(arrivals: Sequence[Arrival]) -> np.ndarray:
    """Return the time from each image to the first thing that came of it, milliseconds."""
    first: dict[int, int] = {}
    for arrival in arrivals:
        first.setdefault(arrival.stamp, arrival.time)
    return np.array([MILLISECOND * (time - stamp) for stamp, time in first.items()])


def newest_at(pictures: Sequence[ArrivedPicture], moment: int) -> ArrivedPicture | None:
    """Return the newest picture that had come at a moment.

    :param pictures: in the order in which they came
    :param moment: nanoseconds of the system's clock
    """
    index = bisect_right(pictures, moment, key=lambda picture: picture.time)
    return pictures[index - 1] if index else None
