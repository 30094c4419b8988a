"""The table says what was recorded, and what was not."""

from __future__ import annotations

import pytest

from mt3dnet_ros.demo.recording import EmptyRecordingError, Summary, TopicRecord
from mt3dnet_ros.demo.table import figures
from mt3dnet_ros.demo.topics import CLOUD, DEPTH, DETECTIONS, IMAGE, OVERLAY, SALIENCY, SCANPATH

PERIOD = 40_000_000  # ns


def record(indices: list[int], latency: int = 0, sequences: list[int] | None = None) -> TopicRecord:
    stamps = [PERIOD * index for index in indices]
    published = [stamp + latency for stamp in stamps]
    return TopicRecord(published, stamps, sequences or list(range(1, len(indices) + 1)), 1_000_000)


def make_summary() -> Summary:
    third = list(range(0, 90, 3))
    results = {name: record(third, 50_000_000) for name in (OVERLAY, DEPTH, CLOUD, DETECTIONS)}
    scores = {PERIOD * index: 2.0 if index == 42 else 1.0 for index in third}
    return Summary({IMAGE: record(list(range(90))), **results}, {'network': 41.25, 'total': 50.0}, scores)


def test_frames_are_processed_or_dropped() -> None:
    text = figures(make_summary())
    rows = {line[:17].strip(): line[17:].split() for line in text.splitlines() if line.startswith('frames')}
    assert rows['frames in'][:2] == ['90', '25.0']
    assert rows['frames processed'][:2] == ['30', '8.3']
    assert rows['frames dropped'][:2] == ['60', '(67']
    assert '50 ms median, 50 ms 99th percentile' in text
    assert 'network     41.2' in text


def test_message_that_did_not_reach_the_recorder_is_no_dropped_frame() -> None:
    summary = make_summary()
    summary.topics[IMAGE] = record([0, 1, 2, 88, 89], sequences=[1, 2, 3, 89, 90])
    text = figures(summary)
    assert summary.topic(IMAGE).rate == pytest.approx(25.0)
    row = next(line.split() for line in text.splitlines() if line.startswith(IMAGE))
    assert row[1:4] == ['25.0', '90', '85']
    assert 'frames dropped        60 (67 %)' in text


def test_what_several_nodes_publish_on_a_topic_is_counted_as_it_came() -> None:
    both = record(list(range(6)), sequences=[1, 1, 2, 2, 3, 3])
    assert both.sent == both.count == 6


def test_best_moment_has_the_highest_scores_among_the_complete() -> None:
    summary = make_summary()
    assert summary.best_stamp() == 42 * PERIOD
    summary.topics[CLOUD] = record([0, 3, 6])
    assert summary.complete_stamps() == [0, 3 * PERIOD, 6 * PERIOD]
    assert summary.best_stamp() == 0


def test_saliency_and_scanpath_belong_to_a_moment_where_the_network_has_them() -> None:
    summary = make_summary()
    assert SALIENCY not in summary.drawn
    summary.topics |= {SALIENCY: record([0, 3, 6]), SCANPATH: record([3, 6, 9])}
    assert set(summary.drawn) == {IMAGE, OVERLAY, DEPTH, CLOUD, SALIENCY, SCANPATH}
    assert summary.complete_stamps() == [3 * PERIOD, 6 * PERIOD]


def test_recording_without_results_says_what_it_has() -> None:
    summary = Summary({IMAGE: record(list(range(90)))})
    with pytest.raises(EmptyRecordingError, match=r'no frame has .*image_raw 90, .*points 0'):
        summary.best_stamp()
    assert 'time per stage: not reported' in figures(summary)
