"""Tracks in files: JSON, and the text of the MOT challenge."""

from __future__ import annotations

import json
import math
from typing import Any

from mt3dnet_ros.perception.scene import Detection, Scene, Track

_COVARIANCE = 6  # rows


class TrackFiles:
    """Collects the tracks of a stream; pictures without a stamp have none."""

    def __init__(self) -> None:
        self._pictures: list[dict[str, Any]] = []
        self._boxes: list[str] = []

    def add(self, image_id: int, stem: str, scene: Scene) -> None:
        """Add a picture.

        :param image_id: number of the picture, from 1
        :param scene: with tracks, and with detections for their boxes
        """
        assert scene.tracks is not None  # for mypy
        tracks = [_plain_track(track) for track in scene.tracks.living]
        announced = {'born': list(scene.tracks.born), 'ended': list(scene.tracks.ended)}
        self._pictures.append({'image_id': image_id, 'stem': stem, 'tracks': tracks, **announced})
        self._boxes += [_mot_line(image_id, found) for found in scene.detections or () if found.track_id > 0]

    def texts(self) -> dict[str, str]:
        """Return the content of each file by its name; none where no picture belonged to a stream."""
        if not self._pictures:
            return {}
        return {'tracks.json': json.dumps(self._pictures, allow_nan=False), 'tracks.txt': ''.join(self._boxes)}


def _plain_track(track: Track) -> dict[str, Any]:
    return {
        'id': track.id,
        'category_id': track.class_id,
        'probability': round(track.class_probability, 5),
        'age': round(track.age, 6),
        'unseen': round(track.unseen, 6),
        'instance': track.instance_id,
        'tip': finite_values(track.tip),
        'tip_velocity': finite_values(track.tip_velocity),
        'tip_covariance': _rows(track.tip_covariance),
    }


def finite_values(values: tuple[float, ...]) -> list[float] | None:
    """Return numbers as JSON has them: null where one of them is unknown."""
    return list(values) if all(map(math.isfinite, values)) else None


def _rows(covariance: tuple[float, ...]) -> list[list[float]] | None:
    rows = [list(covariance[k : k + _COVARIANCE]) for k in range(0, len(covariance), _COVARIANCE)]
    return rows or None


def _mot_line(image_id: int, found: Detection) -> str:
    """Return a line of the MOT challenge: frame and pixels count from 1, and -1 stands for the place in the world."""
    box = found.box
    left, top = box.x + 1, box.y + 1
    return f'{image_id},{found.track_id},{left},{top},{box.width},{box.height},{found.score:.5f},-1,-1,-1\n'
