"""The scale as a message says what the scale is, and what is not known of it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from std_msgs.msg import Header

from mt3dnet_ros.perception.scale.depth_scale import GUESS, DepthScale, SupportingSource
from mt3dnet_ros.ros.messages.depth_scale import fill_depth_scale, read_depth_scale

HEADER = Header(frame_id='endoscope')
SHAFT, EYE = SupportingSource('shaft', 1.3, 0.05, 0.4, 'probe'), SupportingSource('second_eye', 1.25, 0.01, 0.0)


def test_a_scale_names_its_sources_and_its_interval() -> None:
    message = fill_depth_scale(DepthScale(1.26, 0.01, (EYE, SHAFT), ('they differ',)), HEADER)
    assert (message.factor, message.deviation, message.guess) == (1.26, 0.01, False)
    assert message.lower == pytest.approx(1.26 * math.exp(-0.0196))
    assert message.upper == pytest.approx(1.26 * math.exp(0.0196))
    assert message.sources == ['second_eye', 'shaft']
    assert message.measured == ['', 'probe']
    assert list(message.factors) == [1.25, 1.3]
    assert list(message.deviations) == [0.01, 0.05]
    assert list(message.ages) == [0.0, 0.4]
    assert message.conflicts == ['they differ']
    assert message.header == HEADER
    assert not message.corrects_shape


def test_a_guess_is_called_one_and_has_no_interval_where_nothing_is_known() -> None:
    message = fill_depth_scale(GUESS, HEADER)
    assert message.guess
    assert message.factor == 1.0
    assert math.isnan(message.deviation)
    assert math.isnan(message.lower)
    assert math.isnan(message.upper)
    assert list(message.sources) == []


def test_a_scale_that_differs_over_the_image_says_so() -> None:
    assert fill_depth_scale(DepthScale(1.0, 0.01, (EYE,), shape=np.zeros((4, 4))), HEADER).corrects_shape


def test_a_scale_comes_back_from_its_message() -> None:
    scale = DepthScale(1.26, 0.01, (EYE, SHAFT), ('they differ',), shape_deviation=0.04)
    assert read_depth_scale(fill_depth_scale(scale, HEADER)) == scale
    assert read_depth_scale(fill_depth_scale(GUESS, HEADER)).is_guess
