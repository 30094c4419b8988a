"""When a picture was taken, from all that came with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class CaptureTime(NamedTuple):
    """When a picture was taken.

    :param stamp: nanoseconds of the system's clock (CLOCK_REALTIME)
    :param source: what says so, of the stamps that came with it; empty where none did
    """

    stamp: int
    source: str


def capture_time(stamps: Mapping[str, int], eye: str, arrival: int) -> CaptureTime:
    """Return when the picture of an eye was taken.

    dvrk_data notes when a grabber gave a picture, by eye or for one that has no eyes; all other producers have the time
    stamp of the buffer alone.

    :param stamps: of the picture, by what says so, in nanoseconds
    :param eye: ``left`` or ``right``
    :param arrival: what is taken where nothing says so
    """
    for source in (f'{eye}-source-ts', 'mono-source-ts', 'pts'):
        if stamp := stamps.get(source, 0):
            return CaptureTime(stamp, source)
    return CaptureTime(arrival, '')
