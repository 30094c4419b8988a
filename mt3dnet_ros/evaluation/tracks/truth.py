"""The true instruments of a sequence, over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from mt3dnet_ros.perception.scene import Point


@dataclass(frozen=True)
class TrueInstruments:
    """What is truly in a frame.

    :param instances: (H, W) uint8 ids that stay the same all through the sequence, 0 for none
    :param types: class id of each instrument, by instance id
    :param tips: of the instruments whose tip is in view, by instance id; metres, optical frame
    :param velocities: of those of them whose velocity is known; metres per second
    """

    instances: np.ndarray
    types: Mapping[int, int]
    tips: Mapping[int, Point] = field(default_factory=dict)
    velocities: Mapping[int, Point] = field(default_factory=dict)


def velocities(tips: Sequence[Mapping[int, Point]], place: int, frame_time: float) -> dict[int, Point]:
    """Return the velocities of tips in a frame of a sequence, by central differences; none at either end.

    :param tips: of each frame, in view or not
    :param frame_time: seconds from one frame to the next
    """
    if not 0 < place < len(tips) - 1:
        return {}
    before, after = tips[place - 1], tips[place + 1]
    found = {}
    for number in before.keys() & after.keys():
        x, y, z = (np.subtract(after[number], before[number]) / (2.0 * frame_time)).tolist()
        found[number] = (x, y, z)
    return found
