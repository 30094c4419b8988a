"""Views become one surface: exact where depth and pose are, steady where the scale wavers, and honest where lost."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from support.bumpy_tissue import CAMERA, height, pose_on_the_way, shot

from mt3dnet_ros.errors import InputError
from mt3dnet_ros.reconstruction.reconstructor import Reconstructor
from mt3dnet_ros.reconstruction.settings import FIXED, GIVEN, ODOMETRY, ReconstructionSettings, SurfaceSettings
from mt3dnet_ros.reconstruction.tissue_view import TissueView

FRAMES = 20
EXACT = ReconstructionSettings(use_parallax=False)  # which corrects what is exact here, by its own errors


def scaled(view: TissueView, factor: float) -> TissueView:
    return replace(view, depth=np.float32(factor) * view.depth)


def millimetres_off(reconstructor: Reconstructor) -> float:
    xyz = reconstructor.surface.points().xyz
    return 1e3 * float(np.abs(height(xyz[:, 0], xyz[:, 1]) - xyz[:, 2]).mean())


def travel(reconstructor: Reconstructor, factors: np.ndarray) -> None:
    for number, factor in enumerate(factors):
        pose = pose_on_the_way(number / FRAMES)
        update = reconstructor.add(scaled(shot(pose), factor), 0.1 * number, pose)
        assert update.problem == '' and update.map_number == 1


def test_exact_views_from_given_poses_are_an_exact_surface() -> None:
    reconstructor = Reconstructor(EXACT)
    travel(reconstructor, np.ones(FRAMES))
    assert millimetres_off(reconstructor) < 0.15
    points = reconstructor.surface.points()
    assert len(points.xyz) > 5000 and points.rgb.shape == points.xyz.shape
    assert points.age.min() == 0.0 and points.age.max() <= 0.1 * (FRAMES - 1) + 1e-6
    mesh = reconstructor.surface.mesh()
    assert len(mesh.triangles) > 5000 and mesh.triangles.max() < len(mesh.vertices) == len(mesh.rgb)


def test_the_same_look_is_drawn_once_and_anew_when_the_surface_has_changed() -> None:
    reconstructor = Reconstructor()
    travel(reconstructor, np.ones(3))
    surface, pose = reconstructor.surface, pose_on_the_way(2 / FRAMES)
    first = surface.look(CAMERA, pose)
    assert surface.look(CAMERA, pose.copy()) is first
    assert surface.look(replace(CAMERA, fx=140.0), pose) is not first
    again = surface.look(CAMERA, pose)
    np.testing.assert_array_equal(again.depth, first.depth)
    surface.fuse(shot(pose, lift=0.004), pose, 1.0)
    assert surface.look(CAMERA, pose) is not again
    assert not np.array_equal(surface.look(CAMERA, pose).depth, first.depth)


def test_a_scale_that_wavers_is_aligned_before_it_is_fused() -> None:
    factors = np.exp(0.04 * np.random.default_rng(1).standard_normal(FRAMES))
    factors /= np.exp(np.log(factors).mean()) * factors[0]  # the first one gives the surface its scale
    factors[0] = 1.0
    aligned = Reconstructor(replace(EXACT, settling=1, say_in_scale=0.0))
    plain = Reconstructor(replace(EXACT, align_scale=False))
    travel(aligned, factors)
    travel(plain, factors)
    assert millimetres_off(aligned) < 0.5 * millimetres_off(plain)


def test_a_first_view_that_is_wrong_in_scale_does_not_set_that_of_the_surface() -> None:
    first, mean = (Reconstructor(ReconstructionSettings(FIXED, settling=count)) for count in (1, 8))
    for number in range(12):
        for reconstructor in (first, mean):
            reconstructor.add(scaled(shot(np.eye(4)), 1.0 if number else 1.05), 0.1 * number)
    assert millimetres_off(mean) < 1.0 < millimetres_off(first)


def lit(view: TissueView, gain: float) -> TissueView:
    """Return a view with an endoscope's light: brighter in the middle, and all of it by a gain."""
    rows, columns = np.mgrid[-1 : 1 : view.camera.height * 1j, -1 : 1 : view.camera.width * 1j]
    light = gain * (1.0 - 0.35 * (rows**2 + columns**2))
    return replace(view, rgb=(light[..., None] * view.rgb).clip(0, 255).astype(np.uint8))


@pytest.mark.parametrize('is_lit', [False, True], ids=['even light', 'light of its own'])
def test_the_camera_is_followed_by_what_it_sees(is_lit: bool) -> None:
    reconstructor = Reconstructor(ReconstructionSettings(pose_source=ODOMETRY))
    start, steps = np.linalg.inv(pose_on_the_way(0.0)), 60
    errors = []
    for number in range(steps):
        pose = pose_on_the_way(number / steps)
        view = lit(shot(pose), 1.0 + 0.25 * np.sin(number / 5)) if is_lit else shot(pose)
        update = reconstructor.add(view, 0.04 * number)
        assert update.problem == '' and update.pose is not None
        assert number == 0 or update.fitness > 0.4
        errors.append(np.linalg.norm((start @ pose - update.pose)[:3, 3]))
    assert 1e3 * np.sqrt(np.mean(np.square(errors))) < 2.6  # of a way of 130 mm: 2 mm over 100


