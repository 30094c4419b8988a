"""Images into the surface: where the map is, what is said when something is wrong, and what is kept."""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip('open3d', reason="needs open3d: pip install 'mt3dnet_ros[render]'")

from rclpy.clock import Clock
from support.bumpy_tissue import CAMERA, pose_on_the_way
from support.perceived_tissue import SECOND, TRACK, instrument, perceive

from mt3dnet_ros.errors import InputError
from mt3dnet_ros.guidance.near_surface import nearest_surface
from mt3dnet_ros.ros.frames.transform_tree import TransformError
from mt3dnet_ros.ros.guidance.messages import decode_depth
from mt3dnet_ros.ros.health import HealthMonitor
from mt3dnet_ros.ros.messages.headers import stamp_to_ns
from mt3dnet_ros.ros.parameters.reconstruction import ReconstructionParameters
from mt3dnet_ros.ros.reconstruction import fusion as fusion_module
from mt3dnet_ros.ros.reconstruction.fusion import SurfaceFusion
from mt3dnet_ros.ros.reconstruction.report import ReconstructionSituation, reconstruction_findings
from mt3dnet_ros.ros.reconstruction.views import ViewReader
from mt3dnet_ros.ros.topics.reconstruction import DEPTH, DISTANCES, ODOMETRY, TRANSFORM
from mt3dnet_ros.ros.topics.topic import Topic

BEGIN = 1_000 * SECOND
ELSEWHERE = np.eye(4)
ELSEWHERE[:3, 3] = 5.0, 3.0, -0.03


class Outputs:
    """Takes what is published."""

    def __init__(self, *wanted: Topic[Any]) -> None:
        self.wanted = wanted
        self.published: list[tuple[Topic[Any], Any]] = []

    def wants(self, *topics: Topic[Any]) -> bool:
        return bool({*map(id, topics)} & {*map(id, self.wanted)})

    def is_due(self, topic: Topic[Any], rate: float) -> bool:
        return self.wants(topic)

    def publish(self, topic: Topic[Any], message: Any) -> None:
        self.published.append((topic, message))


class Rig:
    """A camera over the tissue, 20 images a second."""

    def __init__(self, *wanted: Topic[Any], **parameters: Any) -> None:
        self.parameters = ReconstructionParameters(**parameters)
        self.health, self.outputs = HealthMonitor(), Outputs(*wanted)
        reader = ViewReader(self.parameters, self.health.rejected)
        outputs: Any = self.outputs
        self.fusion = SurfaceFusion(self.parameters, reader, outputs, self.health, Clock())
        self.step = 0

    def look(self, pose: np.ndarray | None = None, stamp: int | None = None, **changes: Any) -> str:
        """Take the next image; return why it was not fused."""
        self.step += 1
        stamp = BEGIN + self.step * SECOND // 20 if stamp is None else stamp
        pose = pose_on_the_way(self.step / 200) if pose is None else pose
        self.health.received()
        self.fusion(perceive(pose, stamp, **changes))
        return self.fusion.state.problem

    def said(self) -> str:
        """Return what diagnostics say."""
        fusion = self.fusion
        events, drift = fusion.events.recent(), fusion.drift.problem
        now = ReconstructionSituation(self.health.snapshot(), fusion.state, self.parameters, '', events, drift)
        return '; '.join(found.text for found in reconstruction_findings(now))


def transform(poses: Callable[[int], np.ndarray | None]) -> Callable[[str, str, int], tuple[np.ndarray, np.ndarray]]:
    """Return a robot that says where the camera is, by the number of the image."""

    def lookup(target: str, source: str, stamp: int) -> tuple[np.ndarray, np.ndarray]:
        assert (target, source) == ('base', 'scope')
        pose = poses(round((stamp - BEGIN) * 20 / SECOND))
        if pose is None:
            raise TransformError("tf2 cannot bring 'scope' to 'base'")
        return pose[:3, :3], pose[:3, 3]

    return lookup


