"""Saliency and scanpath by the formula of LWL, and its edge cases, on tools that are rectangles."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mt3dnet_ros.datasets.frames import IGNORED, DatasetError, LabelledFrame
from mt3dnet_ros.datasets.saliency.maps import fixation_points, saliency_map
from mt3dnet_ros.datasets.saliency.scanpath import STATIC, attention_weights
from mt3dnet_ros.datasets.saliency.truth import AttentionRules, attention
from mt3dnet_ros.datasets.saliency.working_ends import WorkingEnd, predecessors, working_ends

SIZE = (80, 100)
SHAFT, WRIST, CLASPER = 1, 2, 3
LEAST = 0.5 + 0.5 * math.log(2)  # the weight of the instrument that changes and moves least
TRACKED, MATCHED = AttentionRules(ids_persist=True), AttentionRules(ids_persist=False)


def frame(*tools, name='seq_1/frame001'):
    """Draw tools (instance, class, column, row, width, height): the shaft on the left, then wrist, then clasper."""
    types, parts, instances = (np.zeros(SIZE, np.uint8) for _ in range(3))
    for instance, kind, x, y, width, height in tools:
        end, shaft = np.s_[y : y + height, x : x + width], np.s_[y : y + height, max(0, x - 20) : x]
        types[end] = types[shaft] = kind
        instances[end] = instances[shaft] = instance
        parts[shaft], parts[end] = SHAFT, CLASPER
        parts[y : y + height, x : x + width // 2] = WRIST
    return LabelledFrame(name, np.zeros((*SIZE, 3), np.uint8), types, parts, instances)


def box(x, y, width, height, kind=1, instance=1):
    return working_ends(frame((instance, kind, x, y, width, height)))[0]


def test_the_worked_example_has_its_weights():
    weights = attention_weights(np.array([1.0, 1.2]), np.array([4.0, 8.0]))
    np.testing.assert_allclose(weights, [0.847, 1.293], atol=5e-4)


def test_masks_with_the_displacements_and_sizes_of_the_worked_example_give_its_weights():
    before = frame((1, 1, 30, 10, 10, 10), (2, 2, 30, 50, 10, 10))
    now = frame((1, 1, 34, 10, 10, 10), (2, 2, 38, 49, 10, 12))
    path = attention(now, before, TRACKED).scanpath
    assert [(stop.order, stop.instance, stop.class_id) for stop in path] == [(1, 2, 2), (2, 1, 1)]
    np.testing.assert_allclose([stop.weight for stop in path], [1.293, 0.847], atol=5e-4)


def test_size_counts_alike_whether_it_grows_or_shrinks():
    small = frame((1, 1, 40, 20, 10, 10), (2, 2, 40, 50, 10, 10))
    large = frame((1, 1, 40, 20, 10, 20), (2, 2, 41, 50, 10, 10))
    grown, shrunk = (attention(now, then, TRACKED).scanpath for now, then in ((large, small), (small, large)))
    assert sorted(stop.weight for stop in grown) == pytest.approx(sorted(stop.weight for stop in shrunk))


def test_a_static_tool_counts_as_moved_by_a_fraction_of_a_pixel():
    weights = attention_weights(np.ones(2), np.array([0.0, 2.0]))
    np.testing.assert_allclose(weights, [LEAST, 0.5 + 0.5 * math.log(2 * 2.0 / STATIC)])
    np.testing.assert_allclose(attention_weights(np.ones(3), np.zeros(3)), LEAST)


def test_a_tool_that_has_just_come_weighs_least():
    before = frame((1, 1, 30, 10, 10, 10))
    now = frame((1, 1, 33, 10, 10, 10), (2, 2, 60, 50, 20, 20))
    path = attention(now, before, TRACKED).scanpath
    assert [stop.instance for stop in path] == [1, 2]
    assert path[1].weight == pytest.approx(LEAST)


def test_equal_weights_are_ranked_by_size():
    empty = frame()
    path = attention(frame((1, 1, 30, 10, 10, 10), (2, 2, 30, 50, 20, 20)), empty, TRACKED).scanpath
    assert [(stop.instance, stop.weight) for stop in path] == [(2, pytest.approx(LEAST)), (1, pytest.approx(LEAST))]


def test_without_a_tool_nothing_is_salient():
    result = attention(frame(), frame((1, 1, 30, 10, 10, 10)), MATCHED)
    assert result.scanpath == () and result.saliency.shape == SIZE and not result.saliency.any()


def test_shafts_and_slivers_and_unlabelled_pixels_attract_no_fixation():
    seen = frame((1, 1, 60, 10, 10, 10), (2, 2, 98, 40, 2, 1))
    seen.parts[10:15, 60:70] = IGNORED
    ends = working_ends(seen)
    assert [end.instance for end in ends] == [1]
    assert ends[0].size == 50 and tuple(ends[0].centre) == (64.5, 17.0)


def test_instances_that_keep_their_ids_are_followed_through_a_crossing():
    before = [box(20, 20, 10, 10, instance=1), box(40, 20, 10, 10, instance=2)]
    now = [box(42, 20, 10, 10, instance=1), box(18, 20, 10, 10, instance=2)]
    assert [end.instance for end in predecessors(now, before, ids_persist=True)] == [1, 2]


@pytest.mark.parametrize('order', [1, -1])
def test_two_tools_of_one_type_are_matched_by_overlap_then_by_nearness(order):
    before = [box(20, 20, 10, 10, instance=1), box(60, 60, 10, 10, instance=2)]
    now = [box(24, 20, 10, 10, instance=7), box(76, 60, 10, 10, instance=8)][::order]
    found = predecessors(now, before[::order], ids_persist=False)
    assert [(end.instance, old.instance) for end, old in zip(now, found, strict=True)] == [(7, 1), (8, 2)][::order]


def test_overlap_decides_before_nearness():
    before = [box(20, 20, 60, 4, instance=1), box(22, 27, 4, 4, instance=2)]
    now = [box(20, 22, 10, 4, instance=3)]
    assert np.linalg.norm(now[0].centre - before[1].centre) < np.linalg.norm(now[0].centre - before[0].centre)
    assert predecessors(now, before, ids_persist=False)[0].instance == 1


def test_tools_of_another_type_or_across_the_image_are_no_predecessors():
    now = [box(10, 20, 10, 10, kind=1)]
    assert predecessors(now, [box(10, 20, 10, 10, kind=2)], ids_persist=False) == (None,)
    assert predecessors(now, [box(85, 20, 10, 10, kind=1)], ids_persist=False) == (None,)


def test_one_predecessor_serves_one_tool():
    before = [box(20, 20, 10, 10, instance=1)]
    now = [box(22, 20, 10, 10, instance=1), box(35, 20, 10, 10, instance=2)]
    found = predecessors(now, before, ids_persist=False)
    assert found[0] is before[0] and found[1] is None


def test_fixations_are_spread_over_the_working_end_only():
    end = box(30, 20, 40, 30)
    points = fixation_points(np.random.default_rng(0), end, 5.0)
    assert end.mask[points[:, 1], points[:, 0]].all()
    assert 40 <= len(points) <= 60  # 48 cells of 5 x 5 pixels
    assert len({(x // 10, y // 10) for x, y in points}) == 12


def test_a_small_end_has_one_fixation_next_to_its_centre():
    ring = np.zeros(SIZE, bool)
    ring[40, 50] = ring[40, 54] = True
    points = fixation_points(np.random.default_rng(0), WorkingEnd(1, 1, ring), 60.0)
    assert points.tolist() == [[50, 40]]


def test_a_map_is_highest_at_the_heaviest_fixation_and_falls_as_a_gaussian():
    points = [np.array([[20, 40]]), np.array([[80, 40]])]
    saliency = saliency_map(points, np.array([1.0, 2.0]), SIZE, 5.0)
    assert saliency.dtype == np.uint8 and saliency[40, 80] == 255
    assert saliency[40, 20] == pytest.approx(127.5, abs=1)
    assert saliency[40, 85] == pytest.approx(255 * math.exp(-0.5), abs=2)


def test_saliency_depends_only_on_the_seed_and_the_frame():
    before, now = frame((1, 1, 30, 10, 20, 20)), frame((1, 1, 33, 10, 20, 20))
    same, other = attention(now, before, TRACKED), attention(now, before, AttentionRules(True, seed=1))
    np.testing.assert_array_equal(attention(now, before, TRACKED).saliency, same.saliency)
    assert not np.array_equal(same.saliency, other.saliency) and same.scanpath == other.scanpath


def test_stops_of_the_scanpath_lie_on_the_tool():
    now = frame((1, 1, 30, 10, 30, 20))
    now.parts[14:26, 30:55] = SHAFT  # leaves two open jaws and what joins them
    (stop,) = attention(now, now, TRACKED).scanpath
    assert now.parts[stop.pixel[1], stop.pixel[0]] in (WRIST, CLASPER)


def test_frames_without_parts_are_refused_with_the_remedy():
    seen = frame((1, 1, 30, 10, 10, 10))
    bare = LabelledFrame('seq_1/frame001', seen.image, seen.types, None, seen.instances)
    with pytest.raises(DatasetError, match="'seq_1/frame001' has no masks of types, parts and instances"):
        attention(bare, seen, MATCHED)


@pytest.mark.parametrize('rules', [{'spacing': 0.0}, {'blur': -0.1}])
def test_lengths_of_nothing_are_refused(rules):
    with pytest.raises(ValueError, match='must be above 0'):
        AttentionRules(True, **rules)
