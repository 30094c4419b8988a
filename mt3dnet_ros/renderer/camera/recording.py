"""What transmission and recording lose of a developed picture: lines, colour and detail."""

from __future__ import annotations

import cv2
import numpy as np

from mt3dnet_ros.renderer.domains.camera_effects import Recording


def downscaled(rng: np.random.Generator, picture: np.ndarray, recording: Recording) -> np.ndarray:
    """Return a picture (H, W, 3) uint8 RGB as a video of fewer lines shows it, enlarged."""
    if rng.random() >= recording.softened:
        return picture
    size, detail = picture.shape[1::-1], rng.uniform(*recording.detail)
    small = cv2.resize(picture, None, fx=detail, fy=detail, interpolation=cv2.INTER_AREA)
    return cv2.resize(small, size, interpolation=cv2.INTER_LINEAR)


def chroma_subsampled(rng: np.random.Generator, picture: np.ndarray, recording: Recording) -> np.ndarray:
    """Keep brightness and make each pixel of colour some pixels wide, as 4:2:2 and analogue video do."""
    if rng.random() >= recording.subsampled:
        return picture
    pixels = rng.uniform(*recording.chroma_pixels)
    split: np.ndarray = cv2.cvtColor(picture, cv2.COLOR_RGB2YCrCb)
    size = picture.shape[1::-1]
    coarse = cv2.resize(split[..., 1:], (max(1, round(size[0] / pixels)), size[1]), interpolation=cv2.INTER_AREA)
    split[..., 1:] = cv2.resize(coarse, size, interpolation=cv2.INTER_LINEAR)
    return cv2.cvtColor(split, cv2.COLOR_YCrCb2RGB)


def compressed(rng: np.random.Generator, picture: np.ndarray, recording: Recording) -> np.ndarray:
    """Compress to JPEG with its default of a quarter of the colour's pixels, and decode it again."""
    if rng.random() >= recording.compressed:
        return picture
    quality = round(rng.uniform(*recording.quality))
    code = cv2.imencode('.jpg', picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    decoded = cv2.imdecode(code, cv2.IMREAD_COLOR)
    assert decoded is not None  # it has just been encoded
    return cv2.cvtColor(decoded, cv2.COLOR_BGR2RGB)
