"""What every back end is: a callable from normalised images to a Prediction."""

from __future__ import annotations

from typing import Any, Protocol

from mt3dnet_ros.errors import MT3DNetError
from mt3dnet_ros.models.config import MT3DNetConfig
from mt3dnet_ros.models.tasks import Prediction
from mt3dnet_ros.perception.canvas.canvas import MakeCanvas


class BackEnd(Protocol):
    """What runs a network on one frame."""

    @property
    def config(self) -> MT3DNetConfig:
        """The network's."""

    @property
    def input_size(self) -> tuple[int, int]:
        """Height and width of the images in pixels."""

    @property
    def device(self) -> str:
        """Where it runs, for people: ``cpu``, or ``cuda:0 (NVIDIA H200)``."""

    @property
    def canvas(self) -> MakeCanvas:
        """What makes a frame's canvas, from which the network's input comes."""

    def __call__(self, images: Any, state: Any = None) -> Prediction:
        """Run the network.

        :param images: (1, 3, H, W) float32, normalised, as :meth:`canvas` has it
        :param state: ``Prediction.state`` of the frame before, as this back end gave it; None where there is none, and
            of networks without saliency
        :returns: arrays of NumPy in single precision, which the next run may overwrite; only the state is kept
        """

    def close(self) -> None:
        """Give the device's memory back; nothing is run after that."""


class BackEndError(MT3DNetError, RuntimeError):
    """A back end is unknown, or cannot run the network."""
