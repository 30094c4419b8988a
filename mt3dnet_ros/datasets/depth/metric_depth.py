"""Depth in metres, and how far to trust it, from a teacher's inverse depth and what is known of the scene.

Confidence is 0 where depth is unknown, and else 1 to 255: for a teacher's depth, 255 where the stereo pair says the
same and ``UNJUDGED`` where it says nothing or differs by the tolerance; for a stereo pair's own depth, how well both
sides agree.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from mt3dnet_ros.datasets.depth.alignment import AlignmentRules, FrameRejectedError, align
from mt3dnet_ros.datasets.depth.stereo_depth import StereoDepth

UNJUDGED = 128
_EXTREMES = (2.0, 98.0)  # percentiles; a few pixels at a lens's border or a glare do not set the scale


@dataclass(frozen=True)
class MetricDepth:
    """Depth of one frame.

    :param depth: (H, W) float32 metres along the optical axis, 0 where unknown
    :param confidence: (H, W) uint8
    :param facts: how it came about, for the summary
    """

    depth: np.ndarray
    confidence: np.ndarray
    facts: dict[str, float] = field(default_factory=dict)


def from_stereo(stereo: StereoDepth, rules: AlignmentRules) -> MetricDepth:
    """Return the stereo pair's own depth.

    :raises FrameRejectedError: too little is known
    """
    share = float(stereo.known.mean())
    if share < rules.least_share:
        raise FrameRejectedError(f'depth is known for {share:.1%} of the pixels, less than {rules.least_share:.1%}')
    return _metric(stereo.inverse, stereo.known, 255.0 * stereo.agreement, share=share)


def scaled_by_stereo(
    teacher: np.ndarray, stereo: StereoDepth, reach: tuple[float, float], rules: AlignmentRules
) -> MetricDepth:
    """Return the teacher's depth in the scale that the stereo pair gives; unknown where it is out of reach.

    :param teacher: (H, W) inverse depth
    :param reach: nearest and farthest depth, metres
    :raises FrameRejectedError: the two cannot be fitted to each other
    """
    fit = align(teacher, stereo.inverse, rules)
    inverse = fit.inverse_depth(teacher)
    error = np.abs(inverse - stereo.inverse) / stereo.inverse
    confidence = np.where(stereo.known, 255.0 / (1.0 + np.square(error / rules.tolerance)), UNJUDGED)
    return _metric(
        inverse,
        _within(inverse, reach),
        confidence,
        scale=fit.scale,
        shift=fit.shift,
        residual=fit.residual,
        inliers=fit.inliers,
        share=fit.share,
    )


def scaled_to_limits(teacher: np.ndarray, limits: tuple[float, float]) -> MetricDepth:
    """Return the teacher's depth between two limits, its extremes at the limits and linear in inverse depth.

    :param teacher: (H, W) inverse depth
    :param limits: nearest and farthest depth, metres
    :raises FrameRejectedError: the teacher's depth does not vary
    """
    far, near = np.percentile(teacher, _EXTREMES)
    if not near > far:
        raise FrameRejectedError('the teacher sees a flat scene: its depth does not vary')
    scale = float((1.0 / limits[0] - 1.0 / limits[1]) / (near - far))
    shift = float(1.0 / limits[1] - scale * far)
    inverse = np.clip(scale * teacher + shift, 1.0 / limits[1], 1.0 / limits[0])
    return _metric(inverse, np.isfinite(inverse), np.full(teacher.shape, UNJUDGED), scale=scale, shift=shift)


def from_metric_teacher(teacher: np.ndarray, reach: tuple[float, float]) -> MetricDepth:
    """Return a metric teacher's own depth; unknown where it is out of reach.

    :param teacher: (H, W) inverse depth, 1 / m
    :param reach: nearest and farthest depth, metres
    :raises FrameRejectedError: no pixel is within reach
    """
    known = _within(teacher, reach)
    if not known.any():
        raise FrameRejectedError(f'no pixel lies between {reach[0]} m and {reach[1]} m')
    return _metric(teacher, known, np.full(teacher.shape, UNJUDGED), share=float(known.mean()))


def unknown(shape: tuple[int, int]) -> MetricDepth:
    """Return the depth of a rejected frame: unknown everywhere."""
    return MetricDepth(np.zeros(shape, np.float32), np.zeros(shape, np.uint8))


def _within(inverse: np.ndarray, reach: tuple[float, float]) -> np.ndarray:
    return (inverse >= 1.0 / reach[1]) & (inverse <= 1.0 / reach[0])


def _metric(inverse: np.ndarray, known: np.ndarray, confidence: np.ndarray, **facts: float) -> MetricDepth:
    depth = np.divide(1.0, inverse, out=np.zeros(inverse.shape, np.float32), where=known, dtype=np.float32)
    graded = np.clip(np.round(confidence), 1, 255).astype(np.uint8)
    return MetricDepth(depth, np.where(known, graded, np.uint8(0)), facts)
