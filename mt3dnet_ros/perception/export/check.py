"""Whether an exported network answers as the original does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from mt3dnet_ros.models.mt3dnet import MT3DNet
from mt3dnet_ros.models.tasks import remembers
from mt3dnet_ros.perception.export.formats import ExportError, Runner
from mt3dnet_ros.perception.export.network import INPUT, example_inputs, first_state, next_state
from mt3dnet_ros.perception.preprocess import normalize


def largest_differences(
    model: MT3DNet, run: Runner, size: tuple[int, int], batches: Sequence[int] = (1,), tolerance: float = 1e-4
) -> dict[str, float]:
    """Return the largest absolute difference of every output, on three frames: noise, and two smooth pictures.

    Each of the two carries its own state from frame to frame, where there is one.

    :param model: the original
    :param run: the exported network
    :param size: height and width of the images in pixels
    :param batches: numbers of images to try
    :param tolerance: of an output's largest magnitude
    :raises ExportError: an output is missing, not finite, of another shape, or differs by more than that
    """
    largest: dict[str, float] = {}
    for batch in batches:
        frames = _test_frames(model, size, batch)
        for expected, found in zip(_of_original(model, frames), _of_exported(model, run, frames), strict=True):
            for name, difference in _compare(expected, found, tolerance).items():
                largest[name] = max(difference, largest.get(name, 0.0))
    return largest


def _of_original(model: MT3DNet, frames: Sequence[Tensor]) -> Iterator[dict[str, np.ndarray]]:
    state = None
    for images in frames:
        with torch.no_grad():
            prediction = model(images, state)
        state = prediction.state
        yield {name: output.numpy() for name, output in prediction.named_tensors().items()}


def _of_exported(model: MT3DNet, run: Runner, frames: Sequence[Tensor]) -> Iterator[dict[str, np.ndarray]]:
    batch, _, *size = frames[0].shape
    empty = example_inputs(model, (size[0], size[1]), batch) | {INPUT: frames[0]}
    state = first_state(run(empty)) if remembers(model.config) else {}
    for images in frames:
        outputs = run({INPUT: images} | state)
        state = next_state(outputs)
        yield outputs


def _test_frames(model: MT3DNet, size: tuple[int, int], batch: int) -> list[Tensor]:
    """Return noise, and pictures of soft blobs of colour as tissue is, prepared as perception prepares them."""
    generator = torch.Generator().manual_seed(batch)
    noise = torch.randn(batch, 3, *size, generator=generator)
    coarse = (torch.rand(batch, 3, 6, 8, generator=generator) for _ in range(2))
    pictures = (255.0 * F.interpolate(blobs, size, mode='bicubic').clamp(0.0, 1.0) for blobs in coarse)
    return [noise, *(_prepared(picture.byte().movedim(1, -1).numpy(), model, size) for picture in pictures)]


def _prepared(pictures: np.ndarray, model: MT3DNet, size: tuple[int, int]) -> Tensor:
    """Return pictures (B, H, W, 3) uint8 as the network takes them."""
    mean, std = model.config.mean, model.config.std
    return torch.from_numpy(np.concatenate([normalize(picture, size, mean, std) for picture in pictures]))


def _compare(expected: Mapping[str, np.ndarray], found: Mapping[str, np.ndarray], tolerance: float) -> dict[str, float]:
    if set(expected) != set(found):
        raise ExportError(f'the exported network has the outputs {", ".join(found)} instead of {", ".join(expected)}')
    return {name: _difference(name, expected[name], found[name], tolerance) for name in expected}


def _difference(name: str, expected: np.ndarray, found: np.ndarray, tolerance: float) -> float:
    if expected.shape != found.shape:
        raise ExportError(f'output {name} of the exported network has shape {found.shape} instead of {expected.shape}')
    difference, allowed = float(np.abs(expected - found).max()), tolerance * float(np.abs(expected).max())
    if not difference <= allowed:  # so that NaN is refused too
        raise ExportError(
            f'output {name} of the exported network differs from the original by {difference:.2g}, more than the '
            f'{allowed:.2g} allowed; the file was removed. Another version of PyTorch may export it rightly'
        )
    return difference
