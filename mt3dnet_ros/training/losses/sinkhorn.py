"""Distance between two maps as distributions: how far the mass of one has to travel to become the other.

Optimal transport with entropic regularisation (Cuturi 2013), less what each map costs against itself (Genevay et al.
2018; Feydy et al. 2019), in the log domain:

    OT(a, b) = min over plans P of <C, P> + epsilon KL(P || a x b),  S(a, b) = OT(a, b) - OT(a, a) / 2 - OT(b, b) / 2

C is half the squared distance and epsilon is blur^2, as in geomloss, so that S of a map and its copy a distance d away
is d^2 / 2 whatever the blur. The unit of length is the longer side of the map.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

BLUR = 0.05  # of the longer side: what differs by less hardly costs
ITERATIONS = 40
_ANNEALED = 0.5  # share of the iterations in which the blur shrinks from the whole map to its value
_RELAXATION = 1.7  # over-relaxation of the others (Thibault et al. 2021); 1 is a plain step


class _Costs(NamedTuple):
    """Half squared distances between rows (h, h) and between columns (w, w): those between pixels are their sums."""

    rows: Tensor
    columns: Tensor


class _Schedule(NamedTuple):
    """The epsilons of the first steps, that of all later ones, and how many these are."""

    annealed: list[float]
    epsilon: float
    relaxed: int


def sinkhorn_divergence(first: Tensor, second: Tensor, blur: float = BLUR, iterations: int = ITERATIONS) -> Tensor:
    """Return the debiased entropic transport cost of each pair of maps, (B,), half squared longer sides.

    The gradient is that of converged iterations: the dual potentials, by the envelope theorem. Nothing is unrolled.

    :param first: (B, h, w) not negative, of sum 1 each
    :param second: (B, h, w), the same
    :param blur: standard deviation of the kernel, longer sides, below 1
    """
    with torch.no_grad():
        costs, schedule = _half_squared_distances(first), _schedule(blur, iterations)
        first_log, second_log = first.log(), second.log()
        on_first, on_second = _potentials(first_log, second_log, costs, schedule)
        against_itself = _self_potentials(torch.cat([first_log, second_log]), costs, schedule)
        of_first, of_second = against_itself.chunk(2)
    return (first * (on_first - of_first) + second * (on_second - of_second)).sum((1, 2))


def _potentials(first_log: Tensor, second_log: Tensor, costs: _Costs, schedule: _Schedule) -> tuple[Tensor, Tensor]:
    """Return the dual potentials on both maps, each (B, h, w); the second is exact for the first.

    So the dual objective, a lower bound, is just the mean potential, and its error that of the potentials squared.
    Averaged steps, as those of ``_self_potentials``, come first: equal maps then cost next to nothing.
    """
    on_first, on_second = torch.zeros_like(first_log), torch.zeros_like(second_log)
    for epsilon in schedule.annealed:
        updates = (
            _soft_minimum(second_log, on_second, costs, epsilon), _soft_minimum(first_log, on_first, costs, epsilon)
        )  # fmt: skip
        on_first, on_second = on_first.lerp(updates[0], 0.5), on_second.lerp(updates[1], 0.5)
    epsilon = schedule.epsilon
    for _ in range(schedule.relaxed):
        on_first = on_first.lerp(_soft_minimum(second_log, on_second, costs, epsilon), _RELAXATION)
        on_second = on_second.lerp(_soft_minimum(first_log, on_first, costs, epsilon), _RELAXATION)
    on_first = _soft_minimum(second_log, on_second, costs, epsilon)
    return on_first, _soft_minimum(first_log, on_first, costs, epsilon)


def _self_potentials(log_mass: Tensor, costs: _Costs, schedule: _Schedule) -> Tensor:
    """Return the potentials of maps against themselves, (B, h, w); averaged steps settle soon (Feydy et al. 2019)."""
    potential = torch.zeros_like(log_mass)
    for epsilon in [*schedule.annealed, *[schedule.epsilon] * (schedule.relaxed + 1)]:
        potential = potential.lerp(_soft_minimum(log_mass, potential, costs, epsilon), 0.5)
    return potential


def _soft_minimum(log_mass: Tensor, potential: Tensor, costs: _Costs, epsilon: float) -> Tensor:
    """Return -epsilon log sum_j mass_j exp((potential_j - C_ij) / epsilon) at every pixel i, (B, h, w).

    The cost is a sum over the axes and so the kernel a product: h w (h + w) terms instead of (h w)^2.
    """
    weights = log_mass + potential / epsilon
    weights = torch.logsumexp(weights[:, :, None, :] - costs.columns / epsilon, dim=-1)
    weights = torch.logsumexp(weights[:, None, :, :] - costs.rows[:, :, None] / epsilon, dim=2)
    return -epsilon * weights


def _half_squared_distances(like: Tensor) -> _Costs:
    height, width = like.shape[-2:]
    rows, columns = (
        torch.arange(length, dtype=like.dtype, device=like.device) / max(height, width) for length in (height, width)
    )
    return _Costs((rows[:, None] - rows) ** 2 / 2, (columns[:, None] - columns) ** 2 / 2)


def _schedule(blur: float, iterations: int) -> _Schedule:
    count = round(_ANNEALED * iterations)
    return _Schedule([blur ** (2.0 * step / count) for step in range(count)], blur**2, iterations - count)
