"""A factor that the user has measured."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.perception.frame import Frame
from mt3dnet_ros.perception.preprocess import Letterbox
from mt3dnet_ros.perception.scale.filter import ScaleFilter
from mt3dnet_ros.perception.scale.fixed import FixedScale
from mt3dnet_ros.perception.scale.observation import Rejection, ScaleObservation
from mt3dnet_ros.perception.scale.view import ScaleView
from mt3dnet_ros.perception.settings import Settings


def observe(settings: Settings) -> list[ScaleObservation | Rejection]:
    nothing_shown: Any = None
    frame = Frame(np.zeros((64, 80, 3), np.uint8))
    camera = Camera.from_field_of_view(80, 64, 1.0)
    return FixedScale().observe(ScaleView(frame, camera, Letterbox(frame.size, (64, 96)), nothing_shown, settings))


def test_by_default_nothing_is_fixed():
    assert observe(Settings()) == []


def test_the_factor_of_the_settings_is_said_within_its_deviation():
    (found,) = observe(Settings(fixed_scale=1.25, fixed_scale_deviation=0.03))
    assert isinstance(found, ScaleObservation)
    assert (found.source, found.factor, found.deviation) == ('fixed', pytest.approx(1.25), 0.03)


def test_a_factor_that_is_set_anew_is_followed():
    scales = ScaleFilter()
    for k in range(100):
        factor = 1.0 if k < 50 else 1.2
        scale = scales.update(observe(Settings(fixed_scale=factor)), 1_000_000_000 + 40_000_000 * k, 0.15)
    assert scale.factor == pytest.approx(1.2, rel=0.01)
