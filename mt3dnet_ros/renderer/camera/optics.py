"""What the glass does: distortion, a limited depth of field, coloured fringes and dark corners."""

from __future__ import annotations

import math
from dataclasses import replace

import cv2
import numpy as np

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.renderer.domains.camera_effects import Lens
from mt3dnet_ros.renderer.streams import stream

_SECOND = 0.3  # share of k2 in the radial distortion: the sum then has no fold below a displacement of 0.39
_BLUR_LEVELS = (0.0, 0.7, 1.4, 2.8, 5.6)  # pixels, standard deviations between which a frame is blended


def with_distortion(rng: np.random.Generator, camera: Camera, lens: Lens) -> Camera:
    """Return the camera behind a lens with Brown's distortion (k1 k2 p1 p2), or as it is where none is drawn."""
    rng = stream(rng, 'distortion')
    if rng.random() >= lens.distorted:
        return camera
    corner = math.hypot(0.5 * camera.width / camera.fx, 0.5 * camera.height / camera.fy)
    share = rng.uniform(*lens.radial)
    p1, p2 = (float(p) for p in lens.tangential * rng.standard_normal(2))
    k1, k2 = -(1 + _SECOND) * share / corner**2, _SECOND * share / corner**4
    return replace(camera, distortion_model='plumb_bob', distortion=(k1, k2, p1, p2))


def fringe(rng: np.random.Generator, image: np.ndarray, lens: Lens) -> np.ndarray:
    """Magnify red and blue differently, as glass does: (H, W, 3) float32."""
    if not any(lens.fringe):
        return image
    stretch = rng.uniform(*lens.fringe)
    red, blue = (_magnified(image[..., channel], 1 + sign * stretch) for channel, sign in ((0, 0.5), (2, -0.5)))
    return np.dstack([red, image[..., 1], blue])


def _magnified(channel: np.ndarray, factor: float) -> np.ndarray:
    height, width = channel.shape
    about = np.array([[factor, 0, 0.5 * width * (1 - factor)], [0, factor, 0.5 * height * (1 - factor)]])
    return cv2.warpAffine(np.ascontiguousarray(channel), about, (width, height), borderMode=cv2.BORDER_REPLICATE)


def defocus(rng: np.random.Generator, image: np.ndarray, depth: np.ndarray, camera: Camera, lens: Lens) -> np.ndarray:
    """Blur what lies before or behind the distance in focus.

    The blur disc of a thin lens with a pupil of diameter A focused at F is ``A fx |1/z - 1/F|`` pixels wide (Potmesil
    and Chakravarty, 1981); a Gaussian of a quarter of that stands in for it.

    :param image: (H, W, 3) float32 linear
    :param depth: (H, W) float32 metres, 0 where nothing was hit
    """
    hit = depth > 0
    if rng.random() >= lens.defocused or not hit.any():
        return image
    focus = float(np.median(depth[hit])) * rng.uniform(*lens.focus)
    nearness = np.where(hit, 1 / np.where(hit, depth, 1), 1 / focus)
    sigma = 0.25 * rng.uniform(*lens.pupil) * camera.fx * np.abs(nearness - 1 / focus)
    return _blurred(image, cv2.blur(sigma.astype(np.float32), (3, 3)))


def _blurred(image: np.ndarray, sigma: np.ndarray) -> np.ndarray:
    """Blur each pixel by its own standard deviation (H, W): a blend of the two nearest levels."""
    level = np.interp(sigma, _BLUR_LEVELS, range(len(_BLUR_LEVELS))).astype(np.float32)
    result = image
    for number in range(1, min(len(_BLUR_LEVELS), math.ceil(float(level.max())) + 1)):
        share = np.clip(level - (number - 1), 0, 1)[..., None]
        result = result + share * (cv2.GaussianBlur(image, (0, 0), _BLUR_LEVELS[number]) - result)
    return result


def vignette(rng: np.random.Generator, image: np.ndarray, lens: Lens) -> np.ndarray:
    """Darken a linear picture (H, W, 3) float32 towards its corners."""
    height, width = image.shape[:2]
    y, x = np.ogrid[:height, :width]
    cx, cy = width * rng.uniform(0.42, 0.58), height * rng.uniform(0.42, 0.58)
    radius = np.sqrt((x - cx) ** 2 + (y - cy) ** 2) / (0.5 * np.hypot(width, height))
    fall = 1 - rng.uniform(*lens.vignette) * np.clip(radius, 0, 1.5) ** 2
    if rng.random() < lens.round_view:
        fall = fall * (radius < rng.uniform(0.85, 1.0))
    return image * np.clip(fall, 0, 1).astype(np.float32)[..., None]
