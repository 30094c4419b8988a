"""Stamps, frame names and headers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mt3dnet_ros.errors import MT3DNetError

if TYPE_CHECKING:  # recordings are read without ROS too
    from builtin_interfaces.msg import Time
    from std_msgs.msg import Header

SECOND = 1_000_000_000


class StampError(MT3DNetError, ValueError):
    """A stamp that is no point in time."""


def stamp_to_ns(stamp: Time) -> int:
    """Return a stamp in nanoseconds; 0 says that the source did not stamp.

    :raises StampError: the stamp is negative or its nanoseconds are a second or more, as written from a NaN
    """
    if stamp.sec < 0 or stamp.nanosec >= SECOND:
        raise StampError(
            f'stamp sec={stamp.sec} nanosec={stamp.nanosec} is not a time '
            '(sec must be 0 or more and nanosec below 1000000000); check the clock of the source'
        )
    return stamp.sec * SECOND + stamp.nanosec


def stamp_from_ns(nanoseconds: int) -> Time:
    """Return nanoseconds as a stamp."""
    from builtin_interfaces.msg import Time

    sec, nanosec = divmod(nanoseconds, SECOND)
    return Time(sec=sec, nanosec=nanosec)


def clean_frame_id(frame_id: str, override: str = '') -> str:
    """Return the frame that outputs carry: ``override`` if given, without the leading slashes that tf2 refuses."""
    return (override or frame_id).lstrip('/')


def make_header(stamp: int, frame_id: str) -> Header:
    """Return a header from a stamp in nanoseconds and a frame."""
    from std_msgs.msg import Header

    return Header(stamp=stamp_from_ns(stamp), frame_id=frame_id)
