"""Saliency and scanpath in the picture for people."""

from __future__ import annotations

import numpy as np
import pytest

from mt3dnet_ros.perception.overlay import draw_attention
from mt3dnet_ros.perception.scene import UNKNOWN, Fixation

GREY = 100
SIZE = (512, 640)


def drawn(saliency: np.ndarray, *pixels: tuple[int, int], size: tuple[int, int] = SIZE) -> np.ndarray:
    """Return where something was drawn, (H, W) bool."""
    overlay = np.full((*size, 3), GREY, np.uint8)
    path = [Fixation(k, 1, pixel, UNKNOWN, 0.5, k) for k, pixel in enumerate(pixels, start=1)]
    draw_attention(overlay, saliency, path)
    return (overlay != GREY).any(axis=-1)


def blob(value: int) -> np.ndarray:
    """Return a map with a box of a value, and another of a third of it."""
    saliency = np.zeros(SIZE, np.uint8)
    saliency[100:200, 100:200] = value
    saliency[300:400, 300:400] = value // 3
    return saliency


@pytest.mark.parametrize('value', [60, 255])
def test_what_is_half_as_salient_as_the_most_is_outlined(value):
    changed = drawn(blob(value))
    assert changed[100, 100:200].all()
    assert changed[100:200, 199].all()
    assert not changed[110:190, 110:190].any()
    assert not changed[250:].any()


def test_nothing_is_outlined_where_nothing_is_salient():
    assert not drawn(blob(25)).any()


def test_stops_are_joined_in_order():
    changed = drawn(blob(0), (100, 100), (300, 100), (300, 400))
    assert changed[100, 100:300].all()
    assert changed[100:400, 300].all()
    assert not changed[200:300, 150:280].any()  # the third is not joined to the first


def test_stops_have_different_numbers():
    first, second = (drawn_stop(order) for order in (1, 2))
    assert first.shape == second.shape
    assert (first != second).any()


def drawn_stop(order: int) -> np.ndarray:
    overlay = np.full((*SIZE, 3), GREY, np.uint8)
    draw_attention(overlay, blob(0), [Fixation(1, 1, (50, 50), UNKNOWN, 0.5, order)])
    return overlay[30:70, 30:70]


def test_stop_at_the_corner_stays_in_the_image_and_grows_with_it():
    small = drawn(blob(0), (639, 511))
    large = drawn(np.zeros((1024, 1280), np.uint8), (1279, 1023), size=(1024, 1280))
    assert small[511, 639]
    assert large.sum() > 3 * small.sum()