def test_a_lost_camera_is_said_found_again_or_another_map_begins() -> None:
    rig = Rig(patience=3)
    assert not any(rig.look() for _ in range(4))
    assert 'the camera is lost' in rig.look(ELSEWHERE) and 'the camera is lost' in rig.said()
    assert not rig.look(pose_on_the_way(3 / 200)) and 'found again' in rig.said()
    assert (rig.fusion.state.number, rig.fusion.state.frame_id) == (1, 'map')
    assert all(rig.look(ELSEWHERE) for _ in range(3)) and not rig.look(ELSEWHERE)
    assert 'another map began' in rig.said() and rig.fusion.state.number == 2
    assert rig.fusion.reset() == 3 and not rig.fusion.state.blocks


def test_a_camera_that_changes_and_stamps_that_go_back_are_said_and_the_surface_kept() -> None:
    rig = Rig()
    rig.look()
    blocks = rig.fusion.state.blocks
    assert not rig.look(camera=replace(CAMERA, fx=160.0, fy=160.0)) and 'the camera changed' in rig.said()
    assert not rig.look(stamp=5 * SECOND) and 'stamps of the images went back' in rig.said()
    assert rig.fusion.state.number == 1 and rig.fusion.state.blocks >= blocks


def test_a_guess_is_said_and_a_scale_that_changes_keeps_depth_back() -> None:
    rig, still = Rig(DEPTH, pose_source='fixed', follow_tissue=False), np.eye(4)
    assert not any(rig.look(still, guess=True) for _ in range(13)) and 'depth without scale' in rig.said()
    assert len(rig.outputs.published) == 13
    assert not any(rig.look(still, factor=1.3) for _ in range(15)) and 'another scale than the surface' in rig.said()
    assert 13 < len(rig.outputs.published) < 28


def test_guidance_takes_the_depth_without_instruments() -> None:
    rig = Rig(DEPTH)
    rig.look(labels=instrument((CAMERA.height, CAMERA.width)))
    message = rig.outputs.published[-1][1].whole()
    assert message.header.frame_id == 'scope' and stamp_to_ns(message.header.stamp) == BEGIN + SECOND // 20
    assert nearest_surface(decode_depth(message)) == pytest.approx(0.09, abs=0.01)


def test_images_that_show_no_tissue_are_refused_and_the_surface_kept() -> None:
    rig = Rig()
    rig.look()
    nothing = {'depth': np.full((CAMERA.height, CAMERA.width), np.nan)}
    instruments = {'labels': np.ones((CAMERA.height, CAMERA.width), np.uint8)}
    assert 'no tissue is seen' in rig.look(**nothing) and 'no tissue is seen' in rig.look(**instruments)
    assert '2 of the last 3 images not fused' in rig.said() and rig.fusion.state.blocks
    assert not rig.look()


def test_the_robot_says_where_the_map_is_and_nothing_of_the_pose_is_published() -> None:
    rig = Rig(ODOMETRY, TRANSFORM, pose_source='tf', map_frame='base')
    rig.fusion.poses.lookup = transform(lambda step: pose_on_the_way(step / 200))
    assert not any(rig.look() for _ in range(3))
    assert rig.fusion.state.frame_id == 'base' and not rig.outputs.published and not rig.said()


@pytest.mark.parametrize(
    ('fallback', 'problem', 'frame_id'),
    [('wait', 'tf2 cannot', ''), ('odometry', '', 'base_unplaced'), ('fixed', '', 'scope')],
)
def test_without_a_transform_the_node_falls_back_and_begins_anew_with_it(
    fallback: str, problem: str, frame_id: str
) -> None:
    rig = Rig(pose_source='tf', pose_fallback=fallback, map_frame='base')
    rig.fusion.poses.lookup = transform(lambda step: pose_on_the_way(0.0) if step > 3 else None)
    refusals = [rig.look(pose_on_the_way(0.0)) for _ in range(3)]
    assert all(problem in refusal and bool(refusal) == bool(problem) for refusal in refusals)
    assert "tf2 cannot bring 'scope' to 'base'" in rig.said() and '(pose_fallback)' in rig.said()
    assert rig.fusion.state.frame_id == frame_id
    assert not rig.look(pose_on_the_way(0.0)) and rig.fusion.state.frame_id == 'base'
    assert rig.fusion.state.number == (1 if fallback == 'wait' else 2)


