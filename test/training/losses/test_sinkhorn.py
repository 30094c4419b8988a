"""Sinkhorn divergence against exact shifts, a dense computation, linear programming and published libraries."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.optimize import linprog
from scipy.special import logsumexp

from mt3dnet_ros.training.losses.sinkhorn import sinkhorn_divergence


def blobs(count, height=8, width=10, seed=0):
    """Return maps of two Gaussian blobs each on a faint floor, unit mass, float64."""
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[:height, :width]
    maps = []
    for _ in range(count):
        centres = rng.uniform(0, (height, width), (2, 2))
        spread = [np.exp(-((rows - y) ** 2 + (columns - x) ** 2) / 4.0) for y, x in centres]
        maps.append(spread[0] + 0.5 * spread[1] + 1e-3)
    maps = torch.from_numpy(np.stack(maps))
    return maps / maps.sum((1, 2), keepdim=True)


def pairwise_cost(height, width):
    """Return half the squared distance of every two pixels, (h w, h w), in longer sides."""
    points = np.stack(np.mgrid[:height, :width], axis=-1).reshape(-1, 2) / max(height, width)
    return 0.5 * ((points[:, None] - points) ** 2).sum(-1)


def dense_plan(a, b, cost, epsilon):
    """Return the entropic plan between masses (n,) and (m,) by plain dense iterations, (n, m)."""
    f, g = np.zeros(a.size), np.zeros(b.size)
    for _ in range(200):
        f = -epsilon * logsumexp((g - cost) / epsilon + np.log(b), axis=1)
        g = -epsilon * logsumexp((f[:, None] - cost) / epsilon + np.log(a)[:, None], axis=0)
    return np.exp((f[:, None] + g - cost) / epsilon) * a[:, None] * b


def divergence(first, second, blur, plan_between):
    """Return the divergence of two maps from the primal costs of plans, as the definition has it."""
    cost, (a, b) = pairwise_cost(*first.shape), (masses.numpy().ravel() for masses in (first, second))

    def transport(x, y):
        plan = plan_between(x, y, cost, blur**2)
        return (plan * cost).sum() + blur**2 * (plan * np.log(plan / (x[:, None] * y))).sum()

    return transport(a, b) - (transport(a, a) + transport(b, b)) / 2


def test_divergence_is_that_of_a_dense_computation():
    first, second = blobs(2), blobs(2, seed=1)
    expected = [divergence(a, b, 0.15, dense_plan) for a, b in zip(first, second, strict=True)]
    assert sinkhorn_divergence(first, second, 0.15).tolist() == pytest.approx(expected, abs=1e-6)
    assert sinkhorn_divergence(first.float(), second.float(), 0.15).tolist() == pytest.approx(expected, abs=1e-6)
    assert min(expected) > 1e-3


def test_default_settings_are_within_a_ten_thousandth_of_convergence():
    first, second = blobs(2, 32, 40), blobs(2, 32, 40, seed=1)
    converged = sinkhorn_divergence(first, second, iterations=100)
    assert torch.allclose(sinkhorn_divergence(first.float(), second.float()).double(), converged, atol=1e-4)


@pytest.mark.parametrize('blur', [0.05, 0.3])
@pytest.mark.parametrize(('rows', 'columns'), [(0, 10), (8, 0), (-6, 7)])
def test_shifted_map_costs_half_the_squared_shift_whatever_the_blur(blur, rows, columns):
    still = torch.zeros(1, 32, 40, dtype=torch.float64)
    still[0, 14:17, 18:22] = torch.rand(3, 4, generator=torch.Generator().manual_seed(0))
    still /= still.sum()
    moved = still.roll((rows, columns), (1, 2))
    expected = 0.5 * (rows**2 + columns**2) / 40**2
    assert sinkhorn_divergence(still, moved, blur).item() == pytest.approx(expected, rel=1e-5)


def test_little_blur_gives_the_exact_transport():
    first, second = blobs(1, 4, 5)[0], blobs(1, 4, 5, seed=1)[0]
    cost = pairwise_cost(4, 5)
    marginals = np.concatenate([np.kron(np.eye(20), np.ones(20)), np.kron(np.ones(20), np.eye(20))])
    masses = np.concatenate([first.numpy().ravel(), second.numpy().ravel()])
    exact = linprog(cost.ravel(), A_eq=marginals, b_eq=masses).fun
    found = sinkhorn_divergence(first[None], second[None], blur=0.01, iterations=400).item()
    # What regularisation leaves is of the order of epsilon, 1e-4 here.
    assert found == pytest.approx(exact, abs=2e-4) and exact > 1e-2


def test_agrees_with_geomloss():
    geomloss = pytest.importorskip('geomloss')
    first, second = blobs(1), blobs(1, seed=1)
    points = torch.stack(torch.meshgrid(torch.arange(8.0), torch.arange(10.0), indexing='ij'), -1).view(1, -1, 2) / 10
    points = points.double()
    loss = geomloss.SamplesLoss('sinkhorn', p=2, blur=0.1, scaling=0.99, backend='tensorized')
    expected = loss(first.view(1, -1), points, second.view(1, -1), points)
    assert sinkhorn_divergence(first, second, blur=0.1).item() == pytest.approx(expected.item(), abs=1e-4)


def test_agrees_with_the_plans_of_pot():
    ot = pytest.importorskip('ot')
    first, second = blobs(1), blobs(1, seed=1)

    def plan(a, b, cost, epsilon):
        return ot.sinkhorn(a, b, cost, epsilon, method='sinkhorn_log', numItermax=5000, stopThr=1e-10)

    expected = divergence(first[0], second[0], 0.1, plan)
    assert sinkhorn_divergence(first, second, blur=0.1).item() == pytest.approx(expected, abs=1e-4)


def test_map_costs_nothing_against_itself_and_pairs_cost_the_same_in_either_order():
    first, second = blobs(2, 32, 40), blobs(2, 32, 40, seed=1)
    assert sinkhorn_divergence(first, first).tolist() == pytest.approx([0.0, 0.0], abs=1e-5)
    one_way, other_way = sinkhorn_divergence(first, second, 0.1), sinkhorn_divergence(second, first, 0.1)
    assert torch.allclose(one_way, other_way, atol=1e-5)


def test_single_pixels_in_opposite_corners_stay_finite_in_single_precision():
    first, second = torch.zeros(2, 1, 32, 40)
    first[0, 0, 0] = second[0, -1, -1] = 1.0
    expected = 0.5 * (31**2 + 39**2) / 40**2
    assert sinkhorn_divergence(first, second).item() == pytest.approx(expected, rel=1e-4)


def test_gradient_is_that_of_finite_differences():
    def cost(weights, other):
        masses = [maps / maps.sum((1, 2), keepdim=True) for maps in (weights, other)]
        return sinkhorn_divergence(*masses, blur=0.4, iterations=50)

    first, second = (blobs(1, 3, 4, seed=seed).requires_grad_() for seed in (0, 1))
    assert torch.autograd.gradcheck(cost, (first, second), atol=1e-6)
