"""Tracks in JSON, and in the text that tools for the MOT challenge read."""

from __future__ import annotations

import json

from mt3dnet_ros.perception.prediction.track_files import TrackFiles
from mt3dnet_ros.perception.scene import Box, Detection, Scene, Track, Tracks

SEEN = Track(2, 1, 'forceps', 0.75, 2.5, 0.0, 1, (0.01, 0.02, 0.1), (0.0, 0.0, 0.0), tuple(range(36)))
AWAY = Track(1, 3, 'suction', 0.9, 2.5, 1.5, -1)
FOUND = [
    Detection(1, 'forceps', 0.875, 1, Box(3, 4, 50, 60), track_id=2),
    Detection(3, 'suction', 0.5, -1, Box(0, 0, 5, 5)),
]


def written(*scenes: Scene) -> dict[str, str]:
    files = TrackFiles()
    for image_id, scene in enumerate(scenes, start=1):
        files.add(image_id, f'{image_id - 1:06d}', scene)
    return files.texts()


def test_every_track_of_a_picture_is_written_with_null_for_what_is_unknown() -> None:
    [picture] = json.loads(written(Scene(detections=FOUND, tracks=Tracks((AWAY, SEEN), (2,), (5,))))['tracks.json'])
    assert (picture['image_id'], picture['stem'], picture['born'], picture['ended']) == (1, '000000', [2], [5])
    away, seen = picture['tracks']
    assert away['tip'] is away['tip_velocity'] is away['tip_covariance'] is None
    assert (away['id'], away['instance'], away['unseen']) == (1, -1, 1.5)
    assert (seen['category_id'], seen['probability'], seen['tip']) == (1, 0.75, [0.01, 0.02, 0.1])
    assert seen['tip_covariance'][5] == [30, 31, 32, 33, 34, 35]


def test_the_text_has_a_line_for_each_tracked_box_and_counts_from_one() -> None:
    scene = Scene(detections=FOUND, tracks=Tracks((SEEN,)))
    assert written(scene, scene)['tracks.txt'].splitlines() == [
        '1,2,4,5,50,60,0.87500,-1,-1,-1',
        '2,2,4,5,50,60,0.87500,-1,-1,-1',
    ]


def test_without_a_stream_nothing_is_written() -> None:
    assert written() == {}
