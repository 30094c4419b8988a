"""How far a network's depth is from the truth: of whole frames, and of single pixels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mt3dnet_ros.errors import needs_extra
from mt3dnet_ros.perception.scale.depth_scale import NORMAL_95

with needs_extra('evaluate'):
    from scipy.stats.mstats import hdquantiles

COVERED = 0.95  # share of the errors that lies within 1.96 deviations


@dataclass(frozen=True)
class DepthDeviation:
    """Deviations of the logarithm of depth, such that 1.96 times each covers 95 % of the errors.

    :param scale: of the factor of a frame, about the network's own word
    :param shape: of a single pixel, once its frame's factor is right
    :param tool: of the median over an instrument's shaft, once its frame's factor is right; None without any
    :param bias: mean logarithm of the frames' factors, true over predicted; the deviation of the scale covers it
    """

    scale: float
    shape: float
    tool: float | None
    bias: float


def fit_depth_deviation(ratios: list[np.ndarray], tool_ratios: list[np.ndarray]) -> DepthDeviation | None:
    """Return the deviations of frames' depth; None where no frame has any.

    A frame's factor is the median ratio of its pixels. Its deviation is about zero, not about the mean: what biases a
    network on one kind of camera need not do so on another.

    :param ratios: per frame, (n,) logarithms of true over predicted depth
    :param tool_ratios: per frame, (k,) medians of the same over each instrument's shaft
    """
    known = [(ratio, tools, np.median(ratio)) for ratio, tools in zip(ratios, tool_ratios, strict=True) if ratio.size]
    if not known:
        return None
    factors = np.array([factor for _, _, factor in known])
    shapes = np.concatenate([ratio - factor for ratio, _, factor in known])
    tools = np.concatenate([found - factor for _, found, factor in known])
    shape = float(np.quantile(np.abs(shapes), COVERED)) / NORMAL_95
    tool = covering_deviation(tools) if tools.size else None
    return DepthDeviation(covering_deviation(factors), shape, tool, float(factors.mean()))


def covering_deviation(errors: np.ndarray) -> float:
    """Return the deviation of which 1.96 times covers 95 % of few errors.

    The quantile is that of Harrell and Davis (1982), a mean over the order statistics near it: a single one of a few
    hundred frames, far out in the tail, jumps.

    :param errors: (n,)
    """
    sizes = np.abs(errors)
    return float(hdquantiles(sizes, [COVERED])[0] if len(sizes) > 1 else sizes[0]) / NORMAL_95
