"""Tracks compared with true instruments, frame by frame."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from mt3dnet_ros.evaluation.report import Metric
from mt3dnet_ros.evaluation.tracks.truth import TrueInstruments
from mt3dnet_ros.metrics.tracking.clear_mot import ClearCounts, clear_mot
from mt3dnet_ros.metrics.tracking.hota import ALPHAS, HotaCounts, hota
from mt3dnet_ros.metrics.tracking.identity import IdentityCounts, identity
from mt3dnet_ros.metrics.tracking.sequence import TrackedFrame, TrackedSequence
from mt3dnet_ros.perception.scene import Detection, Point, Track

LEAST_IOU = 0.5
_LEAST_AREA = 0.01  # of the picture: less of an instrument in view need not be found, and is no false alarm
_MINUTE = 60.0  # seconds
_NOTHING = np.zeros(len(ALPHAS))


class FoundInstrument(NamedTuple):
    """A true instrument that was found: its track, its classes, and errors of its tip by name, metres or per second."""

    track: int
    true_class: int
    class_id: int
    class_by_itself: int
    errors: Mapping[str, float]


class ComparedTracks(NamedTuple):
    """What counts of one frame, without its pixels."""

    tracked: TrackedFrame
    found: Sequence[FoundInstrument]


def compare_frame(
    truth: TrueInstruments, detections: Sequence[Detection], instances: np.ndarray, tracks: Sequence[Track]
) -> ComparedTracks:
    """Compare the tracks of a frame with the true instruments; see ``TrackTally.add``."""
    followed = {track.id: track for track in tracks}
    found = [item for item in detections if item.track_id in followed and item.instance_id > 0]
    true_ids, overlaps = instance_overlaps(truth.instances, instances, [item.instance_id for item in found])
    large = _areas(truth.instances, true_ids) >= _LEAST_AREA * truth.instances.size
    counted = np.array([not (overlaps[~large, k] >= LEAST_IOU).any() for k in range(len(found))], bool)
    true_ids, overlaps = true_ids[large], overlaps[large][:, counted]
    found = [item for item, counts in zip(found, counted, strict=True) if counts]
    tracked = TrackedFrame(true_ids.tolist(), [item.track_id for item in found], overlaps)
    pairs = zip(*np.nonzero(overlaps >= LEAST_IOU), strict=True)
    compared = [_compare(truth, int(true_ids[row]), found[column], followed) for row, column in pairs]
    return ComparedTracks(tracked, compared)


def _compare(truth: TrueInstruments, true_id: int, found: Detection, followed: Mapping[int, Track]) -> FoundInstrument:
    track, errors = followed[found.track_id], {}
    if true_id in truth.tips and _is_known(track.tip):
        errors['tip'] = math.dist(track.tip, truth.tips[true_id])
        if _is_known(found.tip):
            errors['tip_frame'] = math.dist(found.tip, truth.tips[true_id])
        if true_id in truth.velocities:
            errors['velocity'] = math.dist(track.tip_velocity, truth.velocities[true_id])
            errors['speed'] = math.hypot(*truth.velocities[true_id])
    by_itself = int(np.argmax(found.class_scores)) + 1
    return FoundInstrument(track.id, truth.types[true_id], found.class_id, by_itself, errors)


class TrackTally:
    """Counts what the metrics of tracking need over sequences."""

    def __init__(self) -> None:
        self._frames: list[TrackedFrame] = []
        self._clear, self._identity = ClearCounts(), IdentityCounts()
        self._hota = HotaCounts(_NOTHING, _NOTHING, _NOTHING, _NOTHING)
        self._seconds = 0.0
        self._right: dict[str, list[bool]] = defaultdict(list)
        self._sequence = 0  # in which a track's id is its own
        self._owners: dict[tuple[int, int], Counter[int]] = defaultdict(Counter)  # true class of each track's frames
        self._last_class: dict[tuple[int, int], int] = {}
        self._errors: dict[str, list[float]] = defaultdict(list)

    def add(
        self,
        truth: TrueInstruments,
        detections: Sequence[Detection],
        instances: np.ndarray,
        tracks: Sequence[Track],
        seconds: float,
    ) -> None:
        """Add the next frame of a sequence.

        :param detections: that are named by their tracks, with classes of the data set
        :param instances: (H, W) uint8 instance ids of the detections
        :param tracks: of the frame
        :param seconds: until the next frame
        """
        self.add_frame(compare_frame(truth, detections, instances, tracks), seconds)

    def add_frame(self, frame: ComparedTracks, seconds: float) -> None:
        """Add the next frame of a sequence, compared.

        :param seconds: until the next frame
        """
        self._seconds += seconds
        self._frames.append(frame.tracked)
        for found in frame.found:
            track = self._sequence, found.track
            self._right['frame'].append(found.class_by_itself == found.true_class)
            self._right['track'].append(found.class_id == found.true_class)
            self._owners[track][found.true_class] += 1
            self._last_class[track] = found.class_id
            for name, error in found.errors.items():
                self._errors[name].append(error)

    def end_sequence(self) -> None:
        """End a sequence, so that what follows has ids of its own."""
        if self._frames:
            sequence = TrackedSequence(self._frames)
            self._clear = self._clear.plus(clear_mot(sequence, LEAST_IOU))
            self._identity = self._identity.plus(identity(sequence, LEAST_IOU))
            self._hota = self._hota.plus(hota(sequence))
            self._frames = []
            self._sequence += 1

    @property
    def is_empty(self) -> bool:
        """Whether no true instrument was in any frame."""
        return not self._clear.truths and not any(frame.truths for frame in self._frames)

    def metrics(self) -> dict[str, Metric]:
        """Return the metrics of all sequences."""
        self.end_sequence()
        count, minutes = self._clear.truths, self._seconds / _MINUTE
        switches = self._clear.switches / minutes if minutes else math.nan
        right_ends = [self._last_class[track] == true.most_common(1)[0][0] for track, true in self._owners.items()]
        found = count - self._clear.misses
        return {
            'idf1': Metric(self._identity.idf1, count, 'instruments', 'time with the one right id'),
            'mota': Metric(self._clear.mota, count, 'instruments'),
            'hota': Metric(self._hota.hota, count, 'instruments'),
            'deta': Metric(self._hota.detection, count, 'instruments', 'part of HOTA: finding'),
            'assa': Metric(self._hota.associated, count, 'instruments', 'part of HOTA: naming'),
            'recall': Metric(found / count if count else math.nan, count, 'instruments'),
            'false_alarms': Metric(self._clear.false_alarms / max(1, found), found, 'instruments found'),
            'switches_per_minute': Metric(switches, round(self._seconds), 'seconds'),
            'type_right_frame': _mean(self._right['frame'], 'instruments found', 'by single frames'),
            'type_right': _mean(self._right['track'], 'instruments found', 'by their tracks'),
            'type_right_end': _mean(right_ends, 'tracks', 'when they were seen last'),
            'tip_median_mm': _median(self._errors['tip'], 1e3, 'tips', 'filtered'),
            'tip_frame_median_mm': _median(self._errors['tip_frame'], 1e3, 'tips', 'of single frames'),
            'velocity_median_mm': _median(self._errors['velocity'], 1e3, 'tips', 'per second'),
            'velocity_p90_mm': _quantile(self._errors['velocity'], 0.9, 1e3, 'tips', 'per second'),
            'speed_median_mm': _median(self._errors['speed'], 1e3, 'tips', 'true, per second'),
        }


def instance_overlaps(truth: np.ndarray, found: np.ndarray, numbers: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    """Return the ids of the true instances, (n,), and their IoU with some of those found, (n, m).

    :param truth: (H, W) uint8, 0 for none (and ``found``)
    :param numbers: ids of those found
    """
    common = np.bincount(truth.ravel().astype(np.intp) * 256 + found.ravel(), minlength=1 << 16).reshape(256, 256)
    areas, found_areas = common.sum(axis=1), common.sum(axis=0)
    true_ids = np.flatnonzero(areas[1:]) + 1
    chosen = np.array(numbers, np.intp)
    both = common[true_ids[:, None], chosen]
    return true_ids, both / np.maximum(areas[true_ids, None] + found_areas[chosen] - both, 1)


def _areas(instances: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    return np.bincount(instances.ravel(), minlength=256)[numbers]


def _is_known(point: Point) -> bool:
    return all(map(math.isfinite, point))


def _mean(values: Sequence[bool], of: str, meaning: str) -> Metric:
    return Metric(float(np.mean(values)) if values else math.nan, len(values), of, meaning)


def _median(values: Sequence[float], unit: float, of: str, meaning: str) -> Metric:
    return _quantile(values, 0.5, unit, of, meaning)


def _quantile(values: Sequence[float], share: float, unit: float, of: str, meaning: str) -> Metric:
    return Metric(unit * float(np.quantile(values, share)) if values else math.nan, len(values), of, meaning)
