"""Stamps and frame names."""

from __future__ import annotations

import pytest
from builtin_interfaces.msg import Time

from mt3dnet_ros.ros.messages.headers import StampError, clean_frame_id, make_header, stamp_from_ns, stamp_to_ns


@pytest.mark.parametrize('stamp', [Time(), Time(sec=1, nanosec=999_999_999), Time(sec=2**31 - 1, nanosec=1)])
def test_stamps_survive_the_round_trip(stamp: Time) -> None:
    assert stamp_from_ns(stamp_to_ns(stamp)) == stamp


@pytest.mark.parametrize('stamp', [Time(sec=-1), Time(nanosec=1_000_000_000), Time(sec=-(2**31), nanosec=2**32 - 1)])
def test_a_stamp_that_is_no_time_is_refused(stamp: Time) -> None:
    with pytest.raises(StampError, match=f'sec={stamp.sec} nanosec={stamp.nanosec}'):
        stamp_to_ns(stamp)


@pytest.mark.parametrize(
    ('frame_id', 'override', 'expected'),
    [
        ('/jhu_daVinci/left_frame', '', 'jhu_daVinci/left_frame'),
        ('left', '', 'left'),
        ('', '', ''),
        ('/left', 'endoscope_optical_frame', 'endoscope_optical_frame'),
        ('left', '/other', 'other'),
    ],
)
def test_frames_lose_their_leading_slash_and_can_be_overridden(frame_id: str, override: str, expected: str) -> None:
    assert clean_frame_id(frame_id, override) == expected


def test_a_header_carries_stamp_and_frame() -> None:
    header = make_header(3_000_000_007, 'optical')
    assert (header.stamp.sec, header.stamp.nanosec, header.frame_id) == (3, 7, 'optical')
