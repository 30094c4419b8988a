"""The scale over time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from mt3dnet_ros.perception.scale.conflict import describe, describe_implausible, judge
from mt3dnet_ros.perception.scale.depth_scale import NORMAL_95, DepthScale, SupportingSource
from mt3dnet_ros.perception.scale.fusion import Fused, fuse, waver
from mt3dnet_ros.perception.scale.namesakes import Key, tell_apart
from mt3dnet_ros.perception.scale.observation import Rejection, ScaleObservation
from mt3dnet_ros.perception.scale.track import Reading, ScaleTrack

SUPPORT = 10.0
"""Seconds for which an observation supports the scale."""

_REMEMBERED = 600.0  # seconds after which a thing is forgotten; drift has taken its weight long before
_MOST_TRACKS = 16


class ScaleFilter:
    """Follows the scale of one stream by what all sources say.

    Each thing that a source measures has a track of its own (``ScaleTrack``), and what they all say now is fused with
    the network's own guess by how exact they are and by what their errors have in common (``fuse``). So frames average
    away what differs between frames, and nothing else: the scale is never surer than its sources deserve. Things that
    contradict each other are not averaged: some are believed (``judge``), and while nothing decides between them, the
    interval holds both. What measures the scale of single frames exactly is followed from frame to frame (``waver``).

    What nothing has supported for ``SUPPORT`` seconds is a guess: what was seen before still counts, less and less.

    ``believed`` are the observations of the last frame on which the scale rests.
    """

    def __init__(self) -> None:
        self._tracks: dict[Key, ScaleTrack] = {}
        self._trusted: frozenset[Key] = frozenset()
        self._stamp = 0
        self.believed: tuple[ScaleObservation, ...] = ()

    def update(self, found: list[ScaleObservation | Rejection], stamp: int, network_deviation: float) -> DepthScale:
        """Take what the sources say of a frame and return the scale.

        :param stamp: of the frame, nanoseconds; 0 where unknown: the frame stands alone
        :param network_deviation: of the logarithm of the network's own scale; NaN where unknown
        """
        if not stamp:
            alone = ScaleFilter()
            scale = alone._advance(found, 0, network_deviation)
            self.believed = alone.believed
            return scale
        if stamp < self._stamp:
            self.forget()
        return self._advance(found, stamp, network_deviation)

    def forget(self) -> None:
        """Forget the frames before."""
        self._tracks.clear()
        self._trusted = frozenset()
        self._stamp = 0

    def _advance(
        self, found: Sequence[ScaleObservation | Rejection], stamp: int, network_deviation: float
    ) -> DepthScale:
        self._stamp = stamp
        rejections = [item for item in found if isinstance(item, Rejection)]
        observations = [item for item in found if isinstance(item, ScaleObservation)]
        known = {name: track.log_factor for name, track in self._tracks.items()}
        told = tell_apart(observations, known)
        rejections += [_outlier(item) for name, item in told if not self._add(name, item, stamp)]
        self._drop_old(stamp)
        scale = self._fused(stamp, network_deviation)
        faults = dict.fromkeys(f'{item.source}: {item.reason}' for item in rejections if item.is_fault)
        return replace(scale, conflicts=(*scale.conflicts, *faults), rejections=tuple(rejections))

    def _add(self, name: Key, observation: ScaleObservation, stamp: int) -> bool:
        """Give an observation to the track of its thing; return whether it is believed."""
        track = self._tracks.get(name)
        if track is None:
            self._tracks[name] = ScaleTrack(name, observation, stamp)
            return True
        believed = track.add(observation, stamp)
        if believed and track.jump:
            for other in self._tracks.values():
                if other.stamp < track.changed:
                    other.doubt(track.jump)
        return believed

    def _fused(self, stamp: int, network_deviation: float) -> DepthScale:
        self.believed = ()
        readings = [track.read(stamp) for track in self._tracks.values()]
        if not readings:
            return DepthScale(deviation=network_deviation)
        judged = _to_be_judged(readings)
        verdict = judge(judged, self._trusted)
        self._trusted = frozenset(reading.key for reading in verdict.believed)
        rests_on = [*verdict.believed, *_agreeing(readings, verdict.believed, judged)]
        self.believed = tuple(reading.newest for reading in rests_on if not reading.age)
        fused = fuse(rests_on, network_deviation)
        deviation = fused.deviation if verdict.decided else _wide_enough(fused, verdict.doubted)
        conflicts = *describe(verdict), *describe_implausible(verdict.believed, network_deviation)
        sources = _sources([reading for reading in rests_on if reading.age <= SUPPORT])
        of_frame = waver(rests_on) if stamp and sources else Fused(0.0, 0.0)
        factor, deviation = math.exp(fused.log_factor + of_frame.log_factor), math.hypot(deviation, of_frame.deviation)
        return DepthScale(factor, deviation, sources, conflicts)

    def _drop_old(self, stamp: int) -> None:
        """Forget tracks that no longer say anything, and the oldest where there are too many."""
        latest = sorted(self._tracks.items(), key=lambda item: -item[1].stamp)[:_MOST_TRACKS]
        self._tracks = {name: track for name, track in latest if 1e-9 * (stamp - track.stamp) <= _REMEMBERED}


def _to_be_judged(readings: list[Reading]) -> list[Reading]:
    """Return what is recent and proven; where nothing is, what is recent; where nothing is, all."""
    recent = [reading for reading in readings if reading.age <= SUPPORT] or readings
    return [reading for reading in recent if reading.is_proven] or recent


def _agreeing(readings: list[Reading], believed: list[Reading], judged: list[Reading]) -> list[Reading]:
    """Return those that are too old or too new to be judged, and agree with what is believed."""
    others = [reading for reading in readings if not any(reading is item for item in judged)]
    return [reading for reading in others if not judge([reading, *believed]).doubted]


def _outlier(observation: ScaleObservation) -> Rejection:
    reason = f'says x{observation.factor:.2f}, far from what it said before; believed only if it stays there'
    return Rejection(observation.source, reason, observation.of)


def _sources(readings: Sequence[Reading]) -> tuple[SupportingSource, ...]:
    """Return what the scale rests on, the most exact first."""
    return tuple(
        SupportingSource(
            reading.key.source, reading.newest.factor, reading.newest.deviation, reading.age, reading.key.of
        )
        for reading in sorted(readings, key=lambda reading: reading.variance)
    )


def _wide_enough(fused: Fused, doubted: Sequence[Reading]) -> float:
    """Return a deviation whose 95 % interval holds those of all that is doubted."""
    return max(
        fused.deviation,
        *(abs(reading.log_factor - fused.log_factor) / NORMAL_95 + reading.variance**0.5 for reading in doubted),
    )
