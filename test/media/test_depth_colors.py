"""Colours of depth do not flicker, and unknown depth has none."""

from __future__ import annotations

import numpy as np

from mt3dnet_ros.media.depth_colors import UNKNOWN_GREY, DepthColors

COLORS = DepthColors(0.0, 0.2)


def test_near_is_red_and_far_is_blue_and_beyond_the_limits_nothing_changes() -> None:
    depth = np.array([[0.01, 0.19, 0.2, 0.4, -1.0, 0.0]], np.float32)
    picture = COLORS.draw(depth).astype(int)
    near, far, limit, beyond, before, zero = picture[0]
    assert near[0] > near[2] + 60 and far[2] > far[0]
    assert (limit == beyond).all() and (before == zero).all()


def test_unknown_depth_is_grey_or_what_is_asked_for() -> None:
    depth = np.array([[np.nan, 0.1]], np.float32)
    assert COLORS.draw(depth)[0, 0].tolist() == [UNKNOWN_GREY] * 3
    assert COLORS.draw(depth, unknown=0)[0, 0].tolist() == [0, 0, 0]
    assert COLORS.draw(depth, unknown=0)[0, 1].tolist() == COLORS.draw(depth)[0, 1].tolist()


def test_the_colour_of_a_depth_does_not_depend_on_the_rest_of_the_picture() -> None:
    rest = np.random.default_rng(0).uniform(0.0, 0.5, (2, 20)).astype(np.float32)
    first, second = (COLORS.draw(np.append(row, np.float32(0.07))[None]) for row in rest)
    assert (first[0, -1] == second[0, -1]).all()


def test_a_depth_image_is_not_changed() -> None:
    depth = np.full((3, 4), 0.1, np.float32)
    COLORS.draw(depth)
    assert (depth == np.float32(0.1)).all()
