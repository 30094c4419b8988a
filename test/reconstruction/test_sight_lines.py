"""Where a place is seen from elsewhere tells how far it is, whatever the network takes it for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from support.bumpy_tissue import pose_on_the_way
from support.wrong_depth import LARGE, detailed_shot, off, wrong

from mt3dnet_ros.reconstruction.sight_lines import Crossings, Sighting, cross, smooth_guess, telling_pixels
from mt3dnet_ros.reconstruction.tissue_view import TissueView

STEPS = 60  # around
HERE, THERE = (pose_on_the_way(step / STEPS) for step in (3, 0))


def seen_from_there(view: TissueView, there: TissueView | None = None) -> Crossings:
    """Return what a sighting from there tells of a view from here."""
    before = Sighting.of(there or detailed_shot(THERE), THERE)
    here = Sighting.of(view, HERE)
    return cross(view, here, before, smooth_guess(view, None), telling_pixels(view, here))


@pytest.mark.parametrize('factor', [0.85, 1.0, 1.15])
def test_lines_of_sight_cross_where_the_place_is(factor: float) -> None:
    true = detailed_shot(HERE)
    found = seen_from_there(wrong(true, factor))
    measured = np.where(found.weight > 0.0, wrong(true, factor).depth * np.exp(found.log_ratio), 0.0)
    assert (found.weight > 0.0)[true.known].mean() > 0.5 and found.share > 0.9
    assert off(measured, true) < 0.8


def test_nothing_is_measured_from_the_same_place() -> None:
    view = detailed_shot(HERE)
    here = Sighting.of(view, HERE)
    same = cross(view, here, here, smooth_guess(view, None), telling_pixels(view, here))
    assert not same.weight.any() and np.isnan(same.share)


def test_lines_of_sight_miss_each_other_where_tissue_has_moved() -> None:
    still, moved = (seen_from_there(detailed_shot(HERE, lift=lift)) for lift in (0.0, 0.004))
    assert moved.share < 0.7 < 0.9 < still.share


def test_instruments_and_highlights_tell_nothing() -> None:
    view = detailed_shot(HERE)
    depth, rgb = view.depth.copy(), view.rgb.copy()
    depth[40:90, 60:120], rgb[150:170, 200:230] = 0.0, 255
    found = seen_from_there(replace(view, depth=depth, rgb=rgb))
    assert not found.weight[40:90, 60:120].any() and not found.weight[150:170, 200:230].any()
    assert found.weight.any()
    assert np.isfinite(found.log_ratio).all()


def test_light_that_travels_with_the_camera_does_not_shift_what_is_measured() -> None:
    """From there the picture is darker, and brightest elsewhere."""
    true, there = detailed_shot(HERE), detailed_shot(THERE)
    shade = np.linspace(0.45, 0.9, LARGE.width)[None, :, None]
    darker = replace(there, rgb=(there.rgb * shade).astype(np.uint8))
    found = seen_from_there(wrong(true), darker)
    measured = np.where(found.weight > 0.0, wrong(true).depth * np.exp(found.log_ratio), 0.0)
    assert (found.weight > 0.0)[true.known].mean() > 0.4
    assert off(measured, true) < 1.0
