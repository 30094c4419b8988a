"""Changes of a picture that must not change what is seen in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import cv2
import numpy as np

ZOOM = 1.15
GAINS = {
    'darker': (0.75, 0.75, 0.75),
    'brighter': (1.25, 1.25, 1.25),
    'warmer': (1.15, 1.0, 0.85),
    'cooler': (0.85, 1.0, 1.15),
}
"""What red, green and blue are multiplied by."""
OUTSIDE = 255
_TURNS = {'turned_90': 1, 'turned_180': 2, 'turned_270': 3}


@dataclass(frozen=True)
class Perturbation:
    """A change of a picture that must not change what is seen in it, and its inverse for masks.

    :param apply: from a picture (H, W, 3) uint8 to the changed one; a quarter turn swaps height and width
    :param undo: from a mask of the changed picture, uint8 of 0 and 1, to the geometry of the first, (H, W), ``OUTSIDE``
        where the changed picture shows nothing of it
    """

    apply: Callable[[np.ndarray], np.ndarray]
    undo: Callable[[np.ndarray], np.ndarray]


def perturbations() -> dict[str, Perturbation]:
    """Return the perturbations by their names."""
    turned = {
        name: Perturbation(partial(_turn, quarters), partial(_turn, -quarters)) for name, quarters in _TURNS.items()
    }
    lit = {name: Perturbation(partial(_amplify, gains), _same) for name, gains in GAINS.items()}
    return {'mirrored': Perturbation(_mirror, _mirror), **turned, 'zoomed': Perturbation(_zoom_in, _zoom_out), **lit}


def _same(mask: np.ndarray) -> np.ndarray:
    return mask


def _amplify(gains: tuple[float, float, float], image: np.ndarray) -> np.ndarray:
    return np.clip(np.rint(image * np.array(gains, np.float32)), 0, 255).astype(np.uint8)


def _mirror(picture: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(picture[:, ::-1])


def _turn(quarters: int, picture: np.ndarray) -> np.ndarray:
    """Turn by quarters of a circle against the clock."""
    return np.ascontiguousarray(np.rot90(picture, quarters))


def _zoom_in(image: np.ndarray) -> np.ndarray:
    return cv2.warpAffine(image, _about_the_centre(image, ZOOM), image.shape[1::-1], flags=cv2.INTER_LINEAR)


def _zoom_out(mask: np.ndarray) -> np.ndarray:
    matrix = _about_the_centre(mask, 1.0 / ZOOM)
    return cv2.warpAffine(mask, matrix, mask.shape[1::-1], flags=cv2.INTER_NEAREST, borderValue=OUTSIDE)


def _about_the_centre(picture: np.ndarray, scale: float) -> np.ndarray:
    height, width = picture.shape[:2]
    return cv2.getRotationMatrix2D((0.5 * (width - 1), 0.5 * (height - 1)), 0.0, scale)
