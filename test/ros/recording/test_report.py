"""Diagnostics of a recording say when it falls behind, and when it is over that."""

from __future__ import annotations

from mt3dnet_ros.ros.recording.report import Progress, RecordingReport


class Clock:
    """A clock that a test turns."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def progress(taken: int = 10, lost: int = 0, waiting: int = 0, topics: int = 3, unpublished: int = 0) -> Progress:
    return Progress(taken, lost, waiting, topics, unpublished)


def test_a_recording_that_keeps_up_has_nothing_to_say() -> None:
    report = RecordingReport(1000)
    assert report.findings(progress()) == []
    assert report.values(progress(lost=2, unpublished=1)) == {
        'messages': '10',
        'messages lost': '2',
        'waiting [MiB]': '0.0',
        'buffer [MiB]': '0',
        'topics recorded': '3',
        'topics without publisher': '1',
    }


def test_a_loss_is_told_for_five_seconds_with_its_number() -> None:
    clock = Clock()
    report = RecordingReport(1000, clock)
    told = []
    for lost in (0, 4, 7, 7, 7, 7, 7, 7, 7, 7):
        clock.now += 1.0
        told.append([finding.text.split()[0] for finding in report.findings(progress(lost=lost))])
    assert told == [[], ['4'], ['7'], ['7'], ['7'], ['7'], ['3'], [], [], []]


def test_a_buffer_that_fills_is_told_before_something_is_lost() -> None:
    report = RecordingReport(1000)
    (finding,) = report.findings(progress(waiting=600))
    assert finding.kind == 'waiting' and finding.text.startswith('60 % of the buffer wait for the disk')


def test_a_recording_without_a_message_says_why() -> None:
    (finding,) = RecordingReport(1000).findings(progress(taken=0, topics=1, unpublished=14))
    assert finding.text == 'nothing has been recorded yet: 14 of 15 topics have no publisher'
