"""The least that the nearest surface may be away, by depth images and their scales."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest

from mt3dnet_ros.guidance.reasons import AdvanceReason
from mt3dnet_ros.guidance.scaled_surface import ScaledSurface, judge_scale
from mt3dnet_ros.perception.scale.depth_scale import GUESS, DepthScale, SupportingSource

SHAFT = (SupportingSource('shaft', 1.0, 0.02, 0.0),)
FRAME = 0.04
CONFIRMATION, GAP = 1.0, 0.1


def scale(factor: float, deviation: float = 0.02, **rest: object) -> DepthScale:
    return DepthScale(factor, deviation, SHAFT, **rest)  # type: ignore[arg-type]


@pytest.fixture
def surface() -> ScaledSurface:
    return ScaledSurface(CONFIRMATION, GAP)


def tell(surface: ScaledSurface, said: DepthScale, begin: float, end: float, distance: float = 0.1) -> list[float]:
    """Take frames from one time to another, and return the near end at each.

    :param distance: that a network of the scale 1 gives
    """
    ends = []
    for number in range(round(begin / FRAME), round(end / FRAME)):
        time = number * FRAME
        surface.take_distance(distance * said.factor, time, time)
        surface.take_scale(said, time, time)
        ends.append(surface.near_end)
    return ends


def test_the_near_end_is_that_of_the_interval(surface: ScaledSurface) -> None:
    assert tell(surface, scale(1.5, 0.1), 0.0, 2.0)[-1] == pytest.approx(0.15 * math.exp(-0.196))
    assert surface.margin == pytest.approx(math.exp(-0.196))


@pytest.mark.parametrize('depth_first', [True, False])
def test_a_depth_image_counts_once_its_own_scale_is_there(surface: ScaledSurface, depth_first: bool) -> None:
    tell(surface, scale(1.0), 0.0, 0.2)
    before = surface.near_end
    if depth_first:
        surface.take_distance(0.3, 0.2, 0.2)
        surface.take_scale(scale(1.0), 0.16, 0.21)  # of another image
    else:
        surface.take_scale(scale(3.0), 0.2, 0.2)
        surface.take_distance(0.3, 0.16, 0.21)
    assert (surface.near_end, surface.time) == (before, pytest.approx(0.16))
    surface.take_scale(scale(3.0), 0.2, 0.22)
    surface.take_distance(0.3, 0.2, 0.22)
    assert (surface.stamp, surface.time) == (0.2, 0.22)
    assert surface.near_end == pytest.approx(before)  # three times as far is not believed yet


def test_a_smaller_scale_counts_at_once(surface: ScaledSurface) -> None:
    tell(surface, scale(1.0), 0.0, 2.0)
    assert tell(surface, scale(0.5), 2.0, 2.1)[0] == pytest.approx(0.05 * math.exp(-1.96 * 0.02))


@pytest.mark.parametrize('later', [scale(2.0), scale(1.0, 0.001)])
def test_a_scale_by_which_surfaces_are_farther_counts_once_it_has_said_so_for_a_while(
    surface: ScaledSurface, later: DepthScale
) -> None:
    before = tell(surface, scale(1.0), 0.0, 2.0)[-1]
    ends = tell(surface, later, 2.0, 4.0)
    known = round(CONFIRMATION / FRAME)
    assert ends[: known - 1] == pytest.approx([before] * (known - 1))
    assert ends[-1] == pytest.approx(later.near_end(0.1 * later.factor))
    assert all(second >= first for first, second in pairwise(ends))


def test_a_single_wrong_scale_is_not_believed(surface: ScaledSurface) -> None:
    before = tell(surface, scale(1.0), 0.0, 2.0)[-1]
    tell(surface, scale(4.0), 2.0, 2.5)
    assert tell(surface, scale(1.0), 2.5, 3.0)[0] == pytest.approx(before)


def test_a_gap_begins_anew(surface: ScaledSurface) -> None:
    tell(surface, scale(1.0), 0.0, 1.0)
    assert tell(surface, scale(2.0), 1.2, 1.3)[-1] == pytest.approx(scale(2.0).near_end(0.2))


def test_a_scale_that_is_no_use_leaves_the_margin(surface: ScaledSurface) -> None:
    tell(surface, scale(1.0, 0.1), 0.0, 1.0)
    margin = surface.margin
    tell(surface, GUESS, 1.0, 2.0)
    assert surface.margin == margin
    assert surface.scale is GUESS


def test_an_unknown_depth_has_no_near_end(surface: ScaledSurface) -> None:
    assert math.isnan(tell(surface, scale(1.0), 0.0, 0.1, distance=math.nan)[-1])


def test_what_waits_for_the_other_is_limited(surface: ScaledSurface) -> None:
    for number in range(1000):
        surface.take_distance(0.1, float(number), float(number))
    surface.take_scale(scale(1.0), 0.0, 1000.0)
    assert surface.scale is None
    surface.take_scale(scale(1.0), 999.0, 1000.0)
    assert surface.scale == scale(1.0)


def test_a_clock_that_was_set_back_changes_nothing(surface: ScaledSurface) -> None:
    tell(surface, scale(1.0), 100.0, 101.0)
    assert tell(surface, scale(2.0), 0.0, 0.2)[-1] == pytest.approx(scale(2.0).near_end(0.2))


@pytest.mark.parametrize(
    ('said', 'reason'),
    [
        (scale(1.3), None),
        (scale(1.3, 0.0), None),
        (GUESS, AdvanceReason.GUESSED_SCALE),
        (DepthScale(1.0, 0.3), AdvanceReason.GUESSED_SCALE),
        (scale(math.nan), AdvanceReason.BAD_SCALE),
        (scale(math.inf), AdvanceReason.BAD_SCALE),
        (scale(0.0), AdvanceReason.BAD_SCALE),
        (scale(-1.0), AdvanceReason.BAD_SCALE),
        (scale(1.0, math.nan), AdvanceReason.BAD_SCALE),
        (scale(1.0, math.inf), AdvanceReason.BAD_SCALE),
        (scale(1.0, -0.1), AdvanceReason.BAD_SCALE),
        (scale(1.0, conflicts=('shaft and second_eye',)), AdvanceReason.CONFLICTING_SCALE),
    ],
)
def test_the_camera_moves_in_depth_by_a_scale_that_something_supports(
    said: DepthScale, reason: AdvanceReason | None
) -> None:
    assert judge_scale(said) is reason
