"""True velocities of tips."""

from __future__ import annotations

import pytest

from mt3dnet_ros.evaluation.tracks.truth import velocities

TIPS = [{1: (0.0, 0.0, 0.1)}, {1: (0.001, 0.0, 0.1), 2: (0.0, 0.0, 0.1)}, {1: (0.004, 0.0, 0.1), 2: (0.0, 0.0, 0.1)}]


def test_a_velocity_is_the_central_difference():
    assert velocities(TIPS, 1, 0.1) == {1: pytest.approx((0.02, 0.0, 0.0))}


@pytest.mark.parametrize('place', [0, 2])
def test_at_the_ends_of_a_sequence_velocities_are_not_known(place):
    assert velocities(TIPS, place, 0.1) == {}
