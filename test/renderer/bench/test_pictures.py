"""Patterns and prints: pictures in range, the same for the same seed, and of many colours."""

from __future__ import annotations

import numpy as np
import pytest

from mt3dnet_ros.renderer.bench.colours import any_colour, far_from
from mt3dnet_ros.renderer.bench.patterns import CLOTHS, HARD, TEXTURE, material
from mt3dnet_ros.renderer.bench.prints import BOARDS, PAPERS, ROOM, SIZE, checkerboard, suture_lines

PRINTS = {*BOARDS, *PAPERS, *ROOM, suture_lines}


@pytest.mark.parametrize('pattern', sorted({*CLOTHS, *HARD}, key=lambda p: p.__name__))
def test_a_pattern_is_a_picture_of_its_seed(pattern):
    def picture(seed):
        return material(np.random.default_rng(seed), (pattern,), np.array([0.6, 0.3, 0.2]), 40)

    shown = picture(1)
    assert shown.shape == (TEXTURE, TEXTURE, 3) and shown.dtype == np.float32
    assert shown.min() >= 0 and shown.max() <= 1
    np.testing.assert_array_equal(shown, picture(1))
    assert np.abs(shown - picture(2)).max() > 0.01


@pytest.mark.parametrize('print_', sorted(PRINTS, key=lambda p: p.__name__))
def test_a_print_has_contrast_and_is_that_of_its_seed(print_):
    shown = print_(np.random.default_rng(5))
    assert shown.shape == (SIZE, SIZE, 3) and shown.dtype == np.float32
    assert shown.min() >= -1e-6 and shown.max() <= 1 + 1e-6
    assert shown.std() > 0.02
    np.testing.assert_array_equal(shown, print_(np.random.default_rng(5)))


def test_a_checkerboard_is_half_ink_within_its_margin():
    grey = checkerboard(np.random.default_rng(3)).mean(-1)
    lines = np.flatnonzero((grey < 0.4).any(1))
    inner = grey[lines[0] + 40 : lines[-1] - 40, SIZE // 2 - 40 : SIZE // 2 + 40]
    assert 0.25 < (inner < 0.4).mean() < 0.75


def test_colours_go_over_the_whole_gamut():
    rng = np.random.default_rng(0)
    colours = np.stack([any_colour(rng) for _ in range(600)])
    assert colours.min() >= 0 and colours.max() <= 1
    cells = {tuple(cell) for cell in (colours * 3.999).astype(int)}
    assert len(cells) > 40  # of 64


def test_what_is_printed_can_be_seen_on_its_ground():
    rng = np.random.default_rng(0)
    gaps = []
    for _ in range(100):
        colour = any_colour(rng)
        gaps.append(np.abs(far_from(rng, colour) - colour).sum())
    assert np.median(gaps) > 0.8
