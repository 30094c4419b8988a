"""Networks as they are best run, no more trained."""

from __future__ import annotations

from copy import deepcopy
from itertools import pairwise
from typing import TypeVar

import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from mt3dnet_ros.models.efficientnet_lite import FoldedConv

Network = TypeVar('Network', bound=nn.Module)


def frozen(network: Network, precision: torch.dtype | None = None) -> Network:
    """Return a copy of a network for nothing but running it.

    Normalisation by fixed statistics becomes part of the convolution before it. Under autocast, weights of
    convolutions and linear layers would be cast anew for every image: here they are in that precision already.

    :param precision: that the network is run in by autocast; None for single precision
    """
    network = deepcopy(network).eval().requires_grad_(False)
    for module in network.modules():
        if isinstance(module, FoldedConv):
            module.conv, module.norm = fuse_conv_bn_eval(module.conv, module.norm), nn.Identity()  # type: ignore[assignment]
        elif isinstance(module, nn.Sequential):
            _fuse_neighbours(module)
    if precision is not None:
        for module in network.modules():
            if isinstance(module, nn.Conv2d | nn.Linear):
                module.to(precision)
    return network


def _fuse_neighbours(sequence: nn.Sequential) -> None:
    for (place, conv), (after, norm) in pairwise(list(sequence.named_children())):
        if isinstance(conv, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
            setattr(sequence, place, fuse_conv_bn_eval(conv, norm))
            setattr(sequence, after, nn.Identity())
