"""A correction of the shape holds for a while, where the network still says the same."""

from __future__ import annotations

import numpy as np
import pytest
from support.stereo_scene import HEIGHT, WIDTH, render_pair, squinting_cameras
from support.two_eyes import STAMP, view_of

from mt3dnet_ros.perception.scale.held_shape import HeldShape
from mt3dnet_ros.perception.scale.observation import ShapeCorrection

PAIR = squinting_cameras()
LEFT, RIGHT, DEPTH = render_pair(PAIR)
NETWORK_DEVIATION = 0.2


def view(after: float, depth: np.ndarray = DEPTH):
    return view_of(LEFT, RIGHT, depth, PAIR, stamp=STAMP + round(1e9 * after))


def measured() -> ShapeCorrection:
    return ShapeCorrection(np.full(view(0.0).cell_depth.shape, 0.1, np.float32), 0.03)


@pytest.fixture
def held() -> HeldShape:
    shape = HeldShape()
    assert shape(measured(), view(0.0), NETWORK_DEVIATION) is not None
    return shape


def test_correction_fades_and_its_deviation_grows_to_that_of_the_network(held):
    early, late = (held(None, view(after), NETWORK_DEVIATION) for after in (0.1, 0.6))
    assert 0.1 > early.field.max() > late.field.max() > 0.0
    assert 0.03 < early.deviation < late.deviation < NETWORK_DEVIATION
    assert held(None, view(1.2), NETWORK_DEVIATION) is None


def test_nothing_is_left_of_it_where_the_network_says_another_depth(held):
    moved = DEPTH.copy()
    moved[: HEIGHT // 2] *= 1.2
    field = held(None, view(0.04, moved), NETWORK_DEVIATION).field
    upper, lower = field[: len(field) // 2 - 1], field[len(field) // 2 + 1 :]
    assert upper.max() < 1e-6 < 0.08 < lower.min()


def test_frame_without_a_stamp_or_of_another_stream_has_none(held):
    assert HeldShape()(None, view(0.0), NETWORK_DEVIATION) is None
    unstamped = view_of(LEFT, RIGHT, DEPTH, PAIR, stamp=0)
    assert held(None, unstamped, NETWORK_DEVIATION) is None
    held(measured(), view(0.0), NETWORK_DEVIATION)
    held.forget()
    assert held(None, view(0.04), NETWORK_DEVIATION) is None


def test_newer_measurement_replaces_it(held):
    newer = ShapeCorrection(np.full(view(0.0).cell_depth.shape, -0.2, np.float32), 0.05)
    assert held(newer, view(0.04), NETWORK_DEVIATION) is newer


def test_network_of_another_size_has_none(held):
    small = view_of(LEFT[:128], RIGHT[:128], DEPTH[:128], PAIR.cropped(0, 0, WIDTH, 128), stamp=STAMP + 40_000_000)
    assert held(None, small, NETWORK_DEVIATION) is None
