"""The game of the task weights: what holds whatever the losses."""

from __future__ import annotations

import math
from itertools import permutations

import pytest
import torch

from mt3dnet_ros.training.balancing import (
    MOVES,
    AdversarialWeights,
    DynamicWeightAverage,
    FixedWeights,
    UncertaintyWeights,
    project_to_simplex,
)

VARIANTS = sorted(MOVES)
UNEQUAL = torch.tensor([0.4, 1.0, 2.5])


def adversary(variant='exponential', **options):
    return AdversarialWeights(3, **({'rate': 0.1, 'reference': 'none', 'variant': variant} | options))


def after(balancing, losses, times=1):
    for _ in range(times):
        balancing.observe(losses)
    return balancing.weights


@pytest.mark.parametrize('variant', VARIANTS)
@pytest.mark.parametrize('losses', [UNEQUAL, torch.tensor([0.0, 0.0, 50.0]), torch.tensor([1e3, 1e-3, 1.0])])
def test_weights_stay_above_the_floor_and_keep_their_sum(variant, losses):
    weights = after(adversary(variant, floor=0.3), losses, 200)
    assert weights.min() >= 0.3 and weights.sum().item() == pytest.approx(3.0, rel=1e-5)


@pytest.mark.parametrize('variant', VARIANTS)
def test_equal_losses_leave_the_weights_as_they_are(variant):
    balancing = adversary(variant)
    before = after(balancing, UNEQUAL, 3).clone()
    assert torch.allclose(after(balancing, torch.full((3,), 1.7), 10), before, atol=1e-6)


@pytest.mark.parametrize('variant', VARIANTS)
def test_larger_loss_gains_on_a_smaller_one(variant):
    weights = after(adversary(variant), UNEQUAL)
    assert weights[2] / weights[1] > 1.0 and weights[1] / weights[0] > 1.0


@pytest.mark.parametrize(('variant', 'invariant'), [('exponential', True), ('projected', True), ('linear', False)])
def test_only_the_linear_variant_feels_a_constant_added_to_all_losses(variant, invariant):
    plain, shifted = after(adversary(variant), UNEQUAL), after(adversary(variant), UNEQUAL + 5.0)
    assert torch.allclose(plain, shifted, atol=1e-5) == invariant


@pytest.mark.parametrize('variant', VARIANTS)
def test_renamed_tasks_get_the_same_weights(variant):
    weights = after(adversary(variant), UNEQUAL, 4)
    for order in permutations(range(3)):
        assert torch.allclose(after(adversary(variant), UNEQUAL[list(order)], 4), weights[list(order)])


@pytest.mark.parametrize('variant', VARIANTS)
def test_no_gradient_reaches_the_weights(variant):
    balancing, losses = adversary(variant), UNEQUAL.clone().requires_grad_()
    balancing.observe(losses)
    balancing(losses).backward()
    assert not balancing.weights.requires_grad
    assert torch.equal(losses.grad, balancing.weights)


@pytest.mark.parametrize('variant', VARIANTS)
def test_rate_of_zero_is_fixed_weighting(variant):
    balancing = adversary(variant, rate=0.0)
    after(balancing, UNEQUAL, 20)
    assert balancing(UNEQUAL).item() == pytest.approx(FixedWeights([1, 1, 1])(UNEQUAL).item(), rel=1e-6)


def test_exponential_step_is_that_of_hedge():
    weights = after(adversary(rate=0.5, floor=0.0), UNEQUAL, 2)
    grown = [math.exp(2 * 0.5 * loss) for loss in UNEQUAL.tolist()]
    assert weights.tolist() == pytest.approx([3 * value / sum(grown) for value in grown], rel=1e-5)


def test_linear_step_multiplies_by_one_plus_the_loss():
    weights = after(adversary('linear', rate=0.5, floor=0.0), UNEQUAL)
    grown = [1 + 0.5 * loss for loss in UNEQUAL.tolist()]
    assert weights.tolist() == pytest.approx([3 * value / sum(grown) for value in grown])


