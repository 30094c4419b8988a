"""A straight edge in the full image, close to the mask's outline, to a fraction of a pixel."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import cv2
import numpy as np

from mt3dnet_ros.perception.scale.shaft.silhouette import EdgeLine, UnfitSilhouetteError
from mt3dnet_ros.perception.scale.shaft.statistics import median

NOT_STRAIGHT = 'no straight edges'
_TURN = 10  # pixels, by which a line's ends may lie off a parallel of the mask's outline
_WINDOW = 8  # pixels on either side of a line in which its mean profile is looked at
_TOLERANCE = 3  # pixels on either side of the line in which its edge is looked for
_APART = 4  # pixels from which on another line is another one
_LEAST_ROWS = 6
_NOISE_OF_COLOURS = 4.0 * np.eye(3, dtype=np.float32)  # least covariance of a picture's values
_BLUR = 1.5  # pixels, standard deviation
_DERIVATIVE = (lambda x: x * np.exp(-0.5 * (x / _BLUR) ** 2))(np.arange(-5.0, 6.0, dtype=np.float32))[None]
_LIGHT = (255.0 * (np.arange(256) / 255.0) ** 2.2).astype(np.float32)
"""Light by the value of a picture."""
_WEAK = 0.25  # of the median contrast, below which a row has no edge
_ALIKE = 3.0  # rows that err alike: what they show is smooth
_SURE = 0.1  # pixels, below which the spread of a line's points is chance


@dataclass(frozen=True)
class EdgeImage:
    """How much the picture changes across one side of a shaft, from inside to outside.

    :param gradient: (N, M) of the colour that tells inside from outside, N rows along the shaft; its middle column lies
        on the mask's outline
    :param light: (N, M), likewise of the light
    :param t: (N,) places of the rows along the shaft
    :param pixel: distance of two columns, in the unit of t
    """

    gradient: np.ndarray
    light: np.ndarray
    t: np.ndarray
    pixel: float

    def part(self, rows: int) -> EdgeImage:
        """Return its first rows."""
        return EdgeImage(self.gradient[:rows], self.light[:rows], self.t[:rows], self.pixel)


@dataclass(frozen=True)
class FoundEdge:
    """A straight edge, and how it stands out.

    :param line: against the mask's outline, outwards
    :param on_line: (N,) bool, the rows whose edge lies on it
    :param strength: mean over rows of the edge on the line over the row's strongest, 0 to 1
    :param rival: likewise of the best line elsewhere
    """

    line: EdgeLine
    on_line: np.ndarray
    strength: float
    rival: float


class EdgeFinder:
    """Finds the straight line on which most rows of a picture have their strongest edge.

    Every line of a family votes: parallels of the mask's outline, and lines that are turned against it, so that their
    ends lie up to ``_TURN`` pixels off.
    """

    def __init__(self, image: EdgeImage) -> None:
        self._image = image
        score = np.maximum(image.gradient, 0.0)
        score /= score.max(axis=1, keepdims=True) + np.float32(1e-9)
        padded = cv2.copyMakeBorder(cv2.blur(score, (3, 1)), 0, 0, _TURN, _TURN, cv2.BORDER_CONSTANT, value=0)
        self._on_lines = padded.ravel()[_lines(*image.gradient.shape)]  # (N, L, M)

    def best(self, rows: int) -> FoundEdge:
        """Return the best line through the first rows.

        :raises UnfitSilhouetteError: when there is none
        """
        image = self._image
        votes = np.add.reduce(self._on_lines[:rows]) * np.float32(1.0 / rows)
        line, column = np.unravel_index(int(votes.argmax()), votes.shape)
        columns = column + _shifts(len(image.t))[line]
        found, on_line = _refine(image.part(rows), columns[:rows])
        return FoundEdge(found, on_line, float(votes[line, column]), _rival(votes, int(column)))


@lru_cache(maxsize=4)
def _shifts(rows: int) -> np.ndarray:
    """Return how many columns each row of each line lies off, (L, N)."""
    return np.rint(np.outer(np.arange(-_TURN, _TURN + 1), np.linspace(-1.0, 1.0, rows))).astype(np.intp)


@lru_cache(maxsize=16)
def _lines(rows: int, columns: int) -> np.ndarray:
    """Return the place of every row of every line in a picture that is padded by ``_TURN`` columns, (N, L, M)."""
    inside = np.arange(columns) + _TURN + _shifts(rows).T[..., None]
    return np.ascontiguousarray(inside + (columns + 2 * _TURN) * np.arange(rows)[:, None, None])


def edge_images(colours: np.ndarray, t: np.ndarray, pixel: float) -> list[EdgeImage]:
    """Return how much pictures change from inside to outside.

    Of all mixtures of the three colours the one counts that tells both apart best (Fisher's discriminant): it sees
    tissue against metal rather than a highlight along the shaft or a shadow beside it. That is so of the picture's
    values, which show a dark shaft before its shadow; but blur mixes light, and of values its edge would lie too far on
    the darker side.

    :param colours: (K, N, M, 3) uint8 of K pictures, from inside to outside
    """
    count, columns = len(colours), colours.shape[2]
    quarter, middle = columns // 4, columns // 2
    values, light = colours.astype(np.float32), cv2.LUT(colours.reshape(count, -1), _LIGHT).reshape(colours.shape)
    ends = values[:, :, :quarter].reshape(count, -1, 3), values[:, :, -quarter:].reshape(count, -1, 3)
    means = [_mean(end) for end in ends]
    spread = _NOISE_OF_COLOURS + sum(_squared(end - mean) for end, mean in zip(ends, means, strict=True)) / 2
    weights = np.linalg.solve(spread, (means[1] - means[0]).transpose(0, 2, 1))
    sides = light[:, :, middle + 1 :], light[:, :, :middle]
    bright, dark = (_mean(side.reshape(count, -1, 3)) for side in sides)
    gradients = zip(_gradients(values, weights), _gradients(light, (bright - dark).transpose(0, 2, 1)), strict=True)
    return [EdgeImage(of_values, of_light, t, pixel) for of_values, of_light in gradients]


def _mean(colours: np.ndarray) -> np.ndarray:
    """Return the mean, (K, 1, 3), of colours (K, n, 3); along so short an axis numpy's own is slow."""
    count = colours.shape[1]
    return np.asarray(np.full((1, count), 1.0 / count, np.float32) @ colours)


def _squared(deviations: np.ndarray) -> np.ndarray:
    """Return the covariances, (K, 3, 3), of deviations (K, n, 3)."""
    return np.asarray(deviations.transpose(0, 2, 1) @ deviations / np.float32(deviations.shape[1]))


def _gradients(colours: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the derivative of a Gaussian along rows, (K, N, M), of mixtures (K, 3, 1) of colours (K, N, M, 3)."""
    count, rows, columns = colours.shape[:3]
    planes = (colours.reshape(count, -1, 3) @ weights).reshape(count * rows, columns)
    gradients = cv2.filter2D(planes, cv2.CV_32F, _DERIVATIVE, borderType=cv2.BORDER_REPLICATE)
    return gradients.reshape(count, rows, columns)


def _rival(votes: np.ndarray, column: int) -> float:
    """Return the most votes of a line elsewhere that has more than its neighbours: a blurred edge is one edge."""
    best = votes.max(axis=0)
    is_peak = np.ones(len(best), bool)
    is_peak[1:] = best[1:] >= best[:-1]
    is_peak[:-1] &= best[:-1] >= best[1:]
    is_peak[max(0, column - _APART) : column + _APART + 1] = False
    return float(best[is_peak].max(initial=0.0))


def _refine(image: EdgeImage, column: np.ndarray) -> tuple[EdgeLine, np.ndarray]:
    """Return the line through the rows' edges near a column for each row, (N,), and which rows lie on it."""
    place, contrast, is_edge = _peaks(image.gradient, column, _TOLERANCE)
    good = is_edge & (contrast > _WEAK * median(contrast))
    if np.count_nonzero(good) < _LEAST_ROWS:
        raise UnfitSilhouetteError(NOT_STRAIGHT)
    place = (place - 0.5 * (image.gradient.shape[1] - 1)) * image.pixel
    line, limit = _fit(image.t[good], place[good], image.pixel)
    on_line = good & (np.abs(place - line.offset - line.slope * image.t) < limit)
    if not on_line.any():
        raise UnfitSilhouetteError(NOT_STRAIGHT)
    return replace(line, offset=line.offset + image.pixel * _shift_of_light(image, line, on_line)), on_line


def _peaks(gradient: np.ndarray, column: np.ndarray, reach: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return each row's edge near a column, (N,): where it is, by a parabola, how strong, and whether it is a peak."""
    rows, columns = gradient.shape
    row = np.arange(rows)
    index = np.minimum(np.maximum(column[:, None] + np.arange(-reach, reach + 1), 1), columns - 2)
    peak = gradient[row[:, None], index].argmax(axis=1)
    at = index[row, peak]
    before, here, after = gradient[row, at - 1], gradient[row, at], gradient[row, at + 1]
    is_peak = (here > 0.0) & (here >= before) & (here >= after) & (peak > 0) & (peak < 2 * reach)
    curvature = before - 2.0 * here + after
    return at + 0.5 * (before - after) / np.where(curvature < 0.0, curvature, -np.inf), here, is_peak


def _shift_of_light(image: EdgeImage, line: EdgeLine, rows: np.ndarray) -> float:
    """Return how far outwards, in pixels, the light's edge lies from that of the values; 0 where it has none there.

    Both are averaged along the line. Where the picture is sharp the light's edge may only lie close by: a bright rim or
    a highlight is another edge.
    """
    columns = image.gradient.shape[1]
    middle = np.rint(0.5 * (columns - 1) + (line.offset + line.slope * image.t[rows]) / image.pixel).astype(int)
    index = np.minimum(np.maximum(middle[:, None] + np.arange(-_WINDOW, _WINDOW + 1), 0), columns - 1)
    row = np.nonzero(rows)[0][:, None]
    values, light = (gradient[row, index].sum(axis=0).tolist() for gradient in (image.gradient, image.light))
    of_values = _peak(values, _TOLERANCE)
    half = 0.5 * max(values)
    of_light = _peak(light, max(1, min(_WINDOW - 1, sum(value > half for value in values) // 2)))
    return 0.0 if of_values is None or of_light is None else of_light - of_values


def _peak(profile: list[float], reach: int) -> float | None:
    """Return where, near its middle, a profile has its peak, by a parabola; None where it has none there."""
    middle = len(profile) // 2
    at = max(range(middle - reach, middle + reach + 1), key=profile.__getitem__)
    before, here, after = profile[at - 1 : at + 2]
    curvature = before - 2.0 * here + after
    if here <= 0.0 or curvature >= 0.0 or not before <= here >= after:
        return None
    return at + 0.5 * (before - after) / curvature


def _fit(t: np.ndarray, s: np.ndarray, pixel: float) -> tuple[EdgeLine, float]:
    """Return a line by iteratively reweighted least squares with Tukey's weights, and how far points on it lie off."""
    moments = np.stack([np.ones_like(t), t, s, t * t, t * s])
    weights = moments[0]
    for _ in range(4):
        total, of_t, of_s, of_tt, of_ts = (moments @ weights).tolist()
        middle, spread = of_t / total, of_tt - of_t * of_t / total
        slope = (of_ts - of_t * of_s / total) / spread
        offset = of_s / total - slope * middle
        residual = s - offset - slope * t
        scale = max(1.4826 * median(np.abs(residual)), _SURE * pixel)
        weights = np.maximum(1.0 - (residual / (4.0 * scale)) ** 2, 0.0) ** 2
    variance = _ALIKE * scale**2
    slope_variance = variance / spread
    return EdgeLine(offset, slope, variance / total + slope_variance * middle**2, slope_variance), 4.0 * scale
