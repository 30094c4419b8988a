"""Every way in which nothing useful comes out of perception: a level that is not OK, and the right words."""

from __future__ import annotations

import math
from typing import Any

import pytest

from mt3dnet_ros.perception.scale.depth_scale import DepthScale, SupportingSource
from mt3dnet_ros.ros.diagnostics import ERROR, WARN, Finding
from mt3dnet_ros.ros.health import Health
from mt3dnet_ros.ros.monitoring.judge import Situation, judge
from mt3dnet_ros.ros.monitoring.pictures import PictureState

SOURCE = '/cam/image_raw (reliable wanted; no publishers)'


def situation(pictures: PictureState = PictureState(), **changes: Any) -> Situation:  # noqa: B008 - it is frozen
    """Return that of a healthy node, with changes of it or of its health."""
    health: dict[str, Any] = {
        'silence': 0.1,
        'input_rate': 25.0,
        'output_rate': 20.0,
        'latency': (0.03, 0.05),
        'received': 10,
        'processed': 8,
        'dropped': 2,
        'rejected': 0,
        'rejection': '',
        'publish_failures': 0,
        'recently_used': 100,
    }
    of_health = {name: value for name, value in changes.items() if name in Health.__dataclass_fields__}
    rest = {name: value for name, value in changes.items() if name not in of_health}
    given = {'source': SOURCE, 'subscribed': ('/perception/points',), 'example': '/perception/overlay'} | rest
    return Situation(Health(**(health | of_health)), pictures=pictures, **given)


def only(findings: list[Finding]) -> Finding:
    (finding,) = findings
    return finding


def test_a_healthy_node_has_no_findings() -> None:
    assert judge(situation()) == []


def test_silence_is_a_warning_that_names_the_source() -> None:
    finding = only(judge(situation(silence=3.2, calibration='no CameraInfo')))
    assert (finding.level, finding.text) == (WARN, f'no image for 3 s on {SOURCE}')


def test_nothing_is_said_of_pictures_that_no_longer_come() -> None:
    state = PictureState(blank=9.0, unchanged=9.0, same_stamp=9.0, covered=9.0)
    assert only(judge(situation(state, silence=3.2))).kind == 'silence'


def test_only_refused_images_are_an_error_with_the_reason() -> None:
    finding = only(judge(situation(recently_used=0, recently_refused=40, refusal="encoding '8UC2' does not say")))
    assert finding.level == ERROR
    assert finding.text == "not one of the last images could be used (40 in 5 s): encoding '8UC2' does not say"


def test_some_refused_images_are_a_warning_with_their_count() -> None:
    finding = only(judge(situation(recently_refused=3, refusal='truncated JPEG')))
    assert (finding.level, finding.text) == (
        WARN,
        '3 of the last 103 images could not be used; the last: truncated JPEG',
    )


def test_images_that_were_refused_long_ago_are_past() -> None:
    assert judge(situation(rejected=7, rejection='truncated JPEG')) == []


def test_a_missing_calibration_is_none_of_ones_business_before_the_first_image() -> None:
    assert judge(situation(received=0, calibration='no CameraInfo has arrived')) == []


def test_a_missing_calibration_is_a_warning_with_the_reason() -> None:
    finding = only(judge(situation(calibration='the camera is not calibrated')))
    assert (finding.level, finding.text) == (WARN, 'no cloud and no positions: the camera is not calibrated')


def test_a_changing_camera_is_named() -> None:
    assert only(judge(situation(camera_change='fx 1 to 2'))) == Finding('camera', WARN, 'fx 1 to 2')


@pytest.mark.parametrize(
    ('color', 'words'), [((3, 0, 24), 'black'), ((20, 30, 200), r'of one colour (red 20, green 30, blue 200)')]
)
def test_blank_pictures_are_a_warning(color: tuple[int, int, int], words: str) -> None:
    finding = only(judge(situation(PictureState(blank=4.0, color=color))))
    assert finding.level == WARN
    assert f'the picture has been {words} for 4 s; check light' in finding.text


@pytest.mark.parametrize(
    ('state', 'words'),
    [
        (PictureState(blank=4.0, color=None), 'nothing here: the picture has been mere noise for 4 s'),
        (
            PictureState(unknown=4.0, view=0.034),
            'nothing here: no view that the network knows for 4 s (probability 0.03)',
        ),
        (
            PictureState(blank=4.0, unknown=5.0, unchanged=4.0, covered=4.0, view=0.0),
            'nothing here: the picture has been black for 4 s',
        ),
        (PictureState(unchanged=4.0), 'the picture has not changed for 4 s: a grabber that repeats its last one'),
        (PictureState(same_stamp=4.0), 'the stamp of the images has stood for 4 s'),
        (PictureState(covered=4.0), 'it looks like nothing the network knows'),
    ],
)
def test_pictures_that_are_of_no_use_are_a_warning(state: PictureState, words: str) -> None:
    finding = only(judge(situation(state)))
    assert finding.level == WARN
    assert words in finding.text


def test_what_lasts_for_less_than_ones_patience_is_not_said() -> None:
    assert (
        judge(situation(PictureState(blank=2.9, unknown=2.9, unchanged=2.9, same_stamp=2.9, covered=2.9), patience=3.0))
        == []
    )


