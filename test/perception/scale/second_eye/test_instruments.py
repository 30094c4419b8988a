"""What matches on instruments say."""

from __future__ import annotations

import numpy as np
import pytest

from mt3dnet_ros.perception.scale.second_eye.consensus import LogRatios
from mt3dnet_ros.perception.scale.second_eye.instruments import scales_of_instruments


def test_instruments_with_matches_enough_have_their_own_factor():
    random = np.random.default_rng(1)
    instances = np.zeros((20, 30), np.uint8)
    instances[:, :10], instances[:5, 20:] = 1, 2
    network = np.full((20, 30), 0.1)
    factors = np.where(instances == 1, 1.2, 0.9) * np.exp(0.02 * random.standard_normal((20, 30)))
    eyes = network * factors
    eyes[instances == 2] = np.nan
    eyes[0, 20:25] = 0.1
    found = scales_of_instruments(LogRatios(eyes, network), instances)
    assert list(found) == [1]
    assert found[1].log_factor == pytest.approx(np.log(1.2), abs=0.01)
    assert 0.01 < found[1].deviation < 0.03
