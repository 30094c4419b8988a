"""Scale and shift that bring a teacher's relative inverse depth to 1 / m.

A teacher of relative depth knows inverse depth up to a scale and a shift (Ranftl et al., 2020). Both are found per
frame from pixels whose depth is known: by RANSAC, which finds them among many outliers, and then by iteratively
reweighted least squares with Tukey's biweight on the inliers, which makes them precise. Errors are relative, since
those of a stereo pair grow with depth.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np

from mt3dnet_ros.errors import InputError, MT3DNetError

_HYPOTHESES = 500
_SCORED = 1000  # pixels that a hypothesis is tried on
_SAMPLED = 50_000  # pixels that take part at all
_ITERATIONS = 10
_EXTREMES = (5.0, 95.0)  # percentiles
_SEED = 0  # a frame's result does not depend on the frames before it


class FrameRejectedError(MT3DNetError, ValueError):
    """A frame's depth cannot be brought to metres; the message is the reason."""


@dataclass(frozen=True)
class AlignmentRules:
    """What counts as a fit.

    :param tolerance: relative error of inverse depth up to which a pixel is an inlier
    :param least_share: the least share of the image's pixels whose depth must be known
    :param least_inliers: the least share of these that must be inliers
    """

    tolerance: float = 0.05
    least_share: float = 0.1
    least_inliers: float = 0.5

    def __post_init__(self) -> None:
        """Refuse rules that no frame, or any frame, would meet."""
        for name, value in asdict(self).items():
            if not 0.0 < value <= 1.0:
                raise InputError(f'{name} {value} must be above 0 and at most 1')


@dataclass(frozen=True)
class Alignment:
    """A frame's fit: inverse depth is ``scale * teacher + shift``.

    :param scale: 1 / m per unit of the teacher
    :param shift: 1 / m
    :param residual: median relative error of inverse depth over all known pixels, outliers among them
    :param inliers: share of known pixels whose error is within the tolerance
    :param share: share of the image's pixels whose depth is known
    """

    scale: float
    shift: float
    residual: float
    inliers: float
    share: float

    def inverse_depth(self, teacher: np.ndarray) -> np.ndarray:
        """Return inverse depth in 1 / m, not above 0 where the teacher is beyond infinity."""
        return np.float32(self.scale) * teacher + np.float32(self.shift)


def align(teacher: np.ndarray, inverse: np.ndarray, rules: AlignmentRules) -> Alignment:
    """Fit scale and shift.

    :param teacher: (H, W) relative inverse depth, larger where nearer
    :param inverse: (H, W) known inverse depth in 1 / m, NaN where unknown
    :raises FrameRejectedError: too little is known, or it does not fit
    """
    known = np.isfinite(inverse) & np.isfinite(teacher)
    share = float(known.mean())
    if share < rules.least_share:
        raise FrameRejectedError(f'depth is known for {share:.1%} of the pixels, less than {rules.least_share:.1%}')
    x, y = _sample(teacher[known], inverse[known])
    if x.min() == x.max():
        raise FrameRejectedError('the teacher sees a flat scene: its depth does not vary')
    scale, shift = _refine(x, y, *_consensus(x, y, rules.tolerance), rules.tolerance)
    _check_scale(scale, x, y, rules.tolerance)
    error = np.abs(scale * x + shift - y) / y
    inliers = float((error < rules.tolerance).mean())
    if inliers < rules.least_inliers:
        raise FrameRejectedError(
            f'{inliers:.1%} of the known pixels are within {rules.tolerance:.1%}, less than {rules.least_inliers:.1%}'
        )
    return Alignment(scale, shift, float(np.median(error)), inliers, share)


def _check_scale(scale: float, x: np.ndarray, y: np.ndarray, tolerance: float) -> None:
    far, near = np.percentile(x, _EXTREMES)
    variation = abs(scale) * (near - far) / np.median(y)
    if variation < tolerance:
        raise FrameRejectedError(f'depth varies by {variation:.1%}, less than {tolerance:.1%}: any scale would fit')
    if scale <= 0.0:
        raise FrameRejectedError(f'the scale that fits best, {scale:.3g}, is not above 0')


def _sample(teacher: np.ndarray, inverse: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    step = -(-len(teacher) // _SAMPLED)
    return teacher[::step].astype(np.float64), inverse[::step].astype(np.float64)


def _consensus(x: np.ndarray, y: np.ndarray, tolerance: float) -> tuple[float, float]:
    """Return the line through two of the points that most others are close to."""
    rng = np.random.default_rng(_SEED)
    first, second = rng.integers(len(x), size=(2, _HYPOTHESES))
    with np.errstate(divide='ignore', invalid='ignore'):  # points of equal x make no line, and have no inlier
        scale = (y[second] - y[first]) / (x[second] - x[first])
        shift = y[first] - scale * x[first]
        scored = rng.integers(len(x), size=_SCORED)
        error = np.abs(scale[:, None] * x[scored] + shift[:, None] - y[scored]) / y[scored]
    best = int((error < tolerance).sum(1).argmax())
    return float(scale[best]), float(shift[best])


def _refine(x: np.ndarray, y: np.ndarray, scale: float, shift: float, tolerance: float) -> tuple[float, float]:
    """Return the weighted least-squares line, beginning with a good one; errors beyond the tolerance have no weight."""
    for _ in range(_ITERATIONS):
        ratio = (scale * x + shift - y) / (y * tolerance)
        weights = np.where(np.abs(ratio) < 1.0, (1.0 - ratio**2) / y, 0.0)  # the root of the biweight, over y
        matrix = np.stack([x, np.ones_like(x)], axis=-1) * weights[:, None]
        scale, shift = map(float, np.linalg.lstsq(matrix, y * weights, rcond=None)[0])
    return scale, shift
