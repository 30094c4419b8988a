"""The table of pictures that show no scene, and how they come into a batch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from mt3dnet_ros.training.augmentation.surround import draw_surround, frame_by
from mt3dnet_ros.training.augmentation.writing import write

from . import blank, noise, optics, patterns, screens

_SURROUNDED, _WRITTEN_ON, _DEAD_LINES = 0.2, 0.08, 0.06  # shares of the pictures


class Kind(NamedTuple):
    """A kind of picture.

    :param draw: from a generator and (height, width) to (H, W, 3) float32, about [0, 1]
    :param weight: how often it is drawn, relative to the others
    """

    draw: Callable[[np.random.Generator, tuple[int, int]], np.ndarray]
    weight: float = 1.0


KINDS: Mapping[str, Kind] = {
    made.draw.__name__: made
    for made in (
        Kind(blank.black, 4.0), Kind(blank.white, 3.0), Kind(blank.plain, 4.0), Kind(blank.ramp, 2.0),
        Kind(noise.white_noise, 3.0), Kind(noise.fractal, 2.0), Kind(noise.snow), Kind(noise.decoder_garbage),
        Kind(patterns.colour_bars, 2.0), Kind(patterns.card), Kind(patterns.checkers), Kind(patterns.lines),
        Kind(patterns.rings, 0.5), Kind(screens.menu, 2.5), Kind(screens.text, 2.5), Kind(screens.logo, 1.5),
        Kind(optics.lens_cap, 2.0), Kind(optics.fog, 1.5), Kind(optics.blobs, 1.5), Kind(optics.red_out, 2.0),
        Kind(optics.overexposed, 1.5),
    )
}  # fmt: skip


def draw_nothing(rng: np.random.Generator, size: tuple[int, int]) -> np.ndarray:
    """Return a picture without a scene, (H, W, 3) float32 RGB in [0, 1], of a random kind or a mixture."""
    weights = np.array([kind.weight for kind in KINDS.values()])
    kind = list(KINDS.values())[rng.choice(len(weights), p=weights / weights.sum())]
    return vary(kind.draw(rng, size), rng)


def vary(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the picture as it is or, now and then, with dead lines, writing, a surround, noise or compression."""
    picture = np.array(picture, np.float32)
    if rng.random() < _DEAD_LINES:
        blank.add_dead_lines(picture, rng)
    if rng.random() < _WRITTEN_ON:
        write(picture, rng, int(rng.integers(1, 4)))
    picture = np.clip(picture, 0.0, 1.0)
    if rng.random() < _SURROUNDED:
        picture = frame_by(draw_surround(rng, picture.shape[:2]), picture, rng)
    return blank.degrade(picture, rng)


def replace_by_nothing(images: Tensor, share: float) -> Tensor:
    """Put pictures without a scene in the place of a share of images (B, 3, H, W), in place.

    :returns: (B,) float32, 0 where an image was replaced, else 1
    """
    chosen = torch.rand(len(images)) < share
    rng = np.random.default_rng(int(torch.randint(2**62, ())))
    for index in chosen.nonzero()[:, 0].tolist():
        picture = draw_nothing(rng, (images.shape[2], images.shape[3]))
        images[index] = torch.from_numpy(np.ascontiguousarray(picture)).movedim(-1, 0)
    return 1.0 - chosen.float()