@pytest.mark.parametrize(('median', 'words'), [(0.0, ''), (9.0, 'come 9.0 s after'), (-1.0, 'sim'), (1e9, 'sim')])
def test_a_latency_that_cannot_be_says_that_clocks_differ_and_a_long_one_that_results_are_late(
    median: float, words: str
) -> None:
    findings = judge(situation(latency=(median, median)))
    assert [words in finding.text for finding in findings] == ([True] if words else [])
    assert all(finding.level == WARN for finding in findings)


def test_images_without_a_stamp_are_a_warning_while_they_come() -> None:
    unknown = (math.nan, math.nan)
    finding = only(judge(situation(latency=unknown)))
    assert (finding.kind, finding.level) == ('stamp', WARN)
    assert judge(situation(latency=unknown, output_rate=0.0)) == []


def test_a_frame_that_does_not_end_is_an_error() -> None:
    finding = only(judge(situation(in_work=12.0, recently_used=0, output_rate=0.0)))
    assert finding.level == ERROR
    assert 'one image has been worked on for 12 s, and those that come are dropped' in finding.text


def test_messages_that_could_not_be_published_are_a_warning_with_their_topics() -> None:
    finding = only(judge(situation(recent_failures={'/perception/points': 12, '/perception/overlay': 1})))
    assert finding.level == WARN
    assert '(1 on /perception/overlay, 12 on /perception/points)' in finding.text


def test_what_was_taken_for_granted_is_a_warning_of_a_kind_of_its_own() -> None:
    doubts = [only(judge(situation(doubt=f'8UC{number} is taken for'))) for number in (1, 3)]
    assert doubts[0].level == WARN
    assert doubts[0].kind != doubts[1].kind


def test_a_node_that_nobody_listens_to_says_so() -> None:
    finding = only(judge(situation(subscribed=())))
    assert finding.level == WARN
    assert 'nobody subscribes to an output' in finding.text
    assert 'such as /perception/overlay' in finding.text
    assert judge(situation(subscribed=(), recently_used=0)) == []


def test_an_output_that_is_subscribed_to_but_not_enabled_is_named() -> None:
    finding = only(judge(situation(subscribed=(), disabled=('/perception/points',))))
    assert finding.level == WARN
    assert 'no data for /perception/points: the parameter outputs does not name it' in finding.text


def test_what_the_network_has_nothing_for_is_named_with_the_remedy() -> None:
    finding = only(judge(situation(subscribed=(), missing=('/perception/scanpath', 'overlay_saliency'))))
    assert finding.level == WARN
    assert 'no data for /perception/scanpath, overlay_saliency: the network has no saliency branch' in finding.text
    assert 'checkpoint' in finding.text


def test_a_guessed_scale_is_a_warning_with_its_interval_and_a_remedy() -> None:
    finding = only(judge(situation(scale=DepthScale(deviation=0.25))))
    assert finding.level == WARN
    assert finding.once
    assert 'scale: guess of the network: true distances are 0.61 to 1.63 times what is published' in finding.text
    assert 'fixed_scale' in finding.text
    assert 'whose doubt is unknown' in only(judge(situation(scale=DepthScale()))).text


def test_a_measured_scale_is_fine_and_a_contradiction_is_not() -> None:
    source = SupportingSource('shaft', 1.2, 0.02, 0.0)
    assert judge(situation(scale=DepthScale(1.2, 0.02, (source,)))) == []
    finding = only(judge(situation(scale=DepthScale(1.2, 0.02, (source,), ('shaft 1.20 and robot 0.80',)))))
    assert (finding.level, finding.text) == (WARN, 'scale: sources contradict each other: shaft 1.20 and robot 0.80')


def test_without_a_calibration_the_scale_is_not_the_first_worry() -> None:
    assert only(judge(situation(scale=DepthScale(), calibration='no CameraInfo'))).kind == 'calibration'
    assert only(judge(situation(PictureState(blank=9.0), scale=DepthScale()))).kind == 'blank'


def test_a_shaft_that_the_network_does_not_know_is_named() -> None:
    assert "'needle drivr'" in only(judge(situation(unknown_shafts=('needle drivr',)))).text


def test_a_second_eye_that_tells_nothing_is_a_warning_with_the_reason() -> None:
    scale = DepthScale(1.2, 0.02, (SupportingSource('shaft', 1.2, 0.02, 0.0),))
    finding = only(judge(situation(scale=scale, silent_eye='the eyes are swapped')))
    assert (finding.level, finding.text) == (WARN, 'second eye: tells nothing of the scale: the eyes are swapped')


def test_a_picture_that_stands_still_is_told_as_soon_as_it_ends_the_gaze() -> None:
    still = PictureState(unchanged=0.3)
    assert judge(situation(still)) == []
    (found,) = judge(situation(still, frozen_timeout=0.2))
    assert 'has not changed for 0.3 s' in found.text
    assert 'there is no gaze meanwhile: set frozen_timeout to 0 for a simulated camera' in found.text
    assert judge(situation(PictureState(unchanged=0.1), frozen_timeout=0.2)) == []