def test_a_lost_camera_says_so_finds_itself_again_and_begins_anew_elsewhere() -> None:
    reconstructor = Reconstructor(ReconstructionSettings(pose_source=ODOMETRY, patience=3))
    for number in range(5):
        assert not reconstructor.add(shot(pose_on_the_way(number / 60)), 0.04 * number).problem
    elsewhere = np.eye(4)
    elsewhere[:3, 3] = 5.0, 3.0, -0.03
    for number in range(5, 8):
        assert 'lost' in reconstructor.add(shot(elsewhere), 0.04 * number).problem
    assert not reconstructor.add(shot(pose_on_the_way(2 / 60)), 0.32).problem
    assert reconstructor.map_number == 1
    problems = [reconstructor.add(shot(elsewhere), 0.4 + 0.04 * number).problem for number in range(4)]
    assert all(problems[:3]) and not problems[3] and reconstructor.map_number == 2


def test_a_pose_that_jumps_is_told_and_the_surface_kept() -> None:
    reconstructor = Reconstructor(EXACT)
    travel(reconstructor, np.ones(FRAMES))
    wrong = pose_on_the_way(0.0)
    wrong[:3, 3] += 0.02, 0.015, 0.0
    update = reconstructor.add(shot(pose_on_the_way(0.0)), 2.1, wrong)
    assert 'contradicts the surface' in update.problem and update.pose is None
    assert millimetres_off(reconstructor) < 0.15


def test_tissue_that_has_moved_is_replaced_and_not_doubled() -> None:
    settings = ReconstructionSettings(
        FIXED, align_scale=False, follow_tissue=False, surface=SurfaceSettings(steadiness=4.0)
    )
    reconstructor = Reconstructor(settings)
    for number in range(10):
        reconstructor.add(shot(np.eye(4)), 0.1 * number)
    for number in range(10, 30):
        reconstructor.add(shot(np.eye(4), lift=0.005), 0.1 * number)
    xyz = reconstructor.surface.points().xyz
    xyz = xyz[(np.abs(xyz[:, :2]) < 0.025).all(-1)]  # what is in view still
    off = 1e3 * np.abs(height(xyz[:, 0], xyz[:, 1]) - 0.005 - xyz[:, 2])
    assert np.mean(off) < 0.5 and np.mean(off > 2.0) < 0.02


def test_tissue_that_breathes_as_one_is_followed_though_its_scale_wavers() -> None:
    reconstructor, rng = Reconstructor(ReconstructionSettings(FIXED)), np.random.default_rng(1)
    for number in range(15):
        lift = 0.0025 * (1.0 - np.cos(0.3 * number))
        view = shot(np.eye(4), lift=lift)
        update = reconstructor.add(scaled(view, np.exp(0.02 * rng.standard_normal()) if number else 1.0), 0.1 * number)
        assert update.pose is not None
        np.testing.assert_allclose(update.shift, [0.0, 0.0, lift], atol=1.2e-3)
        np.testing.assert_array_equal(update.pose[:3, 3], update.shift)
    seen = reconstructor.surface.look(CAMERA, update.pose).depth
    assert 1e3 * np.abs(seen - view.depth)[seen > 0.0].mean() < 1.5


def test_a_camera_and_tissue_that_stand_still_are_seen_as_that() -> None:
    reconstructor = Reconstructor(ReconstructionSettings(FIXED))
    shifts = [reconstructor.add(shot(np.eye(4)), 0.1 * number).shift for number in range(10)]
    assert 1e3 * np.abs(shifts).max() < 0.8


def test_what_is_not_seen_any_more_is_forgotten_in_time_and_blocks_are_bounded() -> None:
    settings = ReconstructionSettings(surface=SurfaceSettings(memory=1.0, blocks=1200))
    reconstructor = Reconstructor(settings)
    for number in range(12):
        pose = np.eye(4)
        pose[0, 3] = 0.02 * number
        assert not reconstructor.add(shot(pose), 0.5 * number, pose).problem
        assert 0 < reconstructor.surface.blocks <= 1200
    assert reconstructor.surface.points().age.max() <= 1.0


def test_a_view_for_which_there_is_no_room_is_refused_with_the_remedy() -> None:
    reconstructor = Reconstructor(ReconstructionSettings(surface=SurfaceSettings(blocks=100)))
    assert 'allow more blocks' in reconstructor.add(shot(np.eye(4)), 0.0, np.eye(4)).problem


def test_views_that_say_nothing_are_refused_with_the_reason() -> None:
    reconstructor = Reconstructor()
    nothing = replace(shot(np.eye(4)), depth=np.zeros((CAMERA.height, CAMERA.width), np.float32))
    assert 'no tissue is seen' in reconstructor.add(nothing, 0.0, np.eye(4)).problem
    assert 'pose of the camera is not known' in reconstructor.add(shot(np.eye(4)), 0.1).problem
    assert not reconstructor.surface.blocks and not len(reconstructor.surface.points().xyz)
    assert not len(reconstructor.surface.mesh().triangles)


def test_time_that_goes_back_begins_another_map() -> None:
    reconstructor = Reconstructor()
    assert reconstructor.add(shot(np.eye(4)), 5.0, np.eye(4)).map_number == 1
    update = reconstructor.add(shot(np.eye(4)), 1.0, np.eye(4))
    assert update.map_number == 2 and not update.problem


def test_a_pose_source_that_there_is_not_is_refused() -> None:
    with pytest.raises(InputError, match=f"'guess' is none of {GIVEN}, {ODOMETRY}, {FIXED}"):
        ReconstructionSettings('guess')
