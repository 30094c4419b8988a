"""What transmission and recording lose of a developed picture: lines, colour and detail."""

from __future__ import annotations

import cv2
import numpy as np

from mt3dnet_ros.renderer.domains.camera import Recorder
from mt3dnet_ros.renderer.streams import stream


def record(rng: np.random.Generator, picture: np.ndarray, recorder: Recorder) -> np.ndarray:
    """Return a picture (H, W, 3) uint8 RGB as it is played back."""
    soft, colour, squeeze = (stream(rng, name) for name in ('softened', 'subsampled', 'compressed'))
    if soft.random() < recorder.softened:
        picture = _enlarged(picture, soft.uniform(*recorder.detail))
    if colour.random() < recorder.subsampled:
        picture = _subsampled(picture, colour.uniform(*recorder.chroma_pixels))
    if squeeze.random() < recorder.compressed:
        picture = _compressed(picture, round(squeeze.uniform(*recorder.quality)))
    return picture


def _enlarged(picture: np.ndarray, detail: float) -> np.ndarray:
    size = picture.shape[1::-1]
    few = cv2.resize(picture, None, fx=detail, fy=detail, interpolation=cv2.INTER_AREA)
    return cv2.resize(few, size, interpolation=cv2.INTER_LINEAR)


def _subsampled(picture: np.ndarray, pixels: float) -> np.ndarray:
    """Keep brightness and make each pixel of colour some pixels wide, as 4:2:2 and analogue video do."""
    split: np.ndarray = cv2.cvtColor(picture, cv2.COLOR_RGB2YCrCb)
    size = picture.shape[1::-1]
    coarse = cv2.resize(split[..., 1:], (max(1, round(size[0] / pixels)), size[1]), interpolation=cv2.INTER_AREA)
    split[..., 1:] = cv2.resize(coarse, size, interpolation=cv2.INTER_LINEAR)
    return cv2.cvtColor(split, cv2.COLOR_YCrCb2RGB)


def _compressed(picture: np.ndarray, quality: int) -> np.ndarray:
    """Compress to JPEG with its default of a quarter of the colour's pixels, and back."""
    code = cv2.imencode('.jpg', picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    played = cv2.imdecode(code, cv2.IMREAD_COLOR)
    assert played is not None  # it has just been encoded
    return cv2.cvtColor(played, cv2.COLOR_BGR2RGB)
