"""From radiance to the picture an endoscope delivers: smoke, exposure, lens and video processing."""

from __future__ import annotations

import cv2
import numpy as np

from mt3dnet_ros.renderer.camera.real_camera import RealCamera
from mt3dnet_ros.renderer.domains.domain import Range, Video
from mt3dnet_ros.renderer.noise import fractal

TYPICAL_RADIANCE = 0.2  # mean of a scene at 0.08 m, where ``shading`` has light of strength 1


def develop(
    rng: np.random.Generator,
    radiance: np.ndarray,
    video: Video,
    grain: np.random.Generator | None = None,
    camera: RealCamera | None = None,
) -> np.ndarray:
    """Turn linear radiance (H, W, 3) into an sRGB-like picture (H, W, 3) uint8.

    :param grain: draws the sensor's noise alone, where it is to differ between frames that are else developed alike
    :param camera: what a real camera adds; None for an ideal one
    """
    image = radiance * _gain(rng, float(np.mean(radiance)), video)
    if rng.random() < video.smoke:
        image = _smoke(rng, image, video.smoke_density)
    if camera:
        image = camera.through_the_lens(image)
    image = image * _vignette(rng, image.shape[0], image.shape[1], video)[..., None]
    image = _bloom(rng, image, video.bloom)
    image = image * (1 + video.tint * rng.standard_normal(3)).astype(np.float32)
    if camera:
        image = camera.sensed(image)
    image = np.clip(image, 0, 1) ** np.float32(1 / rng.uniform(*video.gamma))
    image = _saturate(image, rng.uniform(*video.saturation))
    picture = _record(rng, grain or rng, image, video)
    return camera.played(picture) if camera else picture


def _gain(rng: np.random.Generator, mean: float, video: Video) -> float:
    adaptation = rng.uniform(*video.adaptation)
    return rng.uniform(*video.exposure) / ((mean + 1e-6) ** adaptation * TYPICAL_RADIANCE ** (1 - adaptation))


def _smoke(rng: np.random.Generator, image: np.ndarray, density: Range) -> np.ndarray:
    size = max(image.shape[:2])
    veil = fractal(rng, size, 2, 4)[: image.shape[0], : image.shape[1], None]
    hidden = np.clip(rng.uniform(*density) + 0.15 * veil, 0, 0.8)
    return (image * (1 - hidden) + hidden * rng.uniform(0.2, 0.6)).astype(np.float32)


def _vignette(rng: np.random.Generator, height: int, width: int, video: Video) -> np.ndarray:
    y, x = np.ogrid[:height, :width]
    cx, cy = width * rng.uniform(0.42, 0.58), height * rng.uniform(0.42, 0.58)
    radius = np.sqrt((x - cx) ** 2 + (y - cy) ** 2) / (0.5 * np.hypot(width, height))
    fall = 1 - rng.uniform(*video.vignette) * np.clip(radius, 0, 1.5) ** 2
    if rng.random() < video.round_view:
        fall = fall * (radius < rng.uniform(0.85, 1.0))
    return np.clip(fall, 0, 1).astype(np.float32)


def _bloom(rng: np.random.Generator, image: np.ndarray, share: Range) -> np.ndarray:
    bright = np.clip(image - 1, 0, 4)
    return image + rng.uniform(*share) * cv2.GaussianBlur(bright, (0, 0), rng.uniform(1, 5))


def _saturate(image: np.ndarray, factor: float) -> np.ndarray:
    grey = image.mean(-1, keepdims=True)
    return np.clip(grey + factor * (image - grey), 0, 1)


def _record(rng: np.random.Generator, grain: np.random.Generator, image: np.ndarray, video: Video) -> np.ndarray:
    if rng.random() < 0.5:
        image = cv2.GaussianBlur(image, (0, 0), rng.uniform(*video.blur))
    if rng.random() < 0.5:  # camera control units sharpen
        soft = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.8, 2.0))
        image = image + rng.uniform(*video.sharpening) * (image - soft)
    noise = grain.standard_normal(image.shape, dtype=np.float32) * np.float32(rng.uniform(*video.noise))
    return np.clip(255 * (image + noise) + 0.5, 0, 255).astype(np.uint8)
