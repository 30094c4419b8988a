"""The film of what the surgeon would see: both eyes, each with its overlay as it was at that moment."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from mt3dnet_ros.demo.dvrk.record import SIDES, ArrivedPicture, EyeRecord, RigRecord, newest_at
from mt3dnet_ros.errors import MT3DNetError
from mt3dnet_ros.media.video_writer import VideoWriter

RATE = 25.0  # pictures per second
_GAP = 8  # pixels between the eyes
_WIDTH = 480  # of an eye in the film; more would not make it clearer, only larger
_SECOND = 1_000_000_000
_SHOWING = 60_000_000  # nanoseconds from the arrival of an overlay at the display to a view with it


class NothingSeenError(MT3DNetError, RuntimeError):
    """No picture has come from the rig."""


def blend(video: np.ndarray, overlay: np.ndarray) -> np.ndarray:
    """Return a picture with another one over it, as displays blend them.

    :param video: (H, W, 3) uint8, blue first
    :param overlay: (h, w, 4) uint8: blue, green, red, and alpha, which the colours are not multiplied by
    """
    if overlay.shape[:2] != video.shape[:2]:
        overlay = cv2.resize(overlay, video.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    alpha = overlay[..., 3:].astype(np.float32) / 255.0
    return (alpha * overlay[..., :3] + (1.0 - alpha) * video + 0.5).astype(np.uint8)


def write_film(path: Path, record: RigRecord) -> None:
    """Write what the display showed from the first picture to the last.

    :raises NothingSeenError: no video came
    """
    with VideoWriter(path, RATE, next(views(record)).shape[:2]) as film:
        for view in views(record):
            film.write(cv2.cvtColor(view, cv2.COLOR_BGR2RGB))


def best_view(record: RigRecord) -> np.ndarray:
    """Return the view with most of an overlay, in full size, (H, W, 3) uint8, blue first.

    :raises NothingSeenError: no video came
    """
    overlays = [picture.time for eye in record.eyes.values() for picture in eye.shown]
    moment = max(overlays, key=lambda time: _filled(record, time), default=0)
    if record.display:
        return _decoded(newest_at(record.display, moment + _SHOWING) or record.display[0])
    return _view(record, moment or _span(record)[0])


def views(record: RigRecord) -> Iterator[np.ndarray]:
    """Yield both eyes side by side at every moment of the film, (H, W, 3) uint8, blue first.

    :raises NothingSeenError: no video came
    """
    eyes = sum(bool(eye.video) for eye in record.eyes.values())
    for view in map(_decoded, record.display) if record.display else _blended_views(record):
        width = _WIDTH * eyes
        height = 2 * round(0.5 * view.shape[0] * width / view.shape[1])
        yield cv2.resize(view, (width, height), interpolation=cv2.INTER_AREA) if width < view.shape[1] else view


def _filled(record: RigRecord, moment: int) -> int:
    """Return how much of the overlays of all eyes is drawn at a moment."""
    overlays = (newest_at(eye.overlay, moment) for eye in record.eyes.values())
    return sum(overlay.filled for overlay in overlays if overlay)


def _blended_views(record: RigRecord) -> Iterator[np.ndarray]:
    begin, end = _span(record)
    for moment in range(begin, end, round(_SECOND / RATE)):
        yield _view(record, moment)


def _span(record: RigRecord) -> tuple[int, int]:
    """Return the moments between which every eye that has a video shows one, nanoseconds."""
    videos = [eye.video for eye in record.eyes.values() if eye.video]
    if not videos:
        raise NothingSeenError('no picture has come from the rig; look at the logs of its nodes')
    return max(video[0].time for video in videos), max(video[-1].time for video in videos)


def _view(record: RigRecord, moment: int) -> np.ndarray:
    seen = [_seen(eye, moment) for side in SIDES if (eye := record.eyes[side]).video]
    gap = np.zeros((seen[0].shape[0], _GAP, 3), np.uint8)
    return np.hstack([part for one in seen for part in (gap, one)][1:])


def _seen(eye: EyeRecord, moment: int) -> np.ndarray:
    """Return what is seen by an eye at a moment."""
    video = newest_at(eye.video, moment) or eye.video[0]
    picture = _decoded(video)
    overlay = newest_at(eye.overlay, moment)
    if overlay is None or overlay.is_empty:
        return picture
    return blend(picture, _decoded(overlay))


def _decoded(picture: ArrivedPicture) -> np.ndarray:
    decoded = cv2.imdecode(np.frombuffer(picture.data, np.uint8), cv2.IMREAD_UNCHANGED)
    assert decoded is not None  # of what the rig encoded itself
    return decoded
