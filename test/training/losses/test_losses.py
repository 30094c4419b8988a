"""Losses against cases worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from mt3dnet_ros.datasets.frames import IGNORED
from mt3dnet_ros.datasets.targets import DetectionTargets
from mt3dnet_ros.training.losses.depth import (
    depth_loss,
    gradient_loss,
    masked_mean,
    scale_invariant_loss,
    ssim_loss,
)
from mt3dnet_ros.training.losses.detection import giou_loss, heat_loss, quality_heat_loss
from mt3dnet_ros.training.losses.segmentation import cross_entropy, dice_loss, segmentation_loss


def certain(target, classes=3):
    """Return logits that are sure of the target."""
    return 40.0 * torch.nn.functional.one_hot(target, classes).movedim(-1, 1).float()


def test_perfect_segmentation_costs_nothing():
    target = torch.randint(0, 3, (2, 4, 5))
    assert segmentation_loss(certain(target), target).tolist() == pytest.approx([0.0, 0.0], abs=1e-5)


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


def test_class_weights_shift_the_mean_as_torch_does():
    torch.manual_seed(0)
    logits, target = torch.randn(1, 3, 4, 4), torch.randint(0, 3, (1, 4, 4))
    weights = torch.tensor([0.2, 1.0, 3.0])
    expected = torch.nn.functional.cross_entropy(logits, target, weights)
    assert cross_entropy(logits.log_softmax(1), target, weights).item() == pytest.approx(expected.item())


def frames_losses(count):
    """Return every loss of some random frames, each a row."""
    generator = torch.Generator().manual_seed(3)
    draw = lambda *shape: torch.rand(count, *shape, generator=generator)  # noqa: E731
    logits, target = draw(3, 4, 4), (3 * draw(8, 8)).long()
    depth, known = draw(1, 4, 4) + 0.1, (draw(1, 8, 8) + 0.1) * (draw(1, 8, 8) > 0.2)
    heat, boxes, weights = draw(2, 4, 4), draw(4, 4, 4), draw(4, 4) * (draw(4, 4) > 0.5)
    heat[:, :, 0, 0] = 1.0
    targets = DetectionTargets(heat, draw(4, 4, 4), weights)
    return [
        (lambda rows: segmentation_loss(logits[rows], target[rows])),
        (lambda rows: depth_loss(depth[rows], known[rows])),
        (lambda rows: heat_loss(logits[rows, :2], heat[rows])),
        (lambda rows: quality_heat_loss(logits[rows, :2], boxes[rows], DetectionTargets(*(t[rows] for t in targets)))),
        (lambda rows: giou_loss(boxes[rows], targets.boxes[rows], weights[rows])),
    ]


@pytest.mark.parametrize('number', range(5))
def test_frame_costs_the_same_in_any_batch(number):
    loss = frames_losses(4)[number]
    together = loss(slice(None))
    assert together.shape == (4,) and len(set(together.tolist())) == 4
    alone = torch.cat([loss(slice(k, k + 1)) for k in range(4)])
    assert torch.allclose(together, alone, atol=1e-6)


def test_perfect_depth_costs_next_to_nothing():
    depth = torch.rand(2, 1, 8, 8) + 0.1
    assert depth_loss(depth, depth).tolist() == pytest.approx([0.0, 0.0], abs=2e-5)


def test_depth_twice_too_large_costs_its_logarithm_its_metres_and_its_brightness():
    target = torch.full((1, 1, 8, 8), 0.1)
    # log-L1 is log 2; the scale-invariant term keeps sqrt(1 - 0.85) of it; 0.1 m are one unit; gradients agree.
    shape_free = math.log(2) * (1 + math.sqrt(0.15)) + 1.0
    a, b = -1.0, math.log10(0.2)
    luminance = (2 * a * b + 1e-4) / (a * a + b * b + 1e-4)
    expected = shape_free + 0.5 * (1 - luminance) / 2
    assert depth_loss(2 * target, target).item() == pytest.approx(expected, rel=1e-3)


def test_scale_invariant_loss_is_eigens():
    error = torch.tensor([0.1, 0.3, -0.2, 9.0]).view(1, 1, 2, 2)
    known = torch.tensor([1.0, 1.0, 1.0, 0.0]).view(1, 1, 2, 2)
    mean, squares = 0.2 / 3, 0.14 / 3
    expected = math.sqrt(squares - 0.85 * mean**2)
    assert scale_invariant_loss(error, known).item() == pytest.approx(expected, rel=1e-2)


def naive_ssim(a, b):
    """Return the mean SSIM over all 3 x 3 windows, by the formula of Wang et al. 2004."""
    values = []
    for row in range(a.shape[0] - 2):
        for column in range(a.shape[1] - 2):
            x, y = a[row : row + 3, column : column + 3], b[row : row + 3, column : column + 3]
            mx, my = x.mean(), y.mean()
            covariance = ((x - mx) * (y - my)).mean()
            luminance = (2 * mx * my + 1e-4) / (mx**2 + my**2 + 1e-4)
            values.append(luminance * (2 * covariance + 9e-4) / (x.var() + y.var() + 9e-4))
    return np.mean(values)


def test_ssim_is_that_of_the_formula():
    a, b = np.random.default_rng(0).random((2, 6, 7))
    tensors = [torch.from_numpy(x)[None, None] for x in (a, b, np.ones_like(a))]
    assert ssim_loss(*tensors).item() == pytest.approx((1 - naive_ssim(a, b)) / 2)


def test_masked_mean_is_per_frame():
    values = torch.arange(8.0).view(2, 1, 2, 2)
    known = torch.tensor([[1.0, 1, 0, 0], [0, 0, 0, 1]]).view(2, 1, 2, 2)
    assert masked_mean(values, known).tolist() == [0.5, 7.0]


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
    assert loss.item() == pytest.approx(0.0, abs=1e-6) and depth.grad.isfinite().all()


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


def test_quality_heat_asks_for_the_overlap_of_the_found_box():
    heat, weights = torch.ones(1, 1, 1, 1), torch.ones(1, 1, 1)
    wanted = DetectionTargets(heat, grid(2, 2, 2, 2), weights)
    half = grid(2, 2, 2, 0)  # half of the wanted box: IoU 0.5, whose logit is 0
    assert quality_heat_loss(torch.zeros(1, 1, 1, 1), half, wanted).item() == 0.0
    assert quality_heat_loss(torch.full((1, 1, 1, 1), 9.0), half, wanted).item() > 0.1


def test_quality_heat_sends_no_gradient_to_the_boxes():
    boxes = grid(1, 2, 2, 2).requires_grad_()
    targets = DetectionTargets(torch.ones(1, 1, 1, 1), grid(2, 2, 2, 2), torch.ones(1, 1, 1))
    logits = torch.zeros(1, 1, 1, 1, requires_grad=True)
    quality_heat_loss(logits, boxes, targets).sum().backward()
    assert boxes.grad is None and logits.grad is not None


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
