"""The detector's peaks."""

from __future__ import annotations

import numpy as np
import pytest
from support.drawing import NETWORK, Drawing

from mt3dnet_ros.perception.instruments.peaks import find_peaks, overlap, suppress
from mt3dnet_ros.perception.preprocess import Letterbox

WHOLE = Letterbox(NETWORK, NETWORK)


def test_nothing_hot_gives_no_peak():
    assert find_peaks(Drawing().prediction, WHOLE) == []


def test_peaks_come_the_strongest_first_with_class_and_box():
    drawing = Drawing().peak((10, 8, 30, 24), 3, 0.6).peak((50, 40, 70, 60), 5, 0.9)
    first, second = find_peaks(drawing.prediction, WHOLE)
    assert (first.class_id, second.class_id) == (5, 3)
    assert np.isclose(first.heat, 0.9)
    assert np.allclose(first.box, np.array([50, 40, 70, 60]) * 4 - 0.5)
    assert np.allclose(second.box, np.array([10, 8, 30, 24]) * 4 - 0.5)


def test_slope_of_a_peak_is_no_peak():
    drawing = Drawing().peak((20, 20, 40, 40), 1, 0.8)
    row, column = np.unravel_index(drawing.heat[0, 0].argmax(), drawing.heat[0, 0].shape)
    drawing.heat[0, 0, row, column + 1] = 0.5
    assert len(find_peaks(drawing.prediction, WHOLE)) == 1


def test_padding_holds_no_peak():
    drawing = Drawing().peak((70, 10, 78, 20), 1, 0.8)
    assert find_peaks(drawing.prediction, Letterbox((256, 200), NETWORK)) == []


@pytest.mark.parametrize(
    ('box', 'expected'),
    [
        ((0, 0, 10, 10), 1.0),
        ((5, 0, 15, 10), 0.5),
        ((2, 2, 4, 4), 1.0),
        ((10, 0, 20, 10), 0.0),
        ((30, 30, 31, 31), 0.0),
    ],
)
def test_overlap_is_relative_to_the_smaller_box(box, expected):
    assert overlap(np.array((0.0, 0.0, 10.0, 10.0)), np.array(box, float)) == pytest.approx(expected)


def test_weaker_of_two_overlapping_peaks_is_suppressed_whatever_its_class():
    drawing = Drawing().peak((10, 10, 30, 30), 1, 0.8).peak((14, 14, 34, 34), 2, 0.7).peak((50, 10, 70, 30), 1, 0.3)
    assert [peak.class_id for peak in suppress(find_peaks(drawing.prediction, WHOLE))] == [1, 1]
