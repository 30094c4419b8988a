"""Whether an exported network answers as the original does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from mt3dnet_ros.models.mt3dnet import MT3DNet
from mt3dnet_ros.perception.export_formats import ExportError, Runner

TOLERANCE = 1e-4  # of an output's largest magnitude; another order of single-precision sums stays far below


def largest_differences(
    model: MT3DNet, run: Runner, size: tuple[int, int], batches: Sequence[int] = (1,)
) -> dict[str, float]:
    """Return the largest absolute difference of every output, on noise and on smooth pictures.

    :param model: the original
    :param run: the exported network
    :param size: height and width of the images in pixels
    :param batches: numbers of images to try
    :raises ExportError: an output is missing, not finite, of another shape, or differs by more than ``TOLERANCE``
    """
    largest: dict[str, float] = {}
    for images in (images for batch in batches for images in _test_images(model, size, batch)):
        with torch.no_grad():
            expected = {name: output.numpy() for name, output in model(images).frame_outputs().items()}
        for name, difference in _compare(expected, run(images)).items():
            largest[name] = max(difference, largest.get(name, 0.0))
    return largest


def _test_images(model: MT3DNet, size: tuple[int, int], batch: int) -> list[Tensor]:
    """Return noise, and pictures of soft blobs of colour as tissue is, normalised as the network wants them."""
    generator = torch.Generator().manual_seed(batch)
    noise = torch.randn(batch, 3, *size, generator=generator)
    coarse = torch.rand(batch, 3, 6, 8, generator=generator)
    pictures = F.interpolate(coarse, size, mode='bicubic').clamp(0.0, 1.0)
    mean, std = (torch.tensor(values).view(3, 1, 1) for values in (model.config.mean, model.config.std))
    return [noise, (pictures - mean) / std]


def _compare(expected: Mapping[str, np.ndarray], found: Mapping[str, np.ndarray]) -> dict[str, float]:
    if set(expected) != set(found):
        raise ExportError(f'the exported network has the outputs {", ".join(found)} instead of {", ".join(expected)}')
    return {name: _difference(name, expected[name], found[name]) for name in expected}


def _difference(name: str, expected: np.ndarray, found: np.ndarray) -> float:
    if expected.shape != found.shape:
        raise ExportError(f'output {name} of the exported network has shape {found.shape} instead of {expected.shape}')
    difference, allowed = float(np.abs(expected - found).max()), TOLERANCE * float(np.abs(expected).max())
    if not difference <= allowed:  # so that NaN is refused too
        raise ExportError(
            f'output {name} of the exported network differs from the original by {difference:.2g}, more than the '
            f'{allowed:.2g} allowed; the file was removed. Another version of PyTorch may export it rightly'
        )
    return difference
