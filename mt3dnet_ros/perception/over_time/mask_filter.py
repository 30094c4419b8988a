"""Masks that do not flicker with the grain of the picture."""

from __future__ import annotations

import math

import cv2
import numpy as np

from mt3dnet_ros.models.tasks import Prediction
from mt3dnet_ros.perception.canvas.canvas import Canvas
from mt3dnet_ros.perception.maps import first_image

# Mean difference of a cell's colour from its own recent past, in grey values, at which smoothing begins to let go, and
# at which it has let go: grain is below the one, a tool that comes or leaves above the other.
_STILL, _MOVED = 3.0, 9.0


class MaskFilter:
    """A first-order low-pass for the logits of types and parts that lets go where the picture changes.

    z <- z + g (z' - z) with g = 1 - exp(-dt / T) where a cell looks as it did, rising to 1 where it does not: a tool
    that moves is where it is now, one that rests keeps its border. The past look of a cell is filtered in the same way.
    """

    def __init__(self) -> None:
        self._logits: np.ndarray | None = None
        self._picture = np.zeros(0, np.float32)
        self._stamp = 0

    def __call__(self, prediction: Prediction, canvas: Canvas, stamp: int, time_constant: float) -> Prediction:
        """Return the prediction with smoothed logits of types and parts, cropped to the cells of the image.

        :param stamp: of the frame, nanoseconds, not before that of the last; 0 where unknown: not smoothed
        :param time_constant: T, seconds; 0 does not smooth, and forgets
        """
        if not stamp or not time_constant:
            self.forget()
            return prediction
        types, parts = (first_image(output, canvas.letterbox.cells) for output in (prediction.types, prediction.parts))
        logits = np.concatenate([types, parts])
        if not np.isfinite(logits).all():  # it would stay for ever
            self.forget()
            return prediction
        picture = canvas.coarse.astype(np.float32)
        if self._logits is not None and self._logits.shape == logits.shape:
            gain = self._gain(picture, -math.expm1(-1e-9 * (stamp - self._stamp) / time_constant))
            logits = self._logits + gain * (logits - self._logits)
            picture = self._picture + gain[..., None] * (picture - self._picture)
        self._logits, self._picture, self._stamp = logits, picture, stamp
        smooth_types, smooth_parts = np.split(logits[None], [len(types)], axis=1)
        return prediction._replace(types=smooth_types, parts=smooth_parts)

    def forget(self) -> None:
        """Forget the masks: the next prediction is taken as it is."""
        self._logits = None

    def _gain(self, picture: np.ndarray, least: float) -> np.ndarray:
        """Return how much of what is new each cell takes, (h, w) float32 from ``least`` to 1."""
        difference = cv2.blur(np.abs(picture - self._picture).mean(axis=2), (3, 3))
        moved = np.clip((difference - _STILL) / (_MOVED - _STILL), 0.0, 1.0)
        return (least + (1.0 - least) * moved).astype(np.float32)
