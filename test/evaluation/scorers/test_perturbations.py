"""Perturbations: changes of a picture, and the way back for its masks."""

from __future__ import annotations

import numpy as np
import pytest

from mt3dnet_ros.evaluation.scorers.perturbations import GAINS, OUTSIDE, ZOOM, perturbations


@pytest.fixture
def picture():
    image = np.full((60, 80, 3), 60, np.uint8)
    image[20:45, 5:50] = 160
    return image


def bright_mask(image):
    return image[..., 1] > 110


@pytest.mark.parametrize('name', perturbations())
def test_a_changed_mask_is_brought_back_to_where_it_was(name, picture):
    change = perturbations()[name]
    changed = change.apply(picture)
    back, mask = change.undo(bright_mask(changed).astype(np.uint8)), bright_mask(picture)
    assert changed.shape != picture.shape or (changed != picture).any()
    assert changed.dtype == np.uint8 and back.shape == mask.shape
    assert (back == mask)[back != OUTSIDE].mean() > 0.98
    shown = 1 / ZOOM**2 if name == 'zoomed' else 1.0
    assert (back != OUTSIDE).mean() == pytest.approx(shown, abs=0.02), 'the rest is outside of the changed picture'


def test_quarter_turns_follow_one_another(picture):
    once, twice, thrice = (perturbations()[f'turned_{angle}'].apply for angle in (90, 180, 270))
    assert once(picture).shape == (80, 60, 3)
    assert (once(once(picture)) == twice(picture)).all() and (once(twice(picture)) == thrice(picture)).all()
    assert (once(thrice(picture)) == picture).all()


@pytest.mark.parametrize(('name', 'expected'), [('warmer', (115, 100, 85)), ('cooler', (85, 100, 115))])
def test_a_cast_multiplies_channels_and_stops_at_white(name, expected):
    picture = np.full((2, 2, 3), 100, np.uint8)
    picture[0, 0] = 255
    changed = perturbations()[name].apply(picture)
    assert tuple(changed[1, 1]) == expected
    assert tuple(changed[0, 0]) == tuple(min(255, round(255 * gain)) for gain in GAINS[name])
