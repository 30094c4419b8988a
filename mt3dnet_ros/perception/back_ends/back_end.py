"""What every back end is: a callable from normalised images to a Prediction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import torch

from mt3dnet_ros.errors import MT3DNetError
from mt3dnet_ros.models.conv_lstm import ConvLSTMState
from mt3dnet_ros.models.mt3dnet import MT3DNet
from mt3dnet_ros.models.tasks import Prediction


class BackEnd(Protocol):
    """What runs a network on one frame."""

    def __call__(self, images: torch.Tensor, state: ConvLSTMState | None = None) -> Prediction:
        """Run it.

        :param images: (1, 3, H, W), normalised
        :param state: ``Prediction.state`` of the frame before; None where there is none, and of networks without
            saliency
        """


MakeBackEnd = Callable[[MT3DNet, torch.device, tuple[int, int]], BackEnd]
"""Makes a back end for a network, the device that it runs on, and the height and width of the images in pixels."""


class BackEndError(MT3DNetError, RuntimeError):
    """A back end is unknown, or cannot run on the device."""
