"""What is counted of tracks."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from mt3dnet_ros.evaluation.tracks.tally import TrackTally, instance_overlaps
from mt3dnet_ros.evaluation.tracks.truth import TrueInstruments
from mt3dnet_ros.perception.scene import Box, Detection, Track

INSTANCES = np.zeros((20, 40), np.uint8)
INSTANCES[:, 5:12], INSTANCES[:, 25:32] = 1, 2
TRUTH = TrueInstruments(INSTANCES, {1: 3, 2: 4}, {1: (0.0, 0.0, 0.1)}, {1: (0.01, 0.0, 0.0)})
SECONDS = 0.1


def detection(instance: int, track: int, class_id: int, best: int) -> Detection:
    scores = tuple(0.9 if k == best else 0.1 for k in range(1, 6))
    return Detection(class_id, '', 0.9, instance, Box(0, 0, 1, 1), class_scores=scores, track_id=track)


def track(number: int, instance: int, **known: tuple[float, ...]) -> Track:
    return Track(number, 3, '', 0.9, 1.0, 0.0, instance, **known)


def tally(*frames: tuple[list[Detection], list[Track]], found: np.ndarray = INSTANCES) -> dict[str, float]:
    counted = TrackTally()
    for detections, tracks in frames:
        counted.add(TRUTH, detections, found, tracks, SECONDS)
    return {name: metric.value for name, metric in counted.metrics().items()}


RIGHT = [detection(1, 7, 3, 3), detection(2, 8, 4, 4)], [track(7, 1), track(8, 2)]
SWAPPED = [detection(1, 8, 3, 3), detection(2, 7, 4, 4)], [track(8, 1), track(7, 2)]


def test_tracks_that_are_right_score_one():
    found = tally(*[RIGHT] * 10)
    assert (found['idf1'], found['mota'], found['hota']) == (1.0, 1.0, 1.0)
    assert found['switches_per_minute'] == 0.0 and found['false_alarms'] == 0.0


def test_switches_are_counted_per_minute():
    found = tally(*[RIGHT] * 15, *[SWAPPED] * 15)
    assert found['switches_per_minute'] == pytest.approx(2 / (30 * SECONDS / 60))
    assert found['idf1'] == 0.5


def test_a_detection_without_a_track_is_not_found():
    found = tally(([replace(RIGHT[0][0], track_id=-1), RIGHT[0][1]], [RIGHT[1][1]]))
    assert found['recall'] == 0.5


def test_what_is_found_beside_the_truth_is_a_false_alarm_but_not_a_sliver_that_need_not_be_found():
    mask = INSTANCES.copy()
    mask[0:3, 36:39] = 3
    extra = [*RIGHT[0], detection(3, 9, 3, 3)], [*RIGHT[1], track(9, 3)]
    assert tally(extra, found=mask)['false_alarms'] == 0.5
    small = INSTANCES.copy()
    small[0, 36:39] = 3  # less than 0.5 % of the picture
    truth = replace(TRUTH, instances=small, types={1: 3, 2: 4, 3: 3})
    counted = TrackTally()
    counted.add(truth, extra[0], small, extra[1], SECONDS)
    metrics = counted.metrics()
    assert metrics['false_alarms'].value == 0.0 and metrics['recall'] == (1.0, 2, 'instruments', '')


def test_types_are_judged_by_frame_by_track_and_at_the_end():
    wrong = [detection(1, 7, 5, 5), RIGHT[0][1]], RIGHT[1]
    flipped = [detection(1, 7, 3, 5), RIGHT[0][1]], RIGHT[1]
    found = tally(wrong, flipped)
    assert found['type_right_frame'] == 0.5  # two of four
    assert found['type_right'] == 0.75
    assert found['type_right_end'] == 1.0


def test_tips_and_velocities_are_compared_where_both_are_known():
    near = track(7, 1, tip=(0.002, 0.0, 0.1), tip_velocity=(0.01, 0.003, 0.0))
    seen = replace(RIGHT[0][0], tip=(0.0, 0.004, 0.1))
    found = tally(([seen, RIGHT[0][1]], [near, RIGHT[1][1]]))
    assert found['tip_median_mm'] == pytest.approx(2.0)
    assert found['tip_frame_median_mm'] == pytest.approx(4.0)
    assert found['velocity_median_mm'] == pytest.approx(3.0)
    assert found['speed_median_mm'] == pytest.approx(10.0)
    assert math.isnan(tally(RIGHT)['velocity_median_mm'])


def test_sequences_have_ids_of_their_own():
    counted = TrackTally()
    for frame in (RIGHT, SWAPPED):
        counted.add(TRUTH, frame[0], INSTANCES, frame[1], SECONDS)
        counted.end_sequence()
    assert counted.metrics()['switches_per_minute'].value == 0.0


def test_overlaps_are_those_of_the_masks():
    found = np.roll(INSTANCES, 3, axis=1)
    numbers, overlaps = instance_overlaps(INSTANCES, found, [2, 1])
    assert numbers.tolist() == [1, 2]
    np.testing.assert_allclose(overlaps, [[0.0, 0.4], [0.4, 0.0]])
