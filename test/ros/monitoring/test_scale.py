"""What diagnostics say of the scale."""

from __future__ import annotations

import math

from mt3dnet_ros.perception.scale.depth_scale import DepthScale, SupportingSource
from mt3dnet_ros.perception.scale.observation import Rejection
from mt3dnet_ros.perception.scene import Scene
from mt3dnet_ros.ros.monitoring.scale import ScaleMonitor


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


MEASURED = DepthScale(1.254, 0.021, (SupportingSource('shaft', 1.26, 0.05, 0.4, 'probe'),), ('shaft and robot differ',))


def scene(scale: DepthScale | None, nothing: str = '') -> Scene:
    return Scene(scale=scale, nothing=nothing)


def test_a_measured_scale_is_shown_with_its_sources_and_conflicts() -> None:
    monitor = ScaleMonitor()
    monitor.look(scene(MEASURED))
    assert monitor.snapshot().values() == {
        'scale factor': '1.254',
        'scale deviation [%]': '2.1',
        'scale sources': 'shaft (probe) 1.260 +- 5.0 % 0.4 s ago',
        'scale conflicts': 'shaft and robot differ',
    }


def test_a_guess_is_called_one() -> None:
    monitor = ScaleMonitor()
    monitor.look(scene(DepthScale(deviation=math.nan)))
    assert monitor.snapshot().values()['scale sources'] == 'none: guess of the network'


def test_rejections_are_counted_by_reason_whatever_their_numbers() -> None:
    monitor = ScaleMonitor()
    for angle in (1.5, -2.25):
        reason = f'edges are {angle} degrees apart'
        monitor.look(scene(DepthScale(rejections=(Rejection('shaft', reason), Rejection('shaft', 'too short')))))
    monitor.look(scene(DepthScale(rejections=(Rejection('shaft', 'too short'),))))
    assert monitor.snapshot().values()['scale rejections of shaft'] == '3 x too short; 2 x edges are # degrees apart'


def test_where_nothing_is_here_the_scale_of_before_stays() -> None:
    monitor = ScaleMonitor()
    monitor.look(scene(MEASURED))
    monitor.look(scene(DepthScale(), nothing='the picture is black'))
    assert monitor.snapshot().scale == MEASURED


def test_where_nothing_in_metres_is_asked_for_there_is_no_scale() -> None:
    monitor = ScaleMonitor()
    monitor.look(scene(MEASURED))
    monitor.look(scene(None))
    assert monitor.snapshot().values() == {'scale sources': 'not asked for'}
    monitor.look(scene(MEASURED))
    monitor.look(None)
    assert monitor.snapshot().scale is None


def test_a_contradiction_is_shown_for_a_while_where_not_every_frame_has_it() -> None:
    clock = Clock()
    monitor = ScaleMonitor(clock)
    monitor.look(scene(MEASURED))
    clock.now += 2.0
    monitor.look(scene(DepthScale(1.2, 0.02)))
    assert monitor.snapshot().scale.conflicts == MEASURED.conflicts
    clock.now += 2.0
    assert monitor.snapshot().scale.conflicts == ()


def test_a_second_eye_that_tells_nothing_for_long_is_noticed_until_it_does() -> None:
    clock = Clock()
    monitor = ScaleMonitor(clock)
    blind = DepthScale(rejections=(Rejection('second_eye', 'too few points match'), Rejection('shaft', 'no shaft')))
    for _ in range(3):
        monitor.look(scene(blind))
        monitor.look(scene(DepthScale()))  # between two uses it is not asked
        assert monitor.unanswered(4.0) == ''
        clock.now += 1.5
    monitor.look(scene(blind))
    assert monitor.unanswered(4.0) == 'too few points match'
    monitor.look(scene(DepthScale(1.2, 0.02, (SupportingSource('second_eye', 1.2, 0.02, 0.0),))))
    assert monitor.unanswered(4.0) == ''
