"""Points of the robot's frames come to the camera by the hand-eye file, by tf2, or not, and then it is said why."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mt3dnet_ros.ros.evidence.camera_frame import CameraFrame
from mt3dnet_ros.ros.frames.transform_tree import TransformError

HAND_EYE = """
parent_frame: ECM
child_frame: left
transform:
  translation: {x: 0.0025, y: 0.01, z: -0.1}
  rotation: {x: 0.0, y: 0.0, z: 1.0, w: 0.0}
"""
POINT = np.array([0.01, 0.02, 0.03])


class Tree:
    """A tree of frames that knows one way."""

    def lookup(self, target: str, source: str, stamp: int) -> tuple[np.ndarray, np.ndarray]:
        assert (target, stamp) == ('left', 5)
        if source != 'PSM1_tip':
            raise TransformError(f"tf2 cannot bring '{source}' to 'left'")
        return np.array([[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]), np.array([1.0, 2.0, 3.0])


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / 'hand_eye.yaml'
    path.write_text(HAND_EYE)
    return str(path)


def test_a_point_in_the_cameras_own_frame_stays() -> None:
    np.testing.assert_array_equal(CameraFrame('', '', None).bring(POINT, '/left', 'left', 5), POINT)


def test_a_point_of_the_frame_that_holds_the_camera_is_brought_by_the_file(file: str) -> None:
    # the camera is turned by half a turn about z, so that x and y change their signs
    brought = CameraFrame(file, '', None).bring(POINT, '/ECM', 'left', 5)
    np.testing.assert_allclose(brought, [-(0.01 - 0.0025), -(0.02 - 0.01), 0.13], atol=1e-12)


def test_other_frames_are_brought_by_tf2(file: str) -> None:
    tree: Any = Tree()
    np.testing.assert_allclose(CameraFrame(file, '', tree).bring(POINT, 'PSM1_tip', 'left', 5), [0.98, 2.01, 3.03])
    with pytest.raises(TransformError, match="cannot bring 'PSM1_base'"):
        CameraFrame(file, '', tree).bring(POINT, 'PSM1_base', 'left', 5)


def test_where_nothing_brings_it_both_frames_are_named(file: str) -> None:
    with pytest.raises(
        TransformError, match="in the frame 'PSM1_base', the images are in 'left', and hand_eye is for 'ECM'"
    ):
        CameraFrame(file, '', None).bring(POINT, 'PSM1_base', 'left', 5)
    with pytest.raises(TransformError, match='no hand_eye file is named'):
        CameraFrame('', '', None).bring(POINT, 'PSM1_base', 'left', 5)


def test_the_frame_of_the_file_may_go_by_another_name(file: str) -> None:
    brought = CameraFrame(file, 'ECM_tip_link', None).bring(POINT, 'ECM_tip_link', 'left', 5)
    np.testing.assert_allclose(brought, CameraFrame(file, '', None).bring(POINT, 'ECM', 'left', 5))
