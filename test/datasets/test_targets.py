"""Boxes from masks, and heat maps and distances from boxes."""

from __future__ import annotations

import pytest
import torch

from mt3dnet_ros.datasets.targets import Boxes, boxes_from_instances, detection_targets


def masks(*bars, size=(32, 40)):
    """Return instance and type masks of bars (row, column, height, width, type)."""
    instances, types = torch.zeros(1, *size, dtype=torch.uint8), torch.zeros(1, *size, dtype=torch.uint8)
    for index, (row, column, height, width, kind) in enumerate(bars):
        instances[0, row : row + height, column : column + width] = index + 1
        types[0, row : row + height, column : column + width] = kind
    return instances, types


def test_box_encloses_the_visible_pixels_of_an_instance():
    boxes = boxes_from_instances(*masks((4, 6, 10, 20, 3), (20, 0, 12, 8, 1)), stride=1)
    assert boxes.classes.tolist() == [[3, 1]]
    assert boxes.edges.tolist() == [[[5.5, 3.5, 25.5, 13.5], [-0.5, 19.5, 7.5, 31.5]]]


def test_box_of_coarse_mask_is_in_input_pixels():
    boxes = boxes_from_instances(*masks((4, 6, 10, 20, 3)), stride=2)
    assert boxes.edges.tolist() == [[[11.5, 7.5, 51.5, 27.5]]]


def test_sliver_and_background_instance_count_as_padding():
    boxes = boxes_from_instances(*masks((0, 0, 3, 3, 2), (10, 10, 12, 12, 0)), stride=1)
    assert boxes.classes.tolist() == [[0, 0]]


def test_frame_without_instances_has_empty_targets():
    boxes = boxes_from_instances(*masks(), stride=1)
    targets = detection_targets(boxes, (32, 40), 8, 3)
    assert targets.heat.shape == (1, 3, 4, 5) and targets.boxes.shape == (1, 4, 4, 5)
    assert not targets.heat.any() and not targets.weights.any()


def test_heat_is_one_exactly_at_the_cell_of_the_centre():
    boxes = Boxes(torch.tensor([[[10.0, 20.0, 90.0, 60.0]]]), torch.tensor([[2]]))
    targets = detection_targets(boxes, (96, 128), 8, 3)
    assert (targets.heat == 1).nonzero().tolist() == [[0, 1, 5, 6]]
    assert not targets.heat[0, 0].any() and not targets.heat[0, 2].any()
    assert targets.heat[0, 1, 5, 7] > targets.heat[0, 1, 6, 6], 'wider than high'


def test_peak_and_distances_give_the_box_back():
    box = torch.tensor([10.0, 20.0, 90.0, 60.0])
    targets = detection_targets(Boxes(box[None, None], torch.tensor([[1]])), (96, 128), 8, 1)
    row, column = 5, 6
    x, y = column * 8 + 3.5, row * 8 + 3.5
    left, top, right, bottom = targets.boxes[0, :, row, column].tolist()
    assert [x - left, y - top, x + right, y + bottom] == pytest.approx(box.tolist())


def test_every_weighted_cell_lies_in_the_box_it_regresses():
    torch.manual_seed(0)
    corner = torch.rand(4, 5, 2) * 60
    boxes = Boxes(torch.cat([corner, corner + 10 + torch.rand(4, 5, 2) * 50], -1), torch.randint(0, 4, (4, 5)))
    targets = detection_targets(boxes, (128, 128), 8, 3)
    chosen = targets.boxes.movedim(1, -1)[targets.weights > 0]
    assert len(chosen) > 10 and chosen.min() > 0


def test_overlapping_objects_keep_their_own_centres():
    edges = torch.tensor([[[0.0, 0.0, 80.0, 80.0], [40.0, 40.0, 88.0, 88.0]]])
    targets = detection_targets(Boxes(edges, torch.tensor([[1, 1]])), (96, 96), 8, 1)
    assert (targets.heat[0, 0] == 1).nonzero().tolist() == [[5, 5], [8, 8]]
    assert targets.boxes[0, :, 8, 8].tolist() == [27.5, 27.5, 20.5, 20.5]
