"""How long things are measured, and with which network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from speed.tables import BACK_ENDS

T = TypeVar('T')


@dataclass(frozen=True)
class Conditions:
    """How long things are measured, and with which network.

    :param seconds: of a running node, per case; its stages are medians of the last 5 s
    :param settle: seconds before
    :param frames: in one process, per case
    :param turns: of networks that are compared
    :param warm_up: turns before those, which are not counted
    :param starts: of a node, per case
    :param coarse: of a curve only the ends
    :param checkpoint: file of the network; empty for the one that ships
    :param back_ends: that are measured, the one that is taken by default first
    """

    seconds: float = 7.0
    settle: float = 2.0
    frames: int = 30
    turns: int = 5
    warm_up: int = 1
    starts: int = 2
    coarse: bool = False
    checkpoint: str = ''
    back_ends: Sequence[str] = BACK_ENDS

    def of(self, points: Sequence[T]) -> Sequence[T]:
        """Return the points of a curve that are measured."""
        return (points[0], points[-1]) if self.coarse else points

    def parameters(self, **others: str) -> dict[str, str]:
        """Return parameters of the node, as ROS arguments write them, with the network's file among them."""
        quoted = self.checkpoint.replace("'", "''")
        return {'checkpoint': f"'{quoted}'", **others}


FULL = Conditions()
QUICK = Conditions(seconds=1.5, settle=0.3, frames=2, turns=1, warm_up=0, starts=1, coarse=True)
