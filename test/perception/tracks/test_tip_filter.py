"""A tip over time: less noise than its frames, a velocity, and a covariance that tells the truth about both."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mt3dnet_ros.perception.tracks.tip_filter import FORGOTTEN_AFTER, LASTING, TIP_CELLS, WAVER, TipFilter

STEP = 40_000_000
CELL_ANGLE = 0.015
DEVIATION = math.hypot(WAVER, LASTING)
PLACE = np.array([0.012, -0.006, 0.07])


def noisy(random: np.random.Generator, tip: np.ndarray) -> np.ndarray:
    """Return a tip with errors across and along the line of sight, as the filter expects them."""
    x, y, z = tip
    across = TIP_CELLS * CELL_ANGLE * random.normal(size=2)
    depth = z * math.exp(WAVER * random.normal())
    return np.array([(x / z + across[0]) * depth, (y / z + across[1]) * depth, depth])


def follow(
    tips: np.ndarray, deviation: float = math.hypot(WAVER, LASTING)
) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Return tip, velocity and covariance (6, 6) after each measurement."""
    filtered, read = TipFilter(), []
    for place, tip in enumerate(tips, start=1):
        filtered.advance(place * STEP)
        filtered.measure(tuple(tip), CELL_ANGLE, deviation)
        point, velocity, covariance = filtered.read()
        read.append((np.array(point), np.array(velocity), np.reshape(covariance, (-1, 6))))
    return read


def test_nothing_is_known_before_the_first_measurement():
    point, velocity, covariance = TipFilter().read()
    assert np.isnan([*point, *velocity]).all() and covariance == ()


def test_the_first_measurement_is_taken_as_it_is():
    point, velocity, _ = follow(PLACE[None])[0]
    np.testing.assert_allclose(point, PLACE, atol=1e-12)
    np.testing.assert_allclose(velocity, 0.0, atol=1e-12)


def test_a_tip_at_rest_comes_to_rest_and_is_surer_than_its_frames():
    random = np.random.default_rng(0)
    read = follow(np.stack([noisy(random, PLACE) for _ in range(100)]))
    errors = [np.linalg.norm(point - PLACE) for point, _, _ in read[25:]]
    frames = [np.linalg.norm(noisy(random, PLACE) - PLACE) for _ in range(300)]
    assert np.median(errors) < 0.55 * np.median(frames)
    assert np.median([np.linalg.norm(velocity) for _, velocity, _ in read[25:]]) < 0.004


@pytest.mark.parametrize('velocity', [(0.03, 0.0, 0.0), (0.0, -0.02, 0.01), (0.0, 0.0, 0.02)])
def test_a_tip_that_moves_evenly_has_its_velocity(velocity):
    tips = PLACE + np.arange(30)[:, None] * STEP * 1e-9 * np.array(velocity)
    np.testing.assert_allclose(follow(tips)[-1][1], velocity, atol=2e-3)


def test_errors_lie_within_the_covariance_as_often_as_they_should():
    random, distances = np.random.default_rng(1), []
    for _ in range(150):
        velocity = 0.01 * random.normal(size=3)
        tips = PLACE + np.arange(30)[:, None] * STEP * 1e-9 * velocity
        point, estimate, covariance = follow(np.stack([noisy(random, tip) for tip in tips]))[-1]
        error = np.concatenate([point - tips[-1], estimate - velocity])
        distances.append(float(error @ np.linalg.solve(covariance, error)))
    assert np.mean(np.array(distances) < 12.59) > 0.9  # 95 % of a chi-square of six


def test_depth_is_surer_across_than_along_the_line_of_sight():
    tip, _, covariance = follow(np.repeat(PLACE[None], 20, axis=0), deviation=0.3)[-1]
    along = tip / np.linalg.norm(tip)
    across = np.cross(along, [0.0, 1.0, 0.0])
    across /= np.linalg.norm(across)
    deviation = np.sqrt(along @ covariance[:3, :3] @ along)
    assert deviation == pytest.approx(0.3 * np.linalg.norm(tip), rel=0.15)  # what lasts does not average away
    assert np.sqrt(across @ covariance[:3, :3] @ across) < 0.2 * deviation


def test_where_the_deviation_of_depth_is_unknown_so_is_the_covariance():
    filtered = TipFilter()
    filtered.advance(STEP)
    filtered.measure(tuple(PLACE), CELL_ANGLE, math.nan)
    point, _, covariance = filtered.read()
    assert np.isfinite(point).all() and covariance == ()


def test_a_single_outlier_hardly_counts_and_one_that_stays_is_believed():
    tips = np.repeat(PLACE[None], 60, axis=0)
    tips[30] += [0.02, 0.0, 0.02]
    outlier = follow(tips)
    assert np.linalg.norm(outlier[30][0] - PLACE) < 0.004
    tips[30:] = tips[30]
    assert np.linalg.norm(follow(tips)[45][0] - tips[30]) < 0.002


def test_a_tip_that_is_not_measured_goes_on_for_a_while_less_and_less_sure_and_is_then_unknown():
    filtered, stamp, deviations = TipFilter(), 0, []
    for place in range(25):
        stamp += STEP
        filtered.advance(stamp)
        filtered.measure(tuple(PLACE + [0.0008 * place, 0.0, 0.0]), CELL_ANGLE, WAVER)
    last = filtered.read()[0]
    for _ in range(5):
        stamp += STEP
        filtered.advance(stamp)
        deviations.append(filtered.read()[2][0])
    assert filtered.read()[0][0] - last[0] == pytest.approx(0.004, rel=0.2)
    assert deviations == sorted(deviations)
    filtered.advance(stamp + round(1e9 * FORGOTTEN_AFTER))
    assert np.isnan(filtered.read()[0]).all()


def test_the_covariance_is_that_of_small_changes_of_what_is_filtered():
    filtered = TipFilter()
    for place in range(1, 8):
        filtered.advance(place * STEP)
        filtered.measure(tuple(PLACE + [0.001 * place, 0.0, 0.0005 * place]), CELL_ANGLE, WAVER)
    filtered._share = np.array([1.0, 0.0])  # one model alone: its covariance is that of its state
    state, covariance = filtered._state[0].copy(), filtered._covariance[0].copy()
    slopes = np.zeros((6, 6))
    for k in range(6):
        axis, estimate = k % 3, k // 3
        for sign in (1.0, -1.0):
            filtered._state[0] = state
            filtered._state[0, axis, estimate] += sign * 1e-6
            point, velocity, _ = filtered.read()
            slopes[:, k] += sign * np.array([*point, *velocity]) / 2e-6
    filtered._state[0] = state
    place, both, rate = (np.diag(covariance[:, a, b]) for a, b in ((0, 0), (0, 1), (1, 1)))
    inner = np.block([[place, both], [both, rate]])
    np.testing.assert_allclose(np.reshape(filtered.read()[2], (6, 6)), slopes @ inner @ slopes.T, rtol=1e-4, atol=1e-12)
