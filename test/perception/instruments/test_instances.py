"""Instruments told apart."""

from __future__ import annotations

import numpy as np
import pytest
from support.drawing import NETWORK, Drawing

from mt3dnet_ros.perception.instruments.instances import InstanceMap, find_instances
from mt3dnet_ros.perception.instruments.peaks import find_peaks
from mt3dnet_ros.perception.maps import read_maps
from mt3dnet_ros.perception.preprocess import Letterbox

WHOLE = Letterbox(NETWORK, NETWORK)


def instances_of(drawing: Drawing) -> InstanceMap:
    maps = read_maps(drawing.prediction, WHOLE, 1.0)
    return find_instances(maps.types, find_peaks(drawing.prediction, WHOLE), maps.parts.argmax(axis=0) == 1)


def window(box: tuple[int, int, int, int]) -> np.ndarray:
    left, top, right, bottom = box
    mask = np.zeros((64, 80), bool)
    mask[top:bottom, left:right] = True
    return mask


def test_background_alone_has_no_instance():
    found = instances_of(Drawing())
    assert not found.ids.any()
    assert found.items == []


def test_separate_tools_are_instances_the_largest_first():
    small, large = (5, 5, 15, 15), (40, 20, 60, 50)
    found = instances_of(Drawing().tool(small, 2).tool(large, 7))
    assert [item.class_id for item in found.items] == [7, 2]
    assert np.array_equal(found.ids == 1, window(large))
    assert np.array_equal(found.ids == 2, window(small))


def test_region_of_three_cells_is_noise():
    assert instances_of(Drawing().tool((5, 5, 8, 6), 2)).items == []


def test_tool_has_one_class_by_its_mean_probability():
    drawing = Drawing().tool((10, 10, 30, 20), 4).tool((30, 10, 36, 20), 6)
    found = instances_of(drawing)
    assert [item.class_id for item in found.items] == [4]
    assert found.items[0].score == pytest.approx(np.sqrt(20 / 26), abs=1e-3)


def test_detector_may_tip_the_class():
    drawing = Drawing().tool((10, 10, 30, 20), 4).tool((19, 10, 30, 20), 6)
    assert [item.class_id for item in instances_of(drawing).items] == [6]
    drawing.peak((10, 10, 30, 20), 4, 0.3)
    assert [item.class_id for item in instances_of(drawing).items] == [4]


def test_score_grows_with_either_evidence():
    """The mask names the class by one half, the detector by 0.6: together 1 - 0.5 * 0.4."""
    drawing = Drawing().tool((10, 10, 20, 20), 4).tool((20, 10, 30, 20), 6).peak((10, 10, 30, 20), 6, 0.6)
    (item,) = instances_of(drawing).items
    assert (item.class_id, round(item.score**2, 3)) == (6, 0.8)


def test_touching_tools_are_split_where_the_detector_sees_two():
    first, second = (10, 10, 30, 30), (30, 10, 60, 30)
    drawing = Drawing().tool(first, 1).tool(second, 3).peak(first, 1, 0.7).peak(second, 3, 0.8)
    found = instances_of(drawing)
    assert sorted(item.class_id for item in found.items) == [1, 3]
    for instance, item in enumerate(found.items, 1):
        assert np.array_equal(found.ids == instance, window(first if item.class_id == 1 else second))


def test_three_touching_tools_of_one_class_are_split():
    boxes = [(5, 10, 25, 30), (25, 10, 45, 30), (45, 10, 65, 30)]
    drawing = Drawing()
    for box in boxes:
        drawing.tool(box, 2).peak(box, 2, 0.6)
    found = instances_of(drawing)
    assert len(found.items) == 3
    columns = [np.flatnonzero((found.ids == k).any(axis=0)) for k in (1, 2, 3)]
    assert {(c[0], c[-1]) for c in columns} == {(5, 24), (25, 44), (45, 64)}


def test_tools_whose_boxes_overlap_are_split_by_their_types():
    """Half of the second tool's box lies in the first's, and the first's end deeper in it than in its own."""
    first, second = (10, 20, 60, 30), (40, 10, 60, 30)
    drawing = Drawing().tool((40, 10, 60, 20), 3).tool(first, 1).peak(first, 1, 0.7).peak(second, 3, 0.6)
    found = instances_of(drawing)
    sizes = {item.class_id: int((found.ids == k).sum()) for k, item in enumerate(found.items, 1)}
    assert sizes == {1: pytest.approx(500, abs=10), 3: pytest.approx(200, abs=10)}


@pytest.mark.parametrize(
    ('second', 'heat', 'why'),
    [
        ((30, 10, 60, 30), 0.15, 'weak peak'),
        ((14, 12, 30, 30), 0.9, 'box inside of the other'),
        ((57, 10, 60, 30), 0.9, 'too small a share'),
    ],
)
def test_tool_stays_whole(second, heat, why):
    drawing = Drawing().tool((10, 10, 60, 30), 1).peak((10, 10, 57, 30), 1, 0.95).peak(second, 1, heat)
    assert len(instances_of(drawing).items) == 1, why


def test_score_falls_with_doubt_that_it_is_a_tool():
    (item,) = instances_of(Drawing().tool((10, 10, 30, 20), 4, logit=float(np.log(8.0 * 3)))).items  # 0.75, others 1/32
    assert item.score == pytest.approx(np.sqrt((31 / 32) * (0.75 / (31 / 32))), abs=1e-3)


def test_tools_touching_with_their_tips_are_split_by_their_shafts():
    left, right = (0, 20, 40, 28), (40, 22, 80, 30)
    drawing = Drawing().tool(left, 2).tool(right, 2).part((0, 20, 25, 28), 1).part((60, 22, 80, 30), 1)
    found = instances_of(drawing)
    assert len(found.items) == 2
    for box in ((0, 20, 40, 28), (46, 22, 80, 30)):  # the border is half-way between the shafts, at column 42
        assert len(np.unique(found.ids[window(box)])) == 1


@pytest.mark.parametrize(
    ('shafts', 'why'),
    [
        ([(0, 20, 25, 28), (40, 20, 60, 28)], 'the second does not come from the border'),
        ([(0, 20, 25, 28), (78, 20, 80, 28)], 'the second is too small'),
        ([(0, 20, 80, 28)], 'one shaft crosses the image'),
    ],
)
def test_one_tool_is_not_split_by_its_shaft(shafts, why):
    drawing = Drawing().tool((0, 20, 80, 28), 2)
    for box in shafts:
        drawing.part(box, 1)
    assert len(instances_of(drawing).items) == 1, why


def test_peak_over_background_is_loose():
    drawing = Drawing().tool((10, 10, 30, 30), 1).peak((10, 10, 30, 30), 1, 0.8).peak((50, 40, 70, 60), 5, 0.7)
    found = instances_of(drawing)
    assert len(found.items) == 1
    assert [(peak.class_id, round(peak.heat, 2)) for peak in found.loose_peaks] == [(5, 0.7)]


def test_network_gone_mad_is_seen_as_background():
    drawing = Drawing()
    for output in drawing.prediction.outputs().values():
        output.fill(np.nan)
    found = instances_of(drawing)
    assert found.items == []
    assert found.loose_peaks == []
