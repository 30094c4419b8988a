"""What every canvas is: a frame's image, and the maps of cells drawn at its size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.perception.overlay import Window
from mt3dnet_ros.perception.preprocess import Letterbox
from mt3dnet_ros.perception.visible_area import VisibleArea

Drawn = Any  # what a canvas has drawn, where that lies: an array of NumPy, or a tensor of a device


class Canvas(Protocol):
    """One frame's image and all that is as large; whatever is read from it cell by cell stays in NumPy, on the CPU.

    Probabilities are scaled to the image as 8-bit numbers, much faster than floats. Borders are smooth all the same:
    they lie where the interpolated probability of the foreground passes one half, after it has been drawn to the edges
    of the picture. Where the image shows nothing there is no instrument and no depth.

    What it draws stays where it is drawn until :meth:`fetched` returns it as an array. Sizes (H, W) are the image's,
    (h, w) those of the cells of the network's output.
    """

    @property
    def letterbox(self) -> Letterbox:
        """Between the image and the network's input."""

    @property
    def is_ahead(self) -> bool:
        """Whether it draws while the CPU goes on, so that what will be wanted should be drawn and sent early."""

    @property
    def coarse(self) -> np.ndarray:
        """What the network sees of the image, averaged over cells, (h, w, 3) uint8."""

    def normalized(self, mean: Sequence[float], std: Sequence[float]) -> Any:
        """Return the network's input, as the canvas's back end takes it; see :func:`preprocess.normalize`."""

    def instances(self, ids: np.ndarray, foreground: np.ndarray) -> Drawn:
        """Draw the instance id of every pixel, (H, W) uint8.

        :param ids: (h, w) uint8, larger than the instruments by a cell
        :param foreground: (h, w) float32 probability of an instrument
        """

    def looked_up(self, ids: Drawn, table: np.ndarray) -> Drawn:
        """Draw what a table (256,) uint8 says of ids (H, W) uint8."""

    def confidence(self, chosen: np.ndarray, background: np.ndarray, instances: Drawn) -> Drawn:
        """Draw 255 times the probability of what is chosen on instruments, and of the background elsewhere.

        :param chosen: (h, w) float32, as ``background``
        """

    def parts(self, probabilities: np.ndarray, instances: Drawn) -> Drawn:
        """Draw the most probable part on instruments, 1 and more, 0 elsewhere, (H, W) uint8.

        :param probabilities: (P, h, w) float32, background first, which is never chosen
        """

    def probability(self, cells: np.ndarray) -> Drawn:
        """Draw 255 times a probability (h, w) float32, (H, W) uint8."""

    def depth(self, cells: np.ndarray, limits: tuple[float, float]) -> Drawn:
        """Draw depth (h, w) float32, metres, (H, W) float32; NaN where it is beyond the limits, or nothing is shown."""

    def cloud(self, camera: Camera, depth: Drawn, labels: Drawn, stride: int) -> tuple[Drawn, Drawn, Drawn]:
        """Draw points, colours and classes of every ``stride``-th pixel of every ``stride``-th row, (h, w, ...)."""

    def tinted(self, instances: Drawn, windows: Sequence[Window], colors: np.ndarray, opacity: float) -> Drawn:
        """Draw the image with its masks tinted, (H, W, 3) uint8, in memory of its own.

        :param windows: of instance 1 and so on, outside of which it is not
        :param colors: likewise, (n, 3) uint8
        :param opacity: of the tint, 0 to 1
        """

    def send(self, drawn: Drawn) -> None:
        """Begin to bring what is drawn to the CPU, without waiting for it."""

    def fetched(self, drawn: Drawn) -> np.ndarray:
        """Return what is drawn as an array, once it is here."""


class MakeCanvas(Protocol):
    """Makes the canvas of a frame."""

    def __call__(self, letterbox: Letterbox, rgb: np.ndarray, visible: VisibleArea) -> Canvas:
        """Make it.

        :param rgb: (H, W, 3) uint8, red first, of any strides
        :param visible: where the image shows anything
        """


def size_of_parts(letterbox: Letterbox) -> tuple[int, int]:
    """Return the height and width at which parts are compared: those of what the network sees, or half of them.

    Half is enough where that still is more than the network's input: borders of parts run across tools.
    """
    height, width = letterbox.seen_size
    half = (height + 1) // 2, (width + 1) // 2
    is_enough = all(side >= least for side, least in zip(half, letterbox.content_size, strict=True))
    return half if is_enough else (height, width)
