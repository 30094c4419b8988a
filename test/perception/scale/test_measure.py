"""From a frame to its scale, by all sources."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from support.two_eyes import squinting_view

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.perception.frame import Frame
from mt3dnet_ros.perception.preprocess import Letterbox
from mt3dnet_ros.perception.scale.measure import ScaleMeasure
from mt3dnet_ros.perception.scale.observation import InstrumentScale, Rejection, ScaleObservation, ShapeCorrection
from mt3dnet_ros.perception.scale.view import ScaleView
from mt3dnet_ros.perception.settings import Settings


class Says:
    """A source that says the same of every frame."""

    def __init__(self, *found: ScaleObservation | Rejection) -> None:
        self.found = list(found)
        self.forgotten = 0

    def observe(self, view: ScaleView) -> list[ScaleObservation | Rejection]:
        return self.found

    def forget(self) -> None:
        self.forgotten += 1


def view(stamp: int) -> ScaleView:
    shown: Any = None
    frame = Frame(np.zeros((64, 80, 3), np.uint8), stamp)
    camera = Camera.from_field_of_view(80, 64, 1.0)
    return ScaleView(frame, camera, Letterbox(frame.size, (64, 96)), shown, Settings())


def test_all_sources_are_asked_and_fused():
    rejection = Rejection('shaft', 'cut by the border')
    sources = Says(ScaleObservation('second_eye', 0.1, 0.02)), Says(rejection, ScaleObservation('robot', 0.1, 0.05))
    scale = ScaleMeasure(sources, 0.2, 0.07)(view(0))
    assert [source.name for source in scale.sources] == ['second_eye', 'robot']
    assert scale.rejections == (rejection,)
    assert scale.shape_deviation == 0.07
    assert scale.factor == pytest.approx(np.exp(0.1), rel=0.01)


def test_without_sources_the_scale_is_as_sure_as_the_network():
    scale = ScaleMeasure((), 0.2, 0.07)(view(0))
    assert (scale.factor, scale.deviation, scale.shape_deviation, scale.is_guess) == (1.0, 0.2, 0.07, True)


def test_a_new_stream_is_forgotten_by_the_filter_and_by_every_source():
    source = Says(ScaleObservation('robot', 0.3, 0.02))
    measure = ScaleMeasure((source,), 0.2)
    measure(view(1_000_000_000))
    measure.forget()
    source.found = []
    assert measure(view(1_040_000_000)).is_guess
    assert source.forgotten == 1


def test_instrument_that_was_measured_has_its_own_factor_on_top_of_the_frames():
    own = ScaleObservation('shaft', 0.3, 0.2, 'needle driver', 1, own_deviation=0.05)
    scale = ScaleMeasure((Says(own, ScaleObservation('second_eye', 0.25, 0.01)),), 0.5, 0.1)(view(0))
    assert scale.factor * np.exp(scale.instruments[1].log_factor) == pytest.approx(np.exp(0.3))
    assert scale.deviation_of(1) == 0.05
    assert scale.deviation_of(2) == scale.depth_deviation


def test_frame_alone_is_scaled_by_what_does_not_tell_of_the_instrument():
    scale = ScaleMeasure((Says(ScaleObservation('robot', 0.3, 0.2, 'PSM1', 1)),), 0.5)(view(0))
    assert scale.instruments == {}


def test_shape_that_the_second_eye_corrects_goes_before_what_instruments_tell_of_themselves():
    correction = ShapeCorrection(np.full((32, 40), 0.1, np.float32), 0.04)
    tool = ScaleObservation('shaft', 0.0, 0.05, 'tool', 1, own_deviation=0.02)
    eye = ScaleObservation('second_eye', 0.0, 0.02, shape=correction)
    instances = np.zeros((32, 40), np.uint8)
    instances[:8], instances[-8:] = 1, 2
    scale = ScaleMeasure((Says(tool, eye),), 0.2, 0.07)(squinting_view(instances=instances))
    assert scale.shape is correction.field and scale.shape_deviation == 0.04
    assert scale.instruments == dict.fromkeys((1, 2), InstrumentScale(0.0, math.hypot(scale.deviation, 0.1)))


def test_shape_of_a_second_eye_that_is_not_believed_is_not_taken():
    correction = ShapeCorrection(np.full((32, 40), 0.1, np.float32), 0.04)
    wrong = ScaleObservation('second_eye', 0.6, 0.02, shape=correction)
    right = ScaleObservation('robot', 0.0, 0.02), ScaleObservation('shaft', 0.0, 0.02, 'tool')
    scale = ScaleMeasure((Says(wrong, *right),), 0.2, 0.07)(squinting_view())
    assert scale.conflicts
    assert scale.shape is None and scale.shape_deviation == 0.07