def test_starved_task_returns_when_its_loss_is_the_largest():
    balancing = adversary(rate=0.5, floor=0.0)
    after(balancing, torch.tensor([0.0, 5.0, 5.0]), 500)
    assert after(balancing, torch.tensor([5.0, 0.0, 0.0]), 10)[0] > 2.5


def test_units_of_the_losses_do_not_matter_with_a_reference():
    plain, scaled = (adversary(reference='initial', warm_up=2, rate=0.3) for _ in range(2))
    units = torch.tensor([1.0, 1000.0, 1e-3])
    for step in range(1, 6):
        falling = UNEQUAL / torch.tensor([1.0, step, step**2])
        plain.observe(falling)
        scaled.observe(falling * units)
    assert torch.allclose(plain.weights, scaled.weights, rtol=1e-4)
    assert plain.weights[0] > plain.weights[1] > plain.weights[2], 'the slowest to fall weighs most'


def test_task_farthest_from_its_goal_weighs_most():
    weights = after(adversary(reference='goals', goals=[0.1, 1.0, 5.0], rate=0.1), UNEQUAL)
    assert weights[0] > weights[1] > weights[2], '4, 1 and 0.5 times the goal'


def test_weights_are_equal_while_the_initial_reference_is_averaged():
    balancing = adversary(reference='initial', warm_up=3)
    assert after(balancing, UNEQUAL, 3).tolist() == pytest.approx([1.0, 1.0, 1.0])
    assert balancing.reference_losses.tolist() == pytest.approx(UNEQUAL.tolist())


def test_state_goes_on_after_loading():
    first, second = adversary(reference='initial', warm_up=1), adversary(reference='initial', warm_up=1)
    after(first, UNEQUAL, 2)
    second.load_state_dict(first.state_dict())
    assert torch.equal(after(first, UNEQUAL.flip(0)), after(second, UNEQUAL.flip(0)))


@pytest.mark.parametrize(
    ('point', 'nearest'),
    [((0.2, 0.3, 0.5), (0.2, 0.3, 0.5)), ((1.2, 0.0, 0.0), (1.0, 0.0, 0.0)), ((0.6, 0.6, 0.0), (0.5, 0.5, 0.0))],
)
def test_projection_finds_the_nearest_point_of_the_simplex(point, nearest):
    assert project_to_simplex(torch.tensor(point)).tolist() == pytest.approx(list(nearest), abs=1e-6)


def test_uncertainty_learns_small_weights_for_large_losses():
    balancing = UncertaintyWeights(3)
    optimizer = torch.optim.SGD(balancing.parameters(), lr=0.1)
    for _ in range(300):
        optimizer.zero_grad()
        balancing(UNEQUAL).backward()
        optimizer.step()
    # The minimum of exp(-s) l + s lies at s = log l.
    assert balancing.weights.tolist() == pytest.approx((1 / UNEQUAL).tolist(), rel=1e-2)


def test_dynamic_average_follows_the_ratio_of_two_periods():
    balancing = DynamicWeightAverage(2, period=2, temperature=2.0)
    for losses in ((1.0, 1.0), (3.0, 1.0), (1.0, 1.0), (1.0, 1.0)):
        balancing.observe(torch.tensor(losses))
    half, same = math.exp(0.5 / 2), math.exp(1.0 / 2)
    assert balancing.weights.tolist() == pytest.approx([2 * half / (half + same), 2 * same / (half + same)])


def test_fixed_weights_are_scaled_to_the_number_of_tasks():
    assert FixedWeights([1, 3]).weights.tolist() == [0.5, 1.5]


@pytest.mark.parametrize(
    ('make', 'complaint'),
    [
        (lambda: FixedWeights([0.0, 0.0]), 'must not be negative'),
        (lambda: adversary('cubic'), "adversary 'cubic'"),
        (lambda: adversary(reference='last'), "reference 'last'"),
        (lambda: adversary(floor=1.0), 'floor 1.0'),
        (lambda: adversary(reference='goals', goals=[1.0, 0.0, 1.0]), '3 losses above 0'),
    ],
)
def test_impossible_settings_are_refused(make, complaint):
    with pytest.raises(ValueError, match=complaint):
        make()
