"""Settings out of range."""

from __future__ import annotations

import math

import pytest

from mt3dnet_ros.perception.settings import Settings


@pytest.mark.parametrize(
    ('name', 'value'),
    [
        ('score_threshold', -0.1),
        ('score_threshold', 1.1),
        ('score_threshold', math.nan),
        ('type_threshold', -0.1),
        ('type_threshold', math.nan),
        ('overlay_opacity', 2.0),
        ('stride', 0),
        ('max_depth', 0.0),
        ('max_depth', math.nan),
        ('saliency_reset_gap', 0.0),
        ('saliency_reset_gap', math.nan),
        ('frozen_timeout', -0.1),
        ('gaze_time_constant', -0.1),
        ('gaze_time_constant', math.inf),
        ('gaze_time_constant', math.nan),
        ('mask_time_constant', -0.1),
        ('mask_time_constant', math.inf),
        ('fixed_scale', -1.0),
        ('fixed_scale', 0.001),
        ('fixed_scale', 100.0),
        ('fixed_scale', math.nan),
        ('fixed_scale_deviation', 0.0),
        ('fixed_scale_deviation', 1.5),
        ('fixed_scale_deviation', math.nan),
    ],
)
def test_value_out_of_range_is_refused_by_name(name, value):
    with pytest.raises(ValueError, match=f'{name} {value}'):
        Settings(**{name: value})


@pytest.mark.parametrize(
    ('name', 'value'),
    [
        ('score_threshold', 0.0),
        ('score_threshold', 1.0),
        ('overlay_opacity', 0.0),
        ('stride', 1),
        ('max_depth', math.inf),
        ('saliency_reset_gap', math.inf),
        ('gaze_time_constant', 0.0),
        ('fixed_scale', 0.0),
        ('fixed_scale', 20.0),
        ('fixed_scale_deviation', 1.0),
    ],
)
def test_value_at_the_end_of_its_range_is_accepted(name, value):
    assert getattr(Settings(**{name: value}), name) == value


@pytest.mark.parametrize(
    ('entries', 'says'),
    [(('8.6',), 'a class and millimetres'), (('all=0.0086',), 'between 1 and 30 mm'), (('all=8', 'all=9'), 'twice')],
)
def test_diameters_are_read_when_they_are_set(entries, says):
    with pytest.raises(ValueError, match=says):
        Settings(shaft_diameters=entries)
