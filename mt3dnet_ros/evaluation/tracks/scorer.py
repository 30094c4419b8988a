"""Tracks of a network on sequences, compared with the true instruments."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple, Protocol, runtime_checkable

import numpy as np

from mt3dnet_ros.datasets.frames import IGNORED, FrameSet
from mt3dnet_ros.datasets.sequences import find_sequences
from mt3dnet_ros.evaluation.class_map import ClassMap
from mt3dnet_ros.evaluation.observation import Observation, Scorer
from mt3dnet_ros.evaluation.order import frame_time_of
from mt3dnet_ros.evaluation.report import Section
from mt3dnet_ros.evaluation.tracks.tally import ComparedTracks, TrackTally, compare_frame
from mt3dnet_ros.evaluation.tracks.truth import TrueInstruments, velocities
from mt3dnet_ros.perception.scene import Detection, Point

_NOTE = (
    'Masks that overlap by an IoU of 0.5 or more are one instrument; true ones of less than 1 % of the picture need '
    'not be found. `type_right*` are of instruments found, all of them named. Tips are compared where they are in '
    'view, and velocities with the central differences of the true ones.'
)


@runtime_checkable
class KnowsTips(Protocol):
    """A data set that knows where tips are."""

    def tips(self, index: int) -> dict[int, Point]:
        """Return the tips of a frame by instance id, also hidden ones; metres, optical frame."""

    def visible_tips(self, index: int) -> dict[int, Point]:
        """Return those of them that are seen."""


class _NextFrame(NamedTuple):
    """A frame with tracks, and whether it follows the one before."""

    compared: ComparedTracks
    follows: bool


class TracksScorer(Scorer[_NextFrame]):
    """Metrics of tracking over the sequences of a data set whose instance ids stay the same all through a sequence.

    :param frames: of the data set
    :param classes: from the network's classes to those of the data set; None where the data set has no types
    """

    def __init__(self, frames: FrameSet, classes: ClassMap | None) -> None:
        self._frames = frames
        self._classes = classes
        self._seconds = 1e-9 * frame_time_of(frames)
        self._places = {
            index: (sequence.indices, place)
            for sequence in find_sequences(frames.names)
            for place, index in enumerate(sequence.indices)
        }
        self._tally = TrackTally()

    def measure(self, observation: Observation) -> _NextFrame | None:
        """Compare the next frame; None of one without tracks, or without true instances and types."""
        frame, tracked = observation.frame, observation.tracked
        if tracked is None or tracked.tracks is None or tracked.instances is None or self._classes is None:
            return None
        if frame.instances is None or frame.types is None:
            return None
        truth = self._truth(observation.step.frame, frame.instances, frame.types)
        detections = [self._in_data_set(item, self._classes) for item in tracked.detections or ()]
        compared = compare_frame(truth, detections, tracked.instances, tracked.tracks.living)
        return _NextFrame(compared, observation.step.follows)

    def add(self, measured: _NextFrame) -> None:
        """Add the next frame."""
        if not measured.follows:
            self._tally.end_sequence()
        self._tally.add_frame(measured.compared, self._seconds)

    def section(self) -> Section:
        """Return the section ``tracks``."""
        section = Section('tracks', 'Tracks')
        if self._tally.is_empty:
            section.skipped = 'no consecutive frames with true instances and types; take a data set of sequences'
            return section
        section.metrics = self._tally.metrics()
        section.notes = [_NOTE]
        return section

    def _truth(self, index: int, instances: np.ndarray, types: np.ndarray) -> TrueInstruments:
        ids = [int(number) for number in np.unique(instances) if number]
        classes = {number: _type_of(types[instances == number]) for number in ids}
        if not isinstance(self._frames, KnowsTips) or index not in self._places:
            return TrueInstruments(instances, classes)
        indices, place = self._places[index]
        around = [self._frames.tips(indices[k]) for k in range(max(0, place - 1), min(len(indices), place + 2))]
        moving = velocities(around, 1, self._seconds) if len(around) == 3 else {}
        return TrueInstruments(instances, classes, self._frames.visible_tips(index), moving)

    def _in_data_set(self, found: Detection, classes: ClassMap) -> Detection:
        """Return a detection with the classes of the data set, its scores included."""
        scores = np.zeros(256)
        for class_id, score in enumerate(found.class_scores, start=1):
            scores[classes.table[class_id]] = max(scores[classes.table[class_id]], score)
        return replace(found, class_id=int(classes.table[found.class_id]), class_scores=tuple(scores[1:].tolist()))


def _type_of(types: np.ndarray) -> int:
    votes = np.bincount(types, minlength=256)
    votes[[0, IGNORED]] = 0
    return int(votes.argmax())
