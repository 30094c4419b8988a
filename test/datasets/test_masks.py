"""Instances and boxes from masks."""

from __future__ import annotations

import numpy as np
import pytest

from mt3dnet_ros.datasets.frames import IGNORED
from mt3dnet_ros.datasets.masks import boxes_of_instances, instances_from_masks, instances_from_types


def rectangle(shape, rows, columns):
    mask = np.zeros(shape, bool)
    mask[slice(*rows), slice(*columns)] = True
    return mask


def test_each_connected_region_of_a_type_is_an_instance():
    types = np.zeros((20, 30), np.uint8)
    types[2:8, 2:8] = types[2:8, 20:26] = 3
    types[8:14, 2:8] = 1  # touches the first
    instances = instances_from_types(types)
    assert len({int(instances[4, 4]), int(instances[4, 22]), int(instances[10, 4])}) == 3
    assert np.array_equal(instances > 0, types > 0)


def test_diagonal_pixels_are_connected():
    assert instances_from_types(np.eye(12, dtype=np.uint8)).max() == 1


def test_specks_and_unlabelled_pixels_are_no_instances():
    types = np.zeros((100, 100), np.uint8)
    types[10:12, 10:12] = 1
    types[50:80, 50:80] = IGNORED
    assert instances_from_types(types, least_area=5e-4).max() == 0
    assert instances_from_types(types, least_area=4e-4).max() == 1


def test_later_mask_covers_the_earlier():
    shape = (10, 10)
    instances = instances_from_masks([rectangle(shape, (0, 6), (0, 6)), rectangle(shape, (4, 10), (4, 10))], shape)
    assert (instances[0, 0], instances[5, 5], instances[9, 9], instances[0, 9]) == (1, 2, 2, 0)


def test_wholly_covered_mask_leaves_no_gap():
    shape = (10, 10)
    small, large = rectangle(shape, (2, 4), (2, 4)), rectangle(shape, (0, 10), (0, 10))
    assert np.unique(instances_from_masks([small, large], shape)).tolist() == [1]


def test_no_mask_makes_no_instance():
    assert not instances_from_masks([], (4, 5)).any()


def test_more_instances_than_ids_are_refused():
    masks = np.eye(300, dtype=bool)[:, None]
    with pytest.raises(ValueError, match='300 instances in one frame; at most 254'):
        instances_from_masks(masks, (1, 300))


def test_boxes_hold_the_instances():
    instances = np.zeros((20, 30), np.uint8)
    instances[3:7, 10:21] = 1
    instances[8, 2] = 4
    assert boxes_of_instances(instances).tolist() == [[10, 3, 11, 4], [2, 8, 1, 1]]


def test_frame_without_instances_has_no_box():
    assert boxes_of_instances(np.zeros((4, 4), np.uint8)).shape == (0, 4)
