"""No command is faster, or changes faster, than it may, and a motion stops before the end of its room."""

from __future__ import annotations

import numpy as np
import pytest

from mt3dnet_ros.guidance.limits import Limiter, MotionLimits, braking_speed

LIMITS = MotionLimits(0.08, 1.2, 0.003, 0.045)
PERIOD = 0.01
ENDLESS = np.full(3, np.inf)


def travel(speed: float, acceleration: float) -> float:
    """Return how far a motion goes that begins with a speed and brakes from the second period on."""
    distance = 0.0
    while speed > 0.0:
        distance += speed * PERIOD
        speed -= acceleration * PERIOD
    return distance


@pytest.mark.parametrize('room', [1e-5, 1e-4, 7.3e-4, 2e-3, 0.05])
def test_the_braking_speed_uses_up_the_room_and_no_more(room: float) -> None:
    speed = float(braking_speed(np.array([room]), np.array([1.2]), PERIOD)[0])
    assert travel(speed, 1.2) == pytest.approx(room, rel=1e-9)


def test_no_room_allows_no_speed_and_endless_room_any() -> None:
    speeds = braking_speed(np.array([0.0, -1.0, np.inf]), np.ones(3), PERIOD)
    np.testing.assert_array_equal(speeds, [0.0, 0.0, np.inf])


@pytest.mark.parametrize('seed', range(5))
def test_random_wishes_never_exceed_speed_acceleration_or_room(seed: int) -> None:
    random = np.random.default_rng(seed)
    limiter, place, before = Limiter(LIMITS, PERIOD), np.zeros(3), np.zeros(3)
    room = np.array([0.004, 0.02, 1e-4])
    for _ in range(2000):
        wanted = random.normal(size=3) * 10.0 ** random.uniform(-4, 1)
        speeds = limiter.step(wanted, room + place, room - place)
        place = place + speeds * PERIOD
        assert (np.abs(speeds) <= LIMITS.speed + 1e-12).all()
        assert (np.abs(speeds - before) <= LIMITS.acceleration * PERIOD + 1e-12).all()
        assert (np.abs(place) <= room + 1e-12).all()
        before = speeds


def test_two_turns_are_slowed_together() -> None:
    limiter = Limiter(LIMITS, PERIOD)
    for _ in range(20):
        speeds = limiter.step(np.array([4.0, -1.0, 0.0]), ENDLESS, ENDLESS)
    np.testing.assert_allclose(speeds, (0.08, -0.02, 0.0))


def test_full_speed_is_gone_after_the_braking_time() -> None:
    limiter = Limiter(LIMITS, PERIOD)
    for _ in range(50):
        limiter.step(np.ones(3), ENDLESS, ENDLESS)
    for _ in range(round(LIMITS.braking_time / PERIOD + 0.5)):
        limiter.step(np.zeros(3), ENDLESS, ENDLESS)
    assert not limiter.moving
