"""The network's dense outputs, as numbers that mean something, at its own resolution.

All that follows the network works on small maps, in NumPy: on a busy CPU the barriers between PyTorch's threads cost
more than these computations, and a program that runs the network by another library never imports PyTorch.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mt3dnet_ros.models.tasks import Prediction
from mt3dnet_ros.perception.confidence import type_probabilities
from mt3dnet_ros.perception.preprocess import Letterbox


@dataclass(frozen=True)
class DenseMaps:
    """Probabilities and depth in the part of the network's output that the image covers.

    :param types: (C, h, w) float32 probability of each instrument type, background first
    :param parts: (P, h, w) float32 probability of each instrument part, background first
    :param depth: (h, w) float32 metres along the optical axis
    """

    types: np.ndarray
    parts: np.ndarray
    depth: np.ndarray


def read_maps(
    prediction: Prediction, letterbox: Letterbox, depth_scale: float, temperatures: tuple[float, float] = (1.0, 1.0)
) -> DenseMaps:
    """Read the dense outputs of the first image of a batch.

    :param depth_scale: metres per canonical metre: the camera's focal length at the network's input over the canonical
    :param temperatures: of ``MT3DNetConfig``
    """
    outputs = prediction.types, prediction.parts, prediction.depth
    types, parts, depth = (first_image(output, letterbox.cells) for output in outputs)
    return DenseMaps(type_probabilities(types, *temperatures), _softmax(parts), depth[0] * np.float32(depth_scale))


def read_probability(logits: np.ndarray | None, letterbox: Letterbox) -> np.ndarray | None:
    """Return what logits of one channel say of the first image of a batch.

    :param logits: (B, 1, h, w); None of a network without this output
    :returns: (h, w) float32 in [0, 1]; None of a network without this output
    """
    if logits is None:
        return None
    return 0.5 * np.tanh(0.5 * first_image(logits, letterbox.cells)[0]) + 0.5  # the logistic function, without overflow


def first_image(output: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Return one of the network's outputs for the first image of a batch, cropped to a height and width.

    :returns: (C, h, w) float32, contiguous: a network that works channels last would make every pass over it slow
    """
    return np.ascontiguousarray(output[0, :, : size[0], : size[1]])


def _softmax(logits: np.ndarray) -> np.ndarray:
    exponentials = np.exp(logits - logits.max(axis=0))
    exponentials /= exponentials.sum(axis=0)
    return exponentials
