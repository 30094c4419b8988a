"""Where each line of a picture, followed from a border inwards, first shows something else than the surround."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mt3dnet_ros.perception.surround.level import Level

SIDES = ('left', 'right', 'top', 'bottom')
_DEPTH_OF_EDGE = 2  # places inwards within which the edge of a view is over: light that falls off takes longer


@dataclass(frozen=True)
class Profile:
    """What is met on the way inwards from one side.

    :param first: (n,) for each line the place of the first sample that is no surround; ``length`` where all are
    :param plain: (n,) whether the picture is plainly there within two samples of it
    :param length: of a line, in samples
    """

    first: np.ndarray
    plain: np.ndarray
    length: int

    @property
    def inside(self) -> np.ndarray:
        """Whether a line begins with surround and ends it plainly, (n,)."""
        return self.plain & (self.first > 0) & (self.first < self.length)


def from_side(values: np.ndarray, side: str) -> np.ndarray:
    """Return a view of (H, W, ...) whose rows lead inwards, one line of the picture per row."""
    along = values.swapaxes(0, 1) if side in ('top', 'bottom') else values
    return along[:, ::-1] if side in ('right', 'bottom') else along


def profile(grey: np.ndarray, level: Level, edge: int = _DEPTH_OF_EDGE) -> Profile:
    """Follow each row of (n, m) uint8 from its begin.

    :param edge: samples within which the edge of a view is over
    """
    shown, rows = level.shows(grey), np.arange(len(grey))
    first = shown.argmax(axis=1)
    first[~shown[rows, first]] = grey.shape[1]
    ahead = np.minimum(first[:, None] + np.arange(1, edge + 1), grey.shape[1] - 1)
    plain = np.logical_or.reduce(level.shows_plainly(grey[rows[:, None], ahead]), axis=1)
    return Profile(first, plain, grey.shape[1])
