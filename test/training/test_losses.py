"""Losses against cases worked out by hand."""

from __future__ import annotations

import math

import pytest
import torch

from mt3dnet_ros.training.losses import (
    IGNORED,
    depth_loss,
    dice_loss,
    giou_loss,
    gradient_loss,
    heat_loss,
    segmentation_loss,
)


def certain(target, classes=3):
    """Return logits that are sure of the target."""
    return 40.0 * torch.nn.functional.one_hot(target, classes).movedim(-1, 1).float()


def test_perfect_segmentation_costs_nothing():
    target = torch.randint(0, 3, (2, 4, 5))
    assert segmentation_loss(certain(target), target).item() == pytest.approx(0.0, abs=1e-5)


def test_uniform_segmentation_costs_log_classes_plus_dice():
    target = torch.tensor([[[0, 0], [1, 1]]])
    # Two classes shown, each of 2 pixels, probability 1/3 everywhere: Dice 2 (2/3) / (4/3 + 2) = 0.4.
    assert segmentation_loss(torch.zeros(1, 3, 2, 2), target).item() == pytest.approx(math.log(3) + 0.6)


def test_ignored_pixels_change_nothing():
    torch.manual_seed(0)
    logits, target = torch.randn(1, 3, 4, 4), torch.randint(0, 3, (1, 4, 4))
    target[0, 1] = IGNORED
    changed = logits.clone()
    changed[0, :, 1] = 9 * torch.randn(3, 4)
    assert segmentation_loss(logits, target).item() == pytest.approx(segmentation_loss(changed, target).item())


def test_wholly_ignored_target_costs_nothing():
    assert segmentation_loss(torch.randn(1, 3, 2, 2), torch.full((1, 2, 2), IGNORED)).item() == 0.0


def test_dice_counts_only_the_classes_shown():
    target = torch.zeros(1, 2, 2, dtype=torch.int64)
    probability = torch.zeros(1, 3, 2, 2)
    probability[:, 0] = 1.0
    assert dice_loss(probability, target).item() == 0.0


def test_logits_are_enlarged_to_the_target():
    target = torch.ones(1, 8, 8, dtype=torch.int64)
    assert segmentation_loss(certain(target[:, ::4, ::4]), target).item() == pytest.approx(0.0, abs=1e-5)


def test_perfect_depth_costs_next_to_nothing():
    depth = torch.rand(2, 1, 8, 8) + 0.1
    assert depth_loss(depth, depth).item() < 2e-3


def test_depth_twice_too_large_costs_its_logarithm():
    target = torch.full((1, 1, 8, 8), 0.1)
    # log-L1 is log 2; the scale-invariant term keeps sqrt(1 - 0.85) of it; gradients agree.
    assert depth_loss(2 * target, target).item() == pytest.approx(math.log(2) * (1 + math.sqrt(0.15)), rel=1e-4)


def test_unknown_depth_changes_nothing():
    torch.manual_seed(0)
    depth, target = torch.rand(1, 1, 8, 8) + 0.1, torch.rand(1, 1, 8, 8) + 0.1
    target[..., 3:5] = 0.0
    changed = depth.clone()
    changed[..., 3:5] = 5.0
    assert depth_loss(depth, target).item() == pytest.approx(depth_loss(changed, target).item())


def test_frame_without_depth_costs_nothing_and_stays_finite():
    depth = torch.full((1, 1, 4, 4), 0.1, requires_grad=True)
    loss = depth_loss(depth, torch.zeros(1, 1, 4, 4))
    loss.backward()
    assert loss.item() < 2e-3 and depth.grad.isfinite().all()


def test_gradient_loss_of_a_ramp_is_its_slope_at_every_scale():
    ramp = torch.arange(8.0).expand(1, 1, 8, 8)
    # Steps of 1, 2 and 4 pixels in one of two directions.
    assert gradient_loss(ramp, torch.ones_like(ramp)).item() == pytest.approx((1 + 2 + 4) / 6)


def test_certain_heat_costs_nothing_and_a_missed_peak_its_surprise():
    target = torch.zeros(1, 1, 3, 3)
    target[0, 0, 1, 1] = 1.0
    assert heat_loss(80 * target - 40, target).item() == pytest.approx(0.0, abs=1e-6)
    missed = torch.full((1, 1, 3, 3), -4.0)
    chance = 1 / (1 + math.exp(4))
    expected = -math.log(chance) * (1 - chance) ** 2 - 8 * math.log(1 - chance) * chance**2
    assert heat_loss(missed, target).item() == pytest.approx(expected, rel=1e-4)


def test_heat_near_a_centre_is_penalised_less():
    target = torch.zeros(1, 1, 1, 3)
    target[..., 0], target[..., 1] = 1.0, 0.8
    near, far = torch.full((1, 1, 1, 3), -9.0), torch.full((1, 1, 1, 3), -9.0)
    near[..., 0] = far[..., 0] = 9.0
    near[..., 1], far[..., 2] = 2.0, 2.0
    assert heat_loss(near, target) < 0.1 * heat_loss(far, target)


def grid(*distances):
    return torch.tensor(distances, dtype=torch.float32).view(1, 4, 1, 1)


@pytest.mark.parametrize(
    ('found', 'loss'),
    [
        ((2, 2, 2, 2), 0.0),
        ((4, 4, 4, 4), 1 - 16 / 64),
        # 16 and 16 wide boxes that share 8 of a union of 24 in a hull of 6 x 4.
        ((0, 2, 4, 2), 1 - 8 / 24),
        # 2 x 2 corners that meet at the point only: no overlap, union 20 in a hull of 4 x 4 and 2 x 2.
        ((2, 2, 0, 0), 1 - 4 / 16),
    ],
)
def test_giou_of_known_boxes(found, loss):
    weights = torch.ones(1, 1, 1)
    assert giou_loss(grid(*found), grid(2, 2, 2, 2), weights).item() == pytest.approx(loss)


def test_giou_punishes_the_empty_part_of_the_hull():
    # A 2 x 8 box and an 8 x 2 box about one point: 4 shared, union 28, hull 64.
    loss = giou_loss(grid(1, 4, 1, 4), grid(4, 1, 4, 1), torch.ones(1, 1, 1)).item()
    assert loss == pytest.approx(1 - (4 / 28 - 36 / 64))


def test_cells_without_weight_have_no_say_and_none_at_all_costs_nothing():
    found, wanted = torch.rand(1, 4, 2, 2) + 1, torch.rand(1, 4, 2, 2) + 1
    weights = torch.tensor([[[1.0, 0.0], [0.0, 0.0]]])
    changed = found.clone()
    changed[..., 1, :] = 50.0
    assert giou_loss(found, wanted, weights) == giou_loss(changed, wanted, weights)
    found.requires_grad_()
    nothing = giou_loss(found, wanted, torch.zeros(1, 2, 2))
    nothing.backward()
    assert nothing.item() == 0.0 and not found.grad.any()
