"""What a network remembers from one frame to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from mt3dnet_ros.models.tasks import Array


class ConvLSTMState(NamedTuple):
    """What the next frame needs of those before it.

    :param previous: (B, C, H, W) features of the last frame
    :param hidden: (B, hidden, H, W), in (-1, 1)
    :param cell: (B, hidden, H, W)
    """

    previous: Array
    hidden: Array
    cell: Array
