"""From the instruments of single frames to instruments over time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import count

import numpy as np

from mt3dnet_ros.perception.instruments.naming import Naming
from mt3dnet_ros.perception.scene import Track, Tracks
from mt3dnet_ros.perception.tracks.assignment import assign
from mt3dnet_ros.perception.tracks.followed import FollowedInstrument
from mt3dnet_ros.perception.tracks.likeness import areas, common_cells, joined, likeness
from mt3dnet_ros.perception.tracks.view import Appearance, InstrumentView, read_appearances

_LEAST_LIKENESS = 0.0  # of what goes on
_LONGEST_JOINED = 1.0  # seconds for which several that are seen as one stay themselves, unseen
_LEAST_LIKENESS_AGAIN = -4.0  # of what comes again: while an instrument is away, what appears is most likely that one


class Tracker:
    """Follows the instruments of one stream.

    The instruments of a frame are given to those that are followed so that all together look most alike (``likeness``);
    what is left begins anew. What has been seen in three frames is proven: it gets an id, or takes that of an
    instrument that was away and that it looks like. Ids count on over all streams and are never given twice.

    :param classes: names by id, background first
    """

    def __init__(self, classes: Sequence[str]) -> None:
        self._classes = tuple(classes)
        self._followed: list[FollowedInstrument] = []
        self._ids = count(1)
        self._ended: list[int] = []  # since the last frame

    def __call__(self, view: InstrumentView, stamp: int, memory: float, naming: Naming) -> Tracks:
        """Take the next frame of the stream and return the tracks.

        :param stamp: of the frame, nanoseconds, not before that of the last; 0 where unknown: it has no tracks
        :param memory: seconds for which an instrument that is not seen keeps its id; 0 follows none
        :param naming: when an instrument is called by its most probable type
        """
        if not stamp or not memory:
            self.forget()
            return Tracks()
        self._end_old(stamp, memory)
        for followed in self._followed:
            followed.tip.advance(stamp)
        seen = self._associate(read_appearances(view), view.ids, stamp)
        self._measure_tips(seen, view.cell_angle, stamp)
        born = self._prove(view.ids, stamp)
        ended, self._ended = tuple(self._ended), []
        living = tuple(self._track(item, stamp, naming) for item in self._followed if item.id)
        return Tracks(tuple(sorted(living, key=lambda track: track.id)), born, ended)

    def forget(self) -> None:
        """End all tracks: a new stream begins."""
        self._ended += [followed.id for followed in self._followed if followed.id]
        self._followed.clear()

    def _end_old(self, stamp: int, memory: float) -> None:
        over = [followed for followed in self._followed if followed.is_over(stamp, memory)]
        self._ended += [followed.id for followed in over if followed.id]
        self._followed = [followed for followed in self._followed if followed not in over]

    def _associate(self, appearances: list[Appearance], ids: np.ndarray, stamp: int) -> list[FollowedInstrument]:
        """Give the appearances of a frame to instruments, known ones or new ones; return those that are seen."""
        present = [followed for followed in self._followed if followed.is_present(stamp)]
        known = [followed.memory(stamp) for followed in present]
        common = common_cells(known, appearances, ids)
        together = joined(common, areas(item.last for item in known), areas(appearances))
        together &= np.array([[item.unseen <= _LONGEST_JOINED] for item in known], bool).reshape(-1, 1)
        alike = np.where(together.any(axis=0), -np.inf, likeness(known, appearances, ids, common))
        pairs = assign(alike, _LEAST_LIKENESS)
        for place, number in pairs.items():
            present[place].follow(appearances[number], stamp)
        for row in np.flatnonzero(together.any(axis=1)):
            present[row].joined = stamp
        taken = {*pairs.values(), *np.flatnonzero(together.any(axis=0)).tolist()}
        new = [FollowedInstrument(now, stamp) for number, now in enumerate(appearances) if number not in taken]
        self._followed += new
        return [*(present[place] for place in pairs), *new]

    def _measure_tips(self, seen: list[FollowedInstrument], cell_angle: float, stamp: int) -> None:
        for followed in seen:
            detection = followed.last.detection
            distance = math.hypot(*detection.tip)
            if distance > 0.0 and math.isfinite(cell_angle):  # nor NaN
                followed.tip.advance(stamp)
                followed.tip.measure(detection.tip, cell_angle, detection.position_deviation / distance)

    def _prove(self, ids: np.ndarray, stamp: int) -> tuple[int, ...]:
        """Give ids to those that have just been proven, and return the new ones among them."""
        proven = [item for item in self._followed if item.is_proven and not item.id and item.seen == stamp]
        away = [item for item in self._followed if item.id and item.unseen(stamp) > 0.0]
        known, seen = [item.memory(stamp) for item in away], [item.last for item in proven]
        alike = likeness(known, seen, ids, common_cells(known, seen, ids))
        again = assign(alike, _LEAST_LIKENESS_AGAIN)
        for place, number in again.items():
            away[place].absorb(proven[number])
        gone = [proven[number] for number in again.values()]
        self._followed = [item for item in self._followed if item not in gone]
        new = [item for k, item in enumerate(proven) if k not in again.values()]
        for item in new:
            item.id = next(self._ids)
        return tuple(item.id for item in new)

    def _track(self, followed: FollowedInstrument, stamp: int, naming: Naming) -> Track:
        types = followed.vote.probabilities
        best = int(types.argmax())
        class_id = naming(best + 1, float(types[best]))
        seen = followed.seen == stamp
        tip, velocity, covariance = followed.tip.read()
        return Track(
            followed.id,
            class_id,
            self._classes[class_id],
            float(types[best]),
            1e-9 * (stamp - followed.born),
            followed.unseen(stamp),
            followed.last.detection.instance_id if seen else -1,
            tip,
            velocity,
            covariance,
        )
