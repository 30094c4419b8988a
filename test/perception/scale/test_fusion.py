"""What several things say at once, with errors that they share."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from mt3dnet_ros.perception.scale.fusion import SHARED, WAVER, covariance, fuse, waver
from mt3dnet_ros.perception.scale.namesakes import Key
from mt3dnet_ros.perception.scale.observation import ScaleObservation
from mt3dnet_ros.perception.scale.track import DRIFT, Reading


def reading(
    log_factor: float, systematic: float, source: str = 'shaft', noise: float = 0.0, age: float = 0.0
) -> Reading:
    return Reading(
        Key(source, ''), ScaleObservation(source, log_factor, systematic), log_factor, noise, systematic, age
    )


def test_two_sources_are_fused_by_how_exact_they_are():
    fused = fuse([reading(0.0, 0.02, 'second_eye'), reading(0.1, 0.04, 'robot')], math.nan)
    assert fused.log_factor == pytest.approx(0.02, abs=1e-4)
    assert fused.deviation == pytest.approx((0.02**-2 + 0.04**-2) ** -0.5, rel=1e-4)


@pytest.mark.parametrize('count', [2, 5, 50])
def test_things_of_one_source_share_half_of_their_errors_however_many_they_are(count):
    fused = fuse([reading(0.1, 0.05) for _ in range(count)], math.nan)
    assert fused.log_factor == pytest.approx(0.1, abs=1e-4)
    assert fused.deviation == pytest.approx(0.05 * math.sqrt(SHARED + (1.0 - SHARED) / count), rel=1e-4)


def test_a_much_worse_thing_of_the_same_source_adds_nothing_and_corrects_nothing():
    fused = fuse([reading(0.1, 0.02), reading(0.4, 0.2)], math.nan)
    assert fused.log_factor == pytest.approx(0.1, abs=1e-3)
    assert fused.deviation == pytest.approx(0.02, rel=1e-3)


def test_noise_averages_between_things_and_drift_does_not():
    noisy = covariance([reading(0.1, 0.0, noise=0.01), reading(0.1, 0.0, noise=0.04)])
    assert np.allclose(noisy, np.diag([0.01, 0.04]))
    old = covariance([reading(0.1, 0.0, age=4.0), reading(0.1, 0.0, 'robot', age=9.0)])
    assert np.allclose(old, DRIFT**2 * np.array([[4.0, 4.0], [4.0, 9.0]]))


def test_fusing_is_as_sure_as_it_says():
    random = np.random.default_rng(0)
    errors = []
    for _ in range(2000):
        truth = 0.15 * random.normal()
        shared = random.normal(size=2)
        things = [('shaft', 0.06, 0), ('shaft', 0.05, 0), ('robot', 0.08, 1)]
        found = []
        for source, deviation, k in things:
            bias = math.sqrt(SHARED) * shared[k] + math.sqrt(1.0 - SHARED) * random.normal()
            found.append(reading(truth + deviation * bias, deviation, source))
        fused = fuse(found, 0.15)
        errors.append((fused.log_factor - truth) / fused.deviation)
    assert np.std(errors) == pytest.approx(1.0, abs=0.06)


def test_a_frame_is_off_its_path_by_what_exact_sources_say_and_only_by_those():
    exact = replace(
        reading(0.1, 0.01, 'second_eye'), newest=ScaleObservation('second_eye', 0.13, 0.01, frame_noise=0.01)
    )
    found = waver([exact, replace(reading(0.1, 0.05), newest=ScaleObservation('shaft', 0.5, 0.05))])
    information = WAVER**-2 + 0.01**-2
    assert found == pytest.approx((0.03 * 0.01**-2 / information, information**-0.5))
    assert waver([replace(exact, age=0.1)]) == pytest.approx((0.0, WAVER))
