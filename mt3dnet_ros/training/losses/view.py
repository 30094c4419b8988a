"""Whether a picture is a view that the network is to know."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor


def view_loss(logits: Tensor, known: Tensor) -> Tensor:
    """Return the binary cross entropy of each image, (B,).

    :param logits: (B, 1, 1, 1)
    :param known: (B,) float32, 1 for the view of a scene, 0 for a picture that shows none
    """
    return F.binary_cross_entropy_with_logits(logits.flatten().float(), known, reduction='none')
