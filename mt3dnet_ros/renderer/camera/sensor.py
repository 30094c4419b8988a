"""From light to numbers: glare that scatters, the noise of photons and amplifiers, and the mosaic of a single chip."""

from __future__ import annotations

import cv2
import numpy as np

from mt3dnet_ros.renderer.domains.camera_effects import Sensor

_FULL = 40000  # of 16 bits: a fully exposed pixel, with room for its noise
_MOSAICS = (cv2.COLOR_BayerRGGB2RGB, cv2.COLOR_BayerGRBG2RGB)


def bloom(rng: np.random.Generator, image: np.ndarray, sensor: Sensor) -> np.ndarray:
    """Spread light of overexposed glare to the pixels next to it: (H, W, 3) float32 linear."""
    bright = np.clip(image - 1, 0, 4)
    return image + rng.uniform(*sensor.bloom) * cv2.GaussianBlur(bright, (0, 0), rng.uniform(1, 5))


def flare(rng: np.random.Generator, image: np.ndarray, sensor: Sensor) -> np.ndarray:
    """Spread light of overexposed glare over its surroundings: a halo and a veil over the whole picture."""
    if rng.random() >= sensor.flared:
        return image
    small = cv2.resize(np.clip(image - 1, 0, 6), None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    width = small.shape[1]
    halo = cv2.GaussianBlur(small, (0, 0), width * rng.uniform(0.02, 0.05))
    veil = cv2.GaussianBlur(small, (0, 0), width * rng.uniform(0.1, 0.2))
    spread = cv2.resize(halo + veil, image.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    return image + np.float32(rng.uniform(*sensor.flare)) * spread


def expose(rng: np.random.Generator, grain: np.random.Generator, image: np.ndarray, sensor: Sensor) -> np.ndarray:
    """Return what a sensor reads of a linear picture (H, W, 3) float32, again float32 in [0, 1].

    Noise is that of Foi et al. (2008): its variance is ``shot**2 * light + read**2``. A single chip has one colour per
    pixel; interpolating the others smears their noise, and colours the borders of glare.

    :param grain: draws the noise, which differs between frames that share everything else
    """
    noisy, mosaic = rng.random() < sensor.noisy, rng.random() < sensor.mosaic
    shot, read, pattern = rng.uniform(*sensor.shot), rng.uniform(*sensor.read), _MOSAICS[rng.integers(2)]
    if not (noisy or mosaic):
        return image
    light = np.clip(image, 0, 1)
    if mosaic:
        light = _filtered(light, pattern)
    if noisy:
        deviation = np.sqrt(np.float32(shot**2) * light + np.float32(read**2))
        light = light + deviation * grain.standard_normal(light.shape, dtype=np.float32)
    return _interpolated(light, pattern) if mosaic else np.clip(light, 0, 1)


def _filtered(image: np.ndarray, pattern: int) -> np.ndarray:
    """Return the one colour that each pixel of a chip sees, (H, W)."""
    first, second = ((0, 1), (1, 2)) if pattern == _MOSAICS[0] else ((1, 0), (2, 1))
    chip = np.empty(image.shape[:2], np.float32)
    for row, colours in enumerate((first, second)):
        for column, colour in enumerate(colours):
            chip[row::2, column::2] = image[row::2, column::2, colour]
    return chip


def _interpolated(chip: np.ndarray, pattern: int) -> np.ndarray:
    numbers = np.clip(_FULL * chip + 0.5, 0, 65535).astype(np.uint16)
    return np.clip(cv2.demosaicing(numbers, pattern).astype(np.float32) / _FULL, 0, 1)
