"""Messages of one image are found together, in whatever order they come."""

from __future__ import annotations

from mt3dnet_ros.perception.console.matching import StampMatcher

SECOND = 1_000_000_000


def matcher() -> StampMatcher:
    return StampMatcher(('labels', 'detections'))


def test_an_image_is_complete_with_its_last_part() -> None:
    one = matcher()
    assert one.take('labels', 10, 'L') is None
    assert one.take('detections', 10, 'D') == {'labels': 'L', 'detections': 'D'}
    assert one.take('detections', 10, 'again') is None


def test_a_newer_image_ends_the_waiting_for_an_older_one() -> None:
    one = matcher()
    one.take('labels', 10, 'old')
    one.take('detections', 20, 'D')
    assert one.take('labels', 20, 'L') == {'labels': 'L', 'detections': 'D'}
    assert one.take('detections', 10, 'late') is None
    assert one.incomplete == 1


def test_a_clock_that_was_set_back_begins_anew() -> None:
    one = matcher()
    one.take('labels', 100 * SECOND, 'L')
    one.take('detections', 100 * SECOND, 'D')
    assert one.take('labels', 5 * SECOND, 'L') is None
    assert one.take('detections', 5 * SECOND, 'D') is not None
    assert one.take('labels', 6 * SECOND, 'L') is None
    assert one.take('detections', 6 * SECOND, 'D') is not None


def test_what_never_comes_is_not_waited_for_without_end() -> None:
    one = matcher()
    for stamp in range(1000):
        one.take('labels', stamp, 'L')
    assert one.incomplete == 996
    assert one.take('detections', 999, 'D') is not None


def test_what_is_optional_is_waited_for_once_it_has_come() -> None:
    one = StampMatcher(('labels', 'detections'), ('scanpath',))
    one.take('labels', 10, 'L')
    assert one.take('detections', 10, 'D') == {'labels': 'L', 'detections': 'D'}
    one.take('scanpath', 10, 'late')
    one.take('labels', 20, 'L')
    assert one.take('detections', 20, 'D') is None
    assert one.take('scanpath', 20, 'S') == {'labels': 'L', 'detections': 'D', 'scanpath': 'S'}


def test_what_is_optional_and_ceases_costs_one_image() -> None:
    one = StampMatcher(('labels', 'detections'), ('scanpath',))
    for kind in ('scanpath', 'labels', 'detections'):
        one.take(kind, 10, kind)
    for stamp, given in ((20, False), (30, True), (40, True)):
        one.take('labels', stamp, 'L')
        assert (one.take('detections', stamp, 'D') is not None) is given
    assert one.incomplete == 1


def test_what_comes_after_a_newer_image_is_counted_as_late() -> None:
    one = StampMatcher(('labels', 'depth'), ('gaze',))
    one.take('labels', 20, 'new')
    assert one.take('depth', 20, 'new')
    for kind in ('labels', 'gaze', 'depth'):
        assert one.take(kind, 10, 'late') is None
    one.take('gaze', 20, 'of the newest')
    assert one.late == 2  # what may never come is missed by nobody


def test_as_many_images_wait_as_are_asked_for() -> None:
    one = StampMatcher(('labels', 'depth'), kept=8)
    for stamp in range(1, 9):
        one.take('labels', stamp, stamp)
    assert one.take('depth', 1, 1) and one.incomplete == 0
