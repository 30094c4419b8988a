"""Surrounds hide the same pixels in images and in labels of any stride."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import torch

from mt3dnet_ros.training.augmentation.surround import (
    WIDEST,
    Surround,
    draw_surround,
    draw_surrounds,
    frame_by,
    frame_images,
)

SIZE = (288, 352)


def drawn(count=200, inset=0.0, size=SIZE):
    rng = np.random.default_rng(1)
    return [draw_surround(rng, size, inset) for _ in range(count)]


def test_circle_shows_its_disc():
    shown = Surround((0.5, 0.4), (10.0, 10.0), radius=0.2).shown((80, 100))
    assert shown.sum() == pytest.approx(np.pi * 20**2, rel=0.02)
    assert shown[40, 31] and not shown[40, 29] and shown[21, 50] and not shown[19, 50]


def test_octagon_and_rectangle_show_their_areas():
    rectangle = Surround((0.5, 0.4), (0.4, 0.3)).shown((80, 100))
    octagon = Surround((0.5, 0.4), (0.4, 0.3), corner=0.2).shown((80, 100))
    assert rectangle.sum() == 80 * 60
    assert octagon.sum() == pytest.approx(80 * 60 - 2 * 20**2, rel=0.02)


def test_margins_are_at_most_the_widest_and_reach_it():
    sides = []
    for surround in drawn():
        columns = np.flatnonzero(surround.shown(SIZE).any(0))
        sides += [columns[0] / SIZE[1], 1 - (columns[-1] + 1) / SIZE[1]]
    assert max(sides) <= WIDEST + 0.01 and max(sides) > 0.8 * WIDEST and np.median(sides) > 0.03


def test_something_is_hidden_and_something_shown():
    shares = np.array([surround.shown(SIZE).mean() for surround in drawn()])
    assert shares.min() > 0.05 and shares.max() <= 1.0 and (shares < 0.98).mean() > 0.9


def test_coarser_grid_sees_the_same_shape():
    for surround in drawn(40, inset=0.5):
        fine, coarse = surround.shown(SIZE), surround.shown((SIZE[0] // 2, SIZE[1] // 2))
        shrunken = cv2.resize(fine.astype(np.float32), coarse.shape[::-1], interpolation=cv2.INTER_AREA) > 0.5
        assert (shrunken != coarse).mean() < 0.02


def test_view_share_is_about_the_root_of_the_area():
    assert Surround((0.5, 0.4), (0.25, 0.2)).view_share((80, 100)) == pytest.approx(0.5)
    assert Surround((0.5, 0.4), (10.0, 10.0), radius=10.0).view_share((80, 100)) == 1.0
    assert all(0.2 < surround.view_share(SIZE) <= 1.0 for surround in drawn())


def test_image_changes_beyond_the_view_and_stays_far_inside():
    rng = np.random.default_rng(2)
    kept = 0
    for surround in drawn(60):
        picture = np.full((*SIZE, 3), 0.6, np.float32)
        framed = frame_by(surround, picture, rng)
        assert framed.shape == picture.shape and framed.min() >= 0.0 and framed.max() <= 1.0
        inside = surround.depth_inside(SIZE)
        assert (framed[inside < -0.03] != 0.6).any(1).mean() > 0.95 if (inside < -0.03).any() else True
        deep = inside > min(0.21, 0.8 * inside.max())
        kept += np.allclose(np.median(framed[deep], 0), 0.6, atol=0.02)
    assert kept > 40


def test_inset_shows_the_other_picture_and_is_hidden_in_the_labels():
    rng = np.random.default_rng(3)
    surround = Surround((0.5, 0.4), (10.0, 10.0), radius=0.35, inset=(0.0, 0.0, 0.2, 0.2 * SIZE[0] / SIZE[1]))
    framed = frame_by(surround, np.zeros((*SIZE, 3), np.float32), rng, np.full((*SIZE, 3), 0.7, np.float32))
    assert framed[5:50, 5:60] == pytest.approx(0.7)
    assert not surround.shown(SIZE)[:57, :70].any()


def test_insets_lie_in_the_picture_and_mostly_beside_the_view():
    covered = []
    for surround in drawn(100, inset=1.0):
        left, top, right, bottom = surround.inset
        assert left >= 0 and top >= 0 and right <= 1.0 + 1e-6 and bottom <= SIZE[0] / SIZE[1] + 1e-6
        alone = Surround(surround.centre, surround.half, surround.radius, surround.corner).shown(SIZE)
        covered.append((alone & ~surround.shown(SIZE)).sum() / (alone.size * (right - left) ** 2))
    assert np.mean(covered) < 0.5


def test_a_share_of_the_images_is_framed():
    torch.manual_seed(0)
    surrounds = draw_surrounds(300, 0.3, (32, 48))
    assert 60 < len(surrounds) < 120
    images = torch.full((300, 3, 32, 48), 0.6)
    frame_images(images, surrounds)
    untouched = torch.tensor([index not in surrounds for index in range(300)])
    assert (images[untouched] == 0.6).all() and not (images[~untouched] == 0.6).flatten(1).all(1).any()


def test_no_share_draws_no_number():
    torch.manual_seed(0)
    before = torch.get_rng_state()
    assert draw_surrounds(16, 0.0, SIZE) == {} and torch.equal(before, torch.get_rng_state())
