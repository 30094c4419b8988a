"""What a camera control unit does: automatic gain, white balance, tone curve, saturation, sharpening."""

from __future__ import annotations

import cv2
import numpy as np

from mt3dnet_ros.renderer.domains.camera_effects import ControlUnit

TYPICAL_RADIANCE = 0.2  # mean of a scene at 0.08 m, where ``shading`` has light of strength 1


def gain(rng: np.random.Generator, image: np.ndarray, control_unit: ControlUnit) -> np.ndarray:
    """Scale radiance (H, W, 3) float32 so that its mean comes near a level."""
    adaptation, mean = rng.uniform(*control_unit.adaptation), float(np.mean(image))
    reference = (mean + 1e-6) ** adaptation * TYPICAL_RADIANCE ** (1 - adaptation)
    return image * (rng.uniform(*control_unit.level) / reference)


def overexpose(rng: np.random.Generator, image: np.ndarray, control_unit: ControlUnit) -> np.ndarray:
    """Brighten a linear picture (H, W, 3) float32 beyond its level, by its chance."""
    if rng.random() >= control_unit.overexposed:
        return image
    return image * np.float32(rng.uniform(*control_unit.overexposure))


def white_balance(rng: np.random.Generator, image: np.ndarray, control_unit: ControlUnit) -> np.ndarray:
    """Scale the colours of a linear picture (H, W, 3) float32 unevenly."""
    return image * (1 + control_unit.tint * rng.standard_normal(3)).astype(np.float32)


def gamma(rng: np.random.Generator, image: np.ndarray, control_unit: ControlUnit) -> np.ndarray:
    """Encode a linear picture (H, W, 3) float32, in [0, 1] from here on."""
    return np.clip(image, 0, 1) ** np.float32(1 / rng.uniform(*control_unit.gamma))


def saturation(rng: np.random.Generator, image: np.ndarray, control_unit: ControlUnit) -> np.ndarray:
    """Move colours (H, W, 3) float32 away from grey, or towards it."""
    grey = image.mean(-1, keepdims=True)
    return np.clip(grey + rng.uniform(*control_unit.saturation) * (image - grey), 0, 1)


def blur(rng: np.random.Generator, image: np.ndarray, control_unit: ControlUnit) -> np.ndarray:
    """Blur half of the pictures (H, W, 3) float32 a little."""
    if rng.random() >= 0.5:
        return image
    sigma = rng.uniform(*control_unit.blur)
    return cv2.GaussianBlur(image, (0, 0), sigma) if sigma else image


def sharpening(rng: np.random.Generator, image: np.ndarray, control_unit: ControlUnit) -> np.ndarray:
    """Sharpen half of the pictures (H, W, 3) float32 by unsharp masking."""
    if rng.random() >= 0.5:
        return image
    soft = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.8, 2.0))
    return image + rng.uniform(*control_unit.sharpening) * (image - soft)


def noise(
    rng: np.random.Generator, grain: np.random.Generator, image: np.ndarray, control_unit: ControlUnit
) -> np.ndarray:
    """Add noise that is as strong in dark as in bright pixels of a picture (H, W, 3) float32.

    :param grain: draws the noise, which differs between frames that share everything else
    """
    return image + grain.standard_normal(image.shape, dtype=np.float32) * np.float32(rng.uniform(*control_unit.noise))


def quantised(image: np.ndarray) -> np.ndarray:
    """Return a picture (H, W, 3) in [0, 1] as uint8."""
    return np.clip(255 * image + 0.5, 0, 255).astype(np.uint8)
