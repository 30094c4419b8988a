"""From radiance to the picture an endoscope delivers: smoke, exposure, lens and video processing."""

from __future__ import annotations

import cv2
import numpy as np

from mt3dnet_ros.datasets.renderer.noise import fractal


def develop(rng: np.random.Generator, radiance: np.ndarray) -> np.ndarray:
    """Turn linear radiance (H, W, 3) into an sRGB-like picture (H, W, 3) uint8."""
    image = radiance * (rng.uniform(0.16, 0.42) / (np.mean(radiance) + 1e-6))
    if rng.random() < 0.25:
        image = _smoke(rng, image)
    image = image * _vignette(rng, image.shape[0], image.shape[1])[..., None]
    image = _bloom(rng, image)
    image = image * (1 + 0.08 * rng.standard_normal(3)).astype(np.float32)
    image = np.clip(image, 0, 1) ** np.float32(1 / rng.uniform(1.7, 2.5))
    image = _saturate(image, rng.uniform(0.7, 1.35))
    return _video(rng, image)


def _smoke(rng: np.random.Generator, image: np.ndarray) -> np.ndarray:
    size = max(image.shape[:2])
    veil = fractal(rng, size, 2, 4)[: image.shape[0], : image.shape[1], None]
    density = np.clip(rng.uniform(0, 0.4) + 0.15 * veil, 0, 0.8)
    return (image * (1 - density) + density * rng.uniform(0.2, 0.6)).astype(np.float32)


def _vignette(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    y, x = np.ogrid[:height, :width]
    cx, cy = width * rng.uniform(0.42, 0.58), height * rng.uniform(0.42, 0.58)
    radius = np.sqrt((x - cx) ** 2 + (y - cy) ** 2) / (0.5 * np.hypot(width, height))
    fall = 1 - rng.uniform(0, 0.7) * np.clip(radius, 0, 1.5) ** 2
    if rng.random() < 0.08:  # the round field of view of a rod lens
        fall = fall * (radius < rng.uniform(0.85, 1.0))
    return np.clip(fall, 0, 1).astype(np.float32)


def _bloom(rng: np.random.Generator, image: np.ndarray) -> np.ndarray:
    bright = np.clip(image - 1, 0, 4)
    return image + rng.uniform(0, 0.3) * cv2.GaussianBlur(bright, (0, 0), rng.uniform(1, 5))


def _saturate(image: np.ndarray, factor: float) -> np.ndarray:
    grey = image.mean(-1, keepdims=True)
    return np.clip(grey + factor * (image - grey), 0, 1)


def _video(rng: np.random.Generator, image: np.ndarray) -> np.ndarray:
    if rng.random() < 0.5:
        image = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.4, 1.6))
    if rng.random() < 0.5:  # camera control units sharpen
        image = image + rng.uniform(0.3, 1.5) * (image - cv2.GaussianBlur(image, (0, 0), rng.uniform(0.8, 2.0)))
    noise = rng.standard_normal(image.shape, dtype=np.float32) * rng.uniform(0, 0.025)
    return np.clip(255 * (image + noise) + 0.5, 0, 255).astype(np.uint8)
