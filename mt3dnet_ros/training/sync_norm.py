"""Batch normalisation over the batches of all processes, on CPUs too, where PyTorch's own refuses to work."""

from __future__ import annotations

import torch
from torch import Tensor, distributed, nn
from torch.distributed.nn.functional import all_reduce


class SynchronisedBatchNorm2d(nn.BatchNorm2d):
    """Normalise by mean and variance of what all processes see; plain where there is one process, or in evaluation."""

    def forward(self, features: Tensor) -> Tensor:
        """Return (B, C, H, W) normalised features of the input's type."""
        if not (self.training and distributed.is_initialized() and distributed.get_world_size() > 1):
            return super().forward(features)
        mean, variance, count = joint_moments(features.float())
        self._follow(mean.detach(), variance.detach() * count / (count - 1))
        scale = self.weight * (variance + self.eps).rsqrt()
        shift = self.bias - mean * scale
        return (features * scale[:, None, None] + shift[:, None, None]).to(features.dtype)

    @torch.no_grad()
    def _follow(self, mean: Tensor, variance: Tensor) -> None:
        """Move the running statistics towards a batch's."""
        assert self.running_mean is not None and self.running_var is not None and self.num_batches_tracked is not None
        self.num_batches_tracked += 1
        momentum = 1.0 / int(self.num_batches_tracked) if self.momentum is None else self.momentum
        self.running_mean.lerp_(mean, momentum)
        self.running_var.lerp_(variance, momentum)


def joint_moments(features: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return mean (C,), biased variance (C,) and number of values per channel over the features of all processes.

    :param features: (B, C, H, W) of this process; gradients flow back to those of all processes
    """
    variance, mean = torch.var_mean(features, (0, 2, 3), correction=0)
    mean = mean.double()  # sums of squares cancel in single precision where the mean is large
    moments = torch.cat([mean, variance + mean**2, torch.ones_like(mean[:1])])
    sums = all_reduce(moments * (features.numel() // features.shape[1]))
    mean, square = (sums[:-1] / sums[-1]).chunk(2)
    return mean.float(), (square - mean**2).clamp(min=0.0).float(), sums[-1].float()


def synchronise_batch_norm(network: nn.Module) -> None:
    """Replace every plain batch normalisation of a network; parameters, statistics and their names stay."""
    for parent in list(network.modules()):
        for name, child in list(parent.named_children()):
            if type(child) is nn.BatchNorm2d:
                setattr(parent, name, _synchronised(child))


def _synchronised(plain: nn.BatchNorm2d) -> SynchronisedBatchNorm2d:
    layer = SynchronisedBatchNorm2d(plain.num_features, plain.eps, plain.momentum)
    layer.weight, layer.bias = plain.weight, plain.bias
    layer.running_mean, layer.running_var = plain.running_mean, plain.running_var
    layer.num_batches_tracked = plain.num_batches_tracked
    return layer.train(plain.training)
