"""Depth errors, averaged per image and pooled over pixels."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

METRICS = ('mae_mm', 'rmse_mm', 'abs_rel', 'sq_rel_mm', 'rmse_log', 'delta_1', 'delta_2', 'delta_3')
_ROOTS = [METRICS.index('rmse_mm'), METRICS.index('rmse_log')]
_DELTA = 1.25
_LEAST = 1e-6  # metres; below it a prediction has no useful logarithm


class ErrorSums(NamedTuple):
    """Of one image.

    :param sums: (len(METRICS),) over its pixels, of what the errors are means of
    :param pixels: whose depth is known, at least one
    """

    sums: np.ndarray
    pixels: int


def error_sums(prediction: np.ndarray, target: np.ndarray) -> ErrorSums | None:
    """Return the sums of an image over the pixels whose depth is known; None where there is none.

    :param prediction: (N,) metres (and ``target``, above 0)
    """
    if target.size == 0:
        return None
    return ErrorSums(_sums(prediction.astype(np.float64), target.astype(np.float64)), target.size)


class DepthErrors:
    """Running means of the errors of predicted depth p (Eigen et al. 2014), in millimetres where they have a unit.

    With true depth t: ``mae_mm`` mean of abs(p - t), ``rmse_mm`` root of the mean of (p - t)^2, ``abs_rel`` mean of
    abs(p - t) / t, ``sq_rel_mm`` mean of (p - t)^2 / t, ``rmse_log`` root of the mean of (ln p - ln t)^2, ``delta_k``
    share of pixels with max(p / t, t / p) < 1.25^k.
    """

    def __init__(self) -> None:
        self._image_sums = np.zeros(len(METRICS))
        self._pixel_sums = np.zeros(len(METRICS))
        self.images = 0
        self.pixels = 0

    def update(self, prediction: np.ndarray, target: np.ndarray) -> None:
        """Add the pixels of one image whose depth is known; none adds nothing.

        :param prediction: (N,) metres (and ``target``, above 0)
        """
        self.add(error_sums(prediction, target))

    def add(self, image: ErrorSums | None) -> None:
        """Add one image; None adds nothing."""
        if image is None:
            return
        self._pixel_sums += image.sums
        self._image_sums += _rooted(image.sums / image.pixels)
        self.pixels += image.pixels
        self.images += 1

    def per_image(self) -> dict[str, float]:
        """Return the means over images of each image's error; NaN without images."""
        return _named(self._image_sums / self.images if self.images else np.full(len(METRICS), np.nan))

    def pooled(self) -> dict[str, float]:
        """Return the errors over all pixels of all images, images with more known pixels weighing more."""
        return _named(_rooted(self._pixel_sums / self.pixels) if self.pixels else np.full(len(METRICS), np.nan))


def _sums(prediction: np.ndarray, target: np.ndarray) -> np.ndarray:
    prediction, target = 1e3 * np.maximum(prediction, _LEAST), 1e3 * target
    error = np.abs(prediction - target)
    square = error * error
    log = np.log(prediction / target)
    within = [np.count_nonzero(np.abs(log) < power * np.log(_DELTA)) for power in (1, 2, 3)]
    sums = error.sum(), square.sum(), (error / target).sum(), (square / target).sum(), (log * log).sum()
    return np.array([*sums, *within])


def _rooted(means: np.ndarray) -> np.ndarray:
    means = means.copy()
    means[_ROOTS] = np.sqrt(means[_ROOTS])
    return means


def _named(values: np.ndarray) -> dict[str, float]:
    return dict(zip(METRICS, values.tolist(), strict=True))
