"""Judge a network on a video without labels."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import islice

from tqdm import tqdm

from mt3dnet_ros.errors import MT3DNetError
from mt3dnet_ros.evaluation.report import Section
from mt3dnet_ros.evaluation.scorers.consistency import judge_consistency
from mt3dnet_ros.evaluation.scorers.flicker import judge_flicker
from mt3dnet_ros.media.pictures import Pictures
from mt3dnet_ros.perception.frame import Frame
from mt3dnet_ros.perception.perceiver import Perceiver


class VideoError(MT3DNetError, ValueError):
    """A video cannot be judged; the message says why."""


def judge_video(perceiver: Perceiver, pictures: Pictures, limit: int | None, views_every: int) -> list[Section]:
    """Return the sections ``flicker`` and ``consistency`` of a video.

    :param limit: frames to look at, from the first; None for all
    :param views_every: each frame with a number that this divides, from 0, is seen in other views too
    :raises VideoError: the input is a single picture
    :raises SourceError: a picture cannot be decoded
    """
    if not pictures.is_sequence:
        raise VideoError('flicker needs a video or a folder of its frames, not a single picture')
    count = min(pictures.count or sys.maxsize, limit or sys.maxsize)
    bar = tqdm(_frames(pictures, limit), 'video', None if count == sys.maxsize else count, unit='frame', disable=None)
    flicker = judge_flicker(perceiver, bar)
    views = (frame.rgb for frame in _frames(pictures, limit, views_every))
    return [flicker, judge_consistency(perceiver, views)]


def _frames(pictures: Pictures, limit: int | None, step: int = 1) -> Iterator[Frame]:
    return (Frame(picture.read(), picture.stamp) for picture in islice(pictures, 0, limit, step))
