"""Pictures of nothing."""

from __future__ import annotations

import numpy as np
import pytest

from mt3dnet_ros.evaluation.blank_pictures import SIZES, blank_pictures


@pytest.mark.parametrize(('height', 'width'), [*SIZES, (101, 77)])
def test_pictures_of_nothing_differ_and_are_of_the_size_asked_for(height, width):
    pictures = blank_pictures(height, width)
    assert {(picture.shape, picture.dtype.name) for picture in pictures.values()} == {((height, width, 3), 'uint8')}
    assert len({picture.tobytes() for picture in pictures.values()}) == len(pictures)


def test_pictures_of_nothing_are_the_same_every_time():
    first, second = blank_pictures(60, 80), blank_pictures(60, 80)
    assert all((first[name] == second[name]).all() for name in first)


def test_plain_pictures_are_plain_and_the_others_are_not():
    deviations = {name: float(np.std(picture, axis=(0, 1)).max()) for name, picture in blank_pictures(240, 320).items()}
    plain = {name for name, deviation in deviations.items() if deviation == 0}
    assert plain == {'black', 'dark grey', 'grey', 'white', 'blue', 'green', 'red'}
    assert all(deviation > 3 for name, deviation in deviations.items() if name not in plain)
