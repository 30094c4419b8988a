"""Depth of wrong shape is corrected where the camera travels over still tissue, and stays where tissue moves."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from support.bumpy_tissue import CAMERA, pose_on_the_way, shot

from mt3dnet_ros.reconstruction.parallax import Parallax, Sighting, measure
from mt3dnet_ros.reconstruction.reconstructor import Reconstructor
from mt3dnet_ros.reconstruction.tissue_view import TissueView

LARGE = replace(CAMERA, width=320, height=256, fx=300.0, fy=300.0, cx=159.5, cy=127.5)
STEPS = 60  # around
VIEWS = 14


def wrong(view: TissueView, factor: float = 1.1) -> TissueView:
    """Return a view whose depth is off as a network's: by a factor, and tilted."""
    tilt = np.linspace(-0.06, 0.06, view.camera.width)
    return replace(view, depth=(view.depth * factor * np.exp(tilt)).astype(np.float32))


def off(depth: np.ndarray, view: TissueView) -> float:
    """Return how far depth is from the truth in the mean, millimetres."""
    both = (depth > 0.0) & view.known
    return 1e3 * float(np.abs(depth - view.depth)[both].mean())


def test_lines_of_sight_cross_where_the_place_is() -> None:
    first, second = (pose_on_the_way(step / STEPS) for step in (0, 3))
    earlier, later = shot(first, LARGE), wrong(shot(second, LARGE))
    partner, here = (
        Sighting(np.round(view.rgb @ [0.299, 0.587, 0.114]).astype(np.uint8), pose)
        for view, pose in ((earlier, first), (later, second))
    )
    (places,) = measure(later, here, [partner])
    columns, rows = places.pixels.astype(int).T
    found = later.depth[rows, columns] * np.exp(places.log_ratio)
    assert len(places.weight) > 40 and places.crossing > 0.8
    assert np.median(np.abs(found - shot(second, LARGE).depth[rows, columns])) < 1e-3


@pytest.mark.parametrize('factor', [0.8, 1.1])
def test_the_shape_and_scale_of_depth_are_corrected_while_the_camera_travels(factor: float) -> None:
    parallax = Parallax()
    for number in range(VIEWS):
        pose = pose_on_the_way(number / STEPS)
        true = shot(pose, LARGE)
        corrected = parallax.correct(wrong(true, factor), pose)
    assert parallax.tells and off(corrected.depth, true) < 0.15 * off(wrong(true, factor).depth, true)
    rests = parallax.correct(wrong(true, factor), pose)  # as before, where the camera does not move
    np.testing.assert_allclose(rests.depth, corrected.depth, rtol=0.02)


def test_a_camera_that_rests_tells_nothing() -> None:
    parallax, view = Parallax(), wrong(shot(np.eye(4), LARGE))
    assert parallax.correct(view, np.eye(4)) is view and parallax.correct(view, np.eye(4)) is view
    assert not parallax.tells and not parallax.has_told


def test_what_was_seen_by_another_camera_is_not_compared() -> None:
    parallax = Parallax()
    for number in range(VIEWS):
        parallax.correct(wrong(shot(pose_on_the_way(number / STEPS), LARGE)), pose_on_the_way(number / STEPS))
    other = wrong(shot(pose_on_the_way(VIEWS / STEPS)))
    assert parallax.correct(other, pose_on_the_way(VIEWS / STEPS)) is other
    assert parallax.has_told and not parallax.tells  # the surface keeps its scale


def test_depth_of_tissue_that_moves_stays_as_it_is() -> None:
    parallax = Parallax()
    for number in range(VIEWS):
        pose = pose_on_the_way(number / STEPS)
        view = wrong(shot(pose, LARGE, lift=0.004 * np.sin(number)))
        corrected = parallax.correct(view, pose)
    assert parallax.tissue_moves and corrected is view and not parallax.has_told


def test_a_surface_of_given_poses_is_that_of_the_lines_of_sight() -> None:
    reconstructor = Reconstructor()
    for number in range(2 * VIEWS):
        pose = pose_on_the_way(number / STEPS)
        update = reconstructor.add(wrong(shot(pose, LARGE)), 0.1 * number, pose)
        assert update.problem == ''
    true = shot(pose, LARGE)
    assert update.pose is not None
    assert off(reconstructor.surface.look(LARGE, update.pose).depth, true) < 0.2 * off(wrong(true).depth, true)