def test_a_transform_that_jumps_is_not_believed_and_odometry_goes_on_in_the_map() -> None:
    rig = Rig(pose_source='tf', pose_fallback='odometry', map_frame='base')
    rig.fusion.poses.lookup = transform(lambda step: ELSEWHERE if step == 4 else pose_on_the_way(step / 200))
    assert not any(rig.look() for _ in range(3))
    assert not rig.look() and 'the pose of the camera jumps' in rig.said() and 'odometry takes its place' in rig.said()
    assert not rig.look() and 'jumps' not in rig.said()
    assert (rig.fusion.state.number, rig.fusion.state.frame_id) == (1, 'base')


def test_a_camera_that_is_taken_for_standing_still_stays_where_the_robot_last_said() -> None:
    rig, there = Rig(pose_source='tf', pose_fallback='fixed', map_frame='base'), pose_on_the_way(0.1)
    rig.fusion.poses.lookup = transform(lambda step: there if step < 4 else None)
    assert not any(rig.look(there) for _ in range(3))
    blocks = rig.fusion.state.blocks
    assert not any(rig.look(there) for _ in range(3)) and 'fixed takes its place' in rig.said()
    assert (rig.fusion.state.number, rig.fusion.state.frame_id) == (1, 'base')
    assert rig.fusion.state.blocks <= 1.1 * blocks  # nothing is doubled


def test_distances_are_in_the_scale_of_the_surface() -> None:
    rig = Rig(DISTANCES)
    for _ in range(3):
        rig.look()
    (found,) = rig.outputs.published[-1][1].distances
    assert found.track_id == TRACK and 0.015 < found.distance < 0.045 and found.deviation > 0.0
    rig.look(factor=0.8)  # so that the tip, which is given, comes nearer to the surface by what brings depth to it
    (scaled,) = rig.outputs.published[-1][1].distances
    assert scaled.tip.z == pytest.approx(found.tip.z / 0.8, 0.02) and scaled.distance < found.distance


def test_a_surface_is_saved_and_kept_where_the_disk_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rig = Rig(folder=str(tmp_path / 'new'))
    with pytest.raises(InputError, match='no surface yet'):
        rig.fusion.save()
    rig.look()
    assert str(tmp_path / 'new') in rig.fusion.save()
    rig.fusion.save()  # within the same second, mostly
    assert len([*(tmp_path / 'new').glob('*_map_1*/surface.*')]) == 4

    def refuse(folder: Path, surface: object) -> int:
        raise OSError(errno.ENOSPC, 'No space left on device', str(folder))

    monkeypatch.setattr(fusion_module, 'write_surface', refuse)
    with pytest.raises(InputError, match=r'nothing is saved, the surface is kept: .* no space is left on the disk'):
        rig.fusion.save()
    assert len([*(tmp_path / 'new').iterdir()]) == 2  # and nothing half-written
    assert not rig.look() and rig.fusion.state.blocks


def test_an_output_that_nobody_wants_costs_nothing() -> None:
    rig = Rig()
    with contextlib.ExitStack() as stack:
        monkeypatch = stack.enter_context(pytest.MonkeyPatch.context())
        surface = 'mt3dnet_ros.reconstruction.surface.TissueSurface'
        monkeypatch.setattr(f'{surface}.points', None)
        monkeypatch.setattr(f'{surface}.mesh', None)
        assert not rig.look()
    assert not rig.outputs.published
