"""The loss of saliency maps."""

from __future__ import annotations

import math

import pytest
import torch
import torch.nn.functional as F

from mt3dnet_ros.training.losses.saliency import binary_divergence, saliency_loss, transport_loss


def spot(row, column, size=(32, 40), sigma=2.0):
    """Return a map (1, 1, H, W) with one Gaussian of height 1."""
    rows, columns = torch.meshgrid(*(torch.arange(float(length)) for length in size), indexing='ij')
    return torch.exp(-((rows - row) ** 2 + (columns - column) ** 2) / (2 * sigma**2))[None, None]


def logits_of(saliency, least=1e-6):
    return torch.logit(saliency, eps=least)


def random_logits(height, width):
    return torch.randn(1, 1, height, width, generator=torch.Generator().manual_seed(0))


def test_perfect_saliency_costs_nothing():
    target = spot(10, 20).clamp(1e-3, 1 - 1e-3)
    assert saliency_loss(logits_of(target), target).item() == pytest.approx(0.0, abs=1e-5)


def test_binary_divergence_is_cross_entropy_less_the_entropy_of_the_target():
    # Truth 1/4 and 1, prediction 1/2 everywhere: cross entropy log 2, entropy of the truth that of 1/4 and none.
    target = torch.tensor([0.25, 1.0]).view(1, 1, 1, 2)
    entropy = -(0.25 * math.log(0.25) + 0.75 * math.log(0.75)) / 2
    assert binary_divergence(torch.zeros(1, 1, 1, 2), target).item() == pytest.approx(math.log(2) - entropy)


def test_binary_divergence_has_the_gradient_of_cross_entropy():
    logits, target = random_logits(4, 4).requires_grad_(), spot(1, 1, (4, 4))
    (ours,) = torch.autograd.grad(binary_divergence(logits, target).sum(), logits)
    (theirs,) = torch.autograd.grad(F.binary_cross_entropy_with_logits(logits, target), logits)
    assert torch.allclose(ours, theirs, atol=1e-7)


def test_transport_tells_near_from_far_where_cross_entropy_does_not():
    target, near, far = spot(16, 8), spot(16, 20), spot(16, 32)
    entropies = [binary_divergence(logits_of(found, 0.01), target).item() for found in (near, far)]
    assert entropies[0] == pytest.approx(entropies[1], rel=1e-2)
    costs = [transport_loss(found, target).item() for found in (near, far)]
    # 12 and 24 of 40 cells away.
    assert costs == pytest.approx([0.5 * 0.3**2, 0.5 * 0.6**2], rel=1e-3)


def test_transport_does_not_depend_on_resolution_or_brightness():
    coarse, fine = spot(16, 20), spot(64, 80, (128, 160), 8.0)
    target, fine_target = spot(8, 10), spot(32, 40, (128, 160), 8.0)
    expected = transport_loss(coarse, target).item()
    assert transport_loss(0.1 * fine, fine_target).item() == pytest.approx(expected, rel=1e-2)


def test_gradient_draws_saliency_towards_the_target():
    logits = torch.full((1, 1, 32, 40), -3.0, requires_grad=True)
    transport_loss(logits.sigmoid(), spot(16, 8)).sum().backward()
    left, right = logits.grad[0, 0, :, :10].sum(), logits.grad[0, 0, :, -10:].sum()
    assert left < 0 < right


@pytest.mark.parametrize('empty', ['prediction', 'target', 'both'])
def test_empty_map_costs_no_transport_and_keeps_the_gradient_finite(empty):
    found, wanted = spot(16, 8), spot(16, 30)
    found = (torch.zeros_like(found) if empty != 'target' else found).requires_grad_()
    wanted = torch.zeros_like(wanted) if empty != 'prediction' else wanted
    cost = transport_loss(found, wanted)
    cost.sum().backward()
    assert cost.item() == 0.0 and found.grad.isfinite().all()


def test_empty_target_still_costs_cross_entropy():
    logits, target = torch.zeros(1, 1, 8, 10), torch.zeros(1, 1, 8, 10)
    assert saliency_loss(logits, target).item() == pytest.approx(math.log(2))


def test_frame_costs_the_same_in_any_batch():
    logits = torch.cat([logits_of(spot(10, column)) for column in (5, 20, 30)])
    target = torch.cat([spot(16, 20), torch.zeros(1, 1, 32, 40), spot(20, 8)])
    together = saliency_loss(logits, target)
    alone = torch.cat([saliency_loss(logits[k : k + 1], target[k : k + 1]) for k in range(3)])
    assert together.shape == (3,) and torch.allclose(together, alone, atol=1e-6)


def test_weight_scales_the_transport_alone():
    logits, target = logits_of(spot(10, 10)), spot(20, 30)
    without, once, twice = (saliency_loss(logits, target, weight).item() for weight in (0.0, 1.0, 2.0))
    assert without == pytest.approx(binary_divergence(logits, target).item())
    assert twice - once == pytest.approx(once - without, rel=1e-4) and once > without


def test_logits_are_enlarged_to_the_target():
    logits, target = random_logits(8, 10), spot(16, 8)
    enlarged = F.interpolate(logits, size=(32, 40), mode='bilinear', align_corners=False)
    assert torch.equal(saliency_loss(logits, target), saliency_loss(enlarged, target))


def test_half_precision_prediction_costs_what_its_values_say_under_autocast():
    logits, target = logits_of(spot(10, 10)).bfloat16().requires_grad_(), spot(20, 30)
    expected = saliency_loss(logits.float(), target)
    with torch.autocast('cpu', torch.bfloat16):
        loss = saliency_loss(logits, target)
    loss.sum().backward()
    assert loss.dtype == torch.float32 and torch.allclose(loss, expected)
    assert logits.grad.isfinite().all() and logits.grad.any()


@pytest.mark.parametrize('level', [-80.0, 80.0])
def test_extreme_logits_stay_finite(level):
    logits = torch.full((1, 1, 8, 10), level, requires_grad=True)
    loss = saliency_loss(logits, spot(4, 4, (8, 10)))
    loss.sum().backward()
    assert loss.isfinite().all() and logits.grad.isfinite().all()
