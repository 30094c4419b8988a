"""One image with both eyes."""

from __future__ import annotations

import numpy as np
import pytest

from mt3dnet_ros.ros.evidence.halves import split_halves
from mt3dnet_ros.ros.messages.encodings import ImageError


def test_halves_are_views_of_the_picture() -> None:
    picture = np.arange(2 * 6 * 3, dtype=np.uint8).reshape(2, 6, 3)
    left, right = split_halves(picture)
    np.testing.assert_array_equal(np.concatenate([left, right], axis=1), picture)
    assert np.shares_memory(left, picture)
    assert left.shape == right.shape


def test_an_odd_width_cannot_hold_two_eyes() -> None:
    with pytest.raises(ImageError, match='image of 7 x 2 pixels cannot hold two eyes side by side'):
        split_halves(np.zeros((2, 7, 3), np.uint8))
