"""How the tasks' losses become one: fixed weights, MT3DNet's adversarial update, and what it is compared with."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from mt3dnet_ros.errors import InputError

_LEAST_SHARE = 1e-3  # of a task in the adversary's play, so that it can come back within some hundred steps
_EPSILON = 1e-8


class FixedWeights(nn.Module):
    """Weights that stay.

    :param weights: one per task; they are scaled to sum to the number of tasks
    """

    weights: Tensor

    def __init__(self, weights: Sequence[float]) -> None:
        super().__init__()
        if any(weight < 0 for weight in weights) or sum(weights) <= 0:
            raise InputError(f'task weights {list(weights)} must not be negative, and one must be above 0')
        self.register_buffer('weights', torch.tensor(weights) * len(weights) / sum(weights))

    def forward(self, losses: Tensor) -> Tensor:
        """Return the weighted sum of the tasks' losses (K,)."""
        return (self.weights * losses).sum()

    def observe(self, losses: Tensor) -> None:
        """Take note of the tasks' detached losses (K,), of all processes, before ``forward``."""


class AdversarialWeights(FixedWeights):
    """Adversarial weight update of MT3DNet (arXiv 2412.03928), read as a game of multiplicative weights.

    The paper says that weights follow the tasks' losses multiplicatively, that harder tasks gain, and that nothing
    changes once losses are alike. That is Hedge (Freund and Schapire 1997) with weights that keep their sum; so plays
    the adversary of group DRO (Sagawa et al. 2020, eta 0.01). Step size, normalisation and floor are not in the parts
    of the paper that could be read: they are ours.

    An adversary holds shares ``p`` of the simplex and moves them by the losses ``l``, each divided by its reference:

    - ``exponential``: p_i exp(eta l_i), renormalised
    - ``linear``: p_i (1 + eta l_i), renormalised; unlike the former it changes with a constant added to all losses
    - ``projected``: the point of the simplex that is nearest to p + eta l

    The weights are ``floor + (1 - floor) K p``: they sum to K and none is below the floor. Losses are of unlike units,
    and raw ones would measure those; a ``reference`` of ``initial`` divides by the mean of the first updates, one of
    ``average`` by a running mean, ``goals`` by what each task should reach, ``none`` by one.

    :param tasks: number of tasks K
    :param rate: eta; 0 keeps the weights equal
    :param floor: least weight, from 0 to below 1
    :param goals: K losses that the reference ``goals`` divides by
    :param warm_up: updates over which the initial reference is averaged, the weights being equal meanwhile
    """

    share: Tensor
    reference_losses: Tensor
    updates: Tensor

    def __init__(
        self,
        tasks: int,
        rate: float = 0.01,
        floor: float = 0.2,
        variant: str = 'exponential',
        reference: str = 'initial',
        goals: Sequence[float] = (),
        warm_up: int = 50,
    ) -> None:
        super().__init__([1.0] * tasks)
        if reference == 'goals' and (len(goals) != tasks or min(goals) <= 0):
            raise InputError(f'goals {list(goals)} must be {tasks} losses above 0, one per task')
        if not 0.0 <= floor < 1.0:
            raise InputError(f'floor {floor} of the task weights must lie from 0 to below 1')
        self.rate, self.floor, self.warm_up, self.reference = rate, floor, warm_up, reference
        if variant not in MOVES or reference not in REFERENCES:
            raise InputError(
                f"adversary '{variant}' with reference '{reference}' is not known "
                f'(adversaries: {", ".join(MOVES)}; references: {", ".join(REFERENCES)})'
            )
        self._move = MOVES[variant]
        self.register_buffer('share', torch.full((tasks,), 1.0 / tasks))
        self.register_buffer('reference_losses', torch.tensor(goals) if reference == 'goals' else torch.zeros(tasks))
        self.register_buffer('updates', torch.zeros((), dtype=torch.int64))

    @torch.no_grad()
    def observe(self, losses: Tensor) -> None:
        """Move the weights by the tasks' losses (K,); they multiply the losses of the same step."""
        self.updates += 1
        normalised = self._normalised(losses.detach().float())
        if self.reference in ('goals', 'none') or self.updates > self.warm_up:
            share = self._move(self.share, self.rate * normalised).clamp(min=_LEAST_SHARE)
            self.share.copy_(share / share.sum())
        self.weights.copy_(self.floor + (1.0 - self.floor) * len(losses) * self.share)

    def _normalised(self, losses: Tensor) -> Tensor:
        if self.reference == 'none':
            return losses
        if self.reference == 'average' or (self.reference == 'initial' and self.updates <= self.warm_up):
            self.reference_losses.lerp_(losses, 1.0 / min(int(self.updates), self.warm_up + 1))
        return losses / self.reference_losses.clamp(min=_EPSILON)


class UncertaintyWeights(FixedWeights):
    """Weights learned as the tasks' noise: the sum of exp(-s_i) l_i + s_i (Kendall et al. 2018, up to factors of 2)."""

    def __init__(self, tasks: int) -> None:
        super().__init__([1.0] * tasks)
        self.log_variance = nn.Parameter(torch.zeros(tasks))

    def forward(self, losses: Tensor) -> Tensor:
        """Return the sum of the weighted losses (K,) and of the noise's logarithms."""
        weights = (-self.log_variance).exp()
        self.weights.copy_(weights.detach())
        return (weights * losses + self.log_variance).sum()


class DynamicWeightAverage(FixedWeights):
    """Weights by how slowly losses fall: K softmax(r / T), r the ratio of two periods' means (Liu et al. 2019).

    :param period: updates that are averaged; the paper takes an epoch
    :param temperature: T
    """

    sums: Tensor
    last: Tensor
    updates: Tensor

    def __init__(self, tasks: int, period: int = 100, temperature: float = 2.0) -> None:
        super().__init__([1.0] * tasks)
        self.period, self.temperature = period, temperature
        self.register_buffer('sums', torch.zeros(tasks))
        self.register_buffer('last', torch.zeros(tasks))
        self.register_buffer('updates', torch.zeros((), dtype=torch.int64))

    @torch.no_grad()
    def observe(self, losses: Tensor) -> None:
        """Add up the losses (K,); at the end of a period, weigh by how they fell."""
        self.sums += losses.detach().float()
        self.updates += 1
        if self.updates % self.period:
            return
        mean = self.sums / self.period
        if self.updates > self.period:
            ratio = mean / self.last.clamp(min=_EPSILON)
            self.weights.copy_(len(losses) * (ratio / self.temperature).softmax(0))
        self.last.copy_(mean)
        self.sums.zero_()


def project_to_simplex(point: Tensor) -> Tensor:
    """Return the nearest point (K,) with no negative part and the sum 1 (Duchi et al. 2008)."""
    descending = point.sort(descending=True).values
    excess = (descending.cumsum(0) - 1.0) / torch.arange(1, len(point) + 1, device=point.device)
    support = int((descending > excess).sum())
    return (point - excess[support - 1]).clamp(min=0.0)


def _exponential(share: Tensor, step: Tensor) -> Tensor:
    return (share.log() + step).softmax(0)


def _linear(share: Tensor, step: Tensor) -> Tensor:
    grown = share * (1.0 + step)
    return grown / grown.sum()


def _projected(share: Tensor, step: Tensor) -> Tensor:
    return project_to_simplex(share + step)


MOVES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    'exponential': _exponential,
    'linear': _linear,
    'projected': _projected,
}
REFERENCES = ('initial', 'average', 'goals', 'none')
