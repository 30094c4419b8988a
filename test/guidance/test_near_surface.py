"""The nearest surface of a depth image."""

from __future__ import annotations

import math

import numpy as np

from mt3dnet_ros.guidance.near_surface import nearest_surface


def depth(*size: int) -> np.ndarray:
    return np.full(size, 0.1, np.float32)


def test_a_near_surface_is_found_in_a_part_of_the_image() -> None:
    image = depth(1024, 1300)
    image[100:300, 200:500] = 0.02
    assert math.isclose(nearest_surface(image), 0.02, rel_tol=1e-6)


def test_single_wrong_pixels_are_no_surface() -> None:
    image = depth(60, 80)
    image[::12, ::12] = 0.001
    assert math.isclose(nearest_surface(image), 0.1, rel_tol=1e-6)


def test_unknown_pixels_are_left_out() -> None:
    image = depth(60, 80)
    image[:20], image[20:25], image[25:28] = np.nan, 0.0, np.inf
    assert math.isclose(nearest_surface(image), 0.1, rel_tol=1e-6)


def test_too_few_known_pixels_say_nothing() -> None:
    image = depth(60, 80)
    image[:35] = np.nan
    assert math.isnan(nearest_surface(image))
    assert math.isnan(nearest_surface(np.zeros((0, 0), np.float32)))
