"""Depth of wrong shape is corrected where the camera travels over still tissue, and stays where tissue moves."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from support.bumpy_tissue import pose_on_the_way, shot
from support.wrong_depth import LARGE, detailed_shot, off, wrong

from mt3dnet_ros.reconstruction.parallax import Parallax
from mt3dnet_ros.reconstruction.reconstructor import Reconstructor

STEPS = 60  # around
VIEWS = 14


@pytest.mark.parametrize('factor', [0.8, 1.1])
def test_the_shape_and_scale_of_depth_are_corrected_while_the_camera_travels(factor: float) -> None:
    parallax = Parallax()
    for number in range(VIEWS):
        pose = pose_on_the_way(number / STEPS)
        true = detailed_shot(pose)
        corrected = parallax.correct(wrong(true, factor), pose)
    assert parallax.tells and off(corrected.depth, true) < 0.15 * off(wrong(true, factor).depth, true)
    rests = parallax.correct(wrong(true, factor), pose)  # it has been elsewhere
    assert off(rests.depth, true) < 0.15 * off(wrong(true, factor).depth, true)


def test_a_shape_that_the_network_does_not_see_is_measured() -> None:
    """Its depth is a plane, the tissue is bumpy."""
    parallax = Parallax()
    for number in range(VIEWS):
        pose = pose_on_the_way(number / STEPS)
        true = detailed_shot(pose)
        flat = replace(true, depth=np.full_like(true.depth, np.median(true.depth)))
        corrected = parallax.correct(flat, pose)
    assert off(flat.depth, true) > 1.0 and off(corrected.depth, true) < 0.3 * off(flat.depth, true)


def test_a_camera_that_rests_tells_nothing() -> None:
    parallax, view = Parallax(), wrong(detailed_shot(np.eye(4)))
    assert parallax.correct(view, np.eye(4)) is view and parallax.correct(view, np.eye(4)) is view
    assert not parallax.tells and not parallax.has_told


def test_views_that_are_tiny_stay_as_they_are() -> None:
    parallax, tiny = Parallax(), replace(LARGE, width=8, height=6, fx=7.5, fy=7.5, cx=3.5, cy=2.5)
    for number in range(VIEWS):
        view = shot(pose_on_the_way(number / STEPS), tiny)
        assert parallax.correct(view, pose_on_the_way(number / STEPS)) is view


def test_smooth_tissue_is_not_taken_for_moving() -> None:
    parallax = Parallax()
    for number in range(VIEWS):
        pose = pose_on_the_way(number / STEPS)
        true = shot(pose, LARGE)
        corrected = parallax.correct(wrong(true), pose)
    assert not parallax.tissue_moves and off(corrected.depth, true) <= off(wrong(true).depth, true)


def test_what_was_seen_by_another_camera_is_not_compared() -> None:
    parallax = Parallax()
    for number in range(VIEWS):
        parallax.correct(wrong(detailed_shot(pose_on_the_way(number / STEPS))), pose_on_the_way(number / STEPS))
    other = wrong(shot(pose_on_the_way(VIEWS / STEPS)))
    assert parallax.correct(other, pose_on_the_way(VIEWS / STEPS)) is other
    assert parallax.has_told and not parallax.tells  # the surface keeps its scale


def test_depth_of_tissue_that_moves_stays_as_it_is() -> None:
    parallax = Parallax()
    for number in range(VIEWS):
        pose = pose_on_the_way(number / STEPS)
        view = wrong(detailed_shot(pose, lift=0.004 * np.sin(number)))
        corrected = parallax.correct(view, pose)
    assert parallax.tissue_moves and corrected is view and not parallax.has_told


def test_a_surface_of_given_poses_is_that_of_the_lines_of_sight() -> None:
    reconstructor = Reconstructor()
    for number in range(2 * VIEWS):
        pose = pose_on_the_way(number / STEPS)
        update = reconstructor.add(wrong(detailed_shot(pose)), 0.1 * number, pose)
        assert update.problem == ''
    true = detailed_shot(pose)
    assert update.pose is not None and update.measured and not reconstructor.tissue_moves
    assert off(reconstructor.surface.look(LARGE, update.pose).depth, true) < 0.2 * off(wrong(true).depth, true)


def test_poses_that_jitter_are_borne() -> None:
    """By 0.1 mm and 0.05 degrees, from picture to picture."""
    parallax, chance = Parallax(), np.random.default_rng(0)
    for number in range(VIEWS):
        pose = pose_on_the_way(number / STEPS)
        true = detailed_shot(pose)
        given = pose.copy()
        given[:3, 3] += chance.normal(0.0, 1e-4, 3)
        given[:3, :3] = given[:3, :3] @ cv2.Rodrigues(chance.normal(0.0, np.radians(0.05), 3))[0]
        corrected = parallax.correct(wrong(true), given)
    assert parallax.tells and not parallax.tissue_moves
    assert off(corrected.depth, true) < 0.3 * off(wrong(true).depth, true)
