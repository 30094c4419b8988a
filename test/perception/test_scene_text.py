"""What a scene prints of itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.perception.scene import Box, Detection, Fixation, Scene

DEPTH = np.full((4, 8), np.nan, np.float32)
DEPTH[:2] = 0.05
DEPTH[0, 0] = 0.0321
FORCEPS = Detection(1, 'bipolar forceps', 0.973, 1, Box(2, 1, 4, 3))
SUCTION = replace(FORCEPS, class_name='suction', position=(-0.0123, 0.004, 0.0456))
CAMERA = Camera(8, 4, 8.0, 8.0, 4.0, 2.0)


def test_every_instrument_has_a_line_with_class_score_and_place() -> None:
    printed = str(Scene(detections=[FORCEPS, SUCTION], depth=DEPTH, camera=CAMERA)).splitlines()
    assert printed[:5] == [
        'scene of 8 x 4 pixels',
        '2 instruments',
        '  bipolar forceps, score 0.97, columns 2 to 5, rows 1 to 3',
        '  suction, score 0.97, columns 2 to 5, rows 1 to 3, at x -12.3, y 4.0, z 45.6 mm',
        'depth 32 to 50 mm, known in 50% of the pixels',
    ]


def test_depth_without_a_camera_is_called_a_guess() -> None:
    assert 'its scale is a guess: no camera was given' in str(Scene(depth=DEPTH))


@pytest.mark.parametrize('depth', [np.full((4, 8), np.nan), np.zeros((0, 0))], ids=['all NaN', 'no pixel'])
def test_unknown_depth_is_said(depth: np.ndarray) -> None:
    assert 'depth unknown everywhere' in str(Scene(depth=depth))


def test_empty_lists_are_said() -> None:
    assert str(Scene(detections=[], scanpath=())).splitlines()[:3] == ['scene', 'no instrument', 'no fixation']


def test_where_to_look_first_is_said() -> None:
    path = (Fixation(1, 1, (5, 2), (0.0, 0.0, 0.05), 0.8, 1),)
    assert '1 fixation, first at pixel (5, 2)' in str(Scene(scanpath=path))


def test_what_is_absent_is_listed_with_the_reason() -> None:
    wanted = frozenset({'depth', 'cloud', 'saliency'})
    assert str(Scene(depth=DEPTH, wanted=wanted)).splitlines()[-3:] == [
        'absent: cloud (needs a camera)',
        'absent: confidence, detections, gaze, instances, labels, overlay, parts, scale, scanpath, '
        'tracks (not asked for)',
        'absent: saliency (not predicted by this network)',
    ]


def test_representation_is_one_line() -> None:
    scene = Scene(detections=[FORCEPS, SUCTION], depth=DEPTH, camera=CAMERA)
    assert repr(scene) == (
        '<Scene of 8 x 4 pixels: bipolar forceps 0.97, suction 0.97; depth 32 to 50 mm, known in 50% of the pixels>'
    )
    assert repr(Scene(detections=[])) == '<Scene: no instrument>'
    assert repr(Scene()) == '<Scene: print it for more>'
