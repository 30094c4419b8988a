"""Flicker: how much masks differ between consecutive frames of a video; needs no labels."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from mt3dnet_ros.evaluation.report import Metric, Section
from mt3dnet_ros.perception.frame import Frame
from mt3dnet_ros.perception.perceiver import Perceiver

_LABELS = frozenset({'labels'})
EMPTY_PAIRS = 'neither has an instrument; not in the IoU'


class FlickerScorer:
    """IoU of the instrument masks of consecutive frames.

    True masks differ from frame to frame too, as tools move: 1 is not the aim, the value of the true masks is. Pairs in
    which neither frame has an instrument say nothing of flicker: they are counted, and have no IoU.
    """

    def __init__(self) -> None:
        self._last: np.ndarray | None = None
        self._overlaps: list[float] = []  # NaN where both masks are empty

    def update(self, mask: np.ndarray) -> None:
        """Add the mask of the next frame, (H, W) bool."""
        if self._last is not None:
            self._overlaps.append(mask_iou(self._last, mask))
        self._last = mask

    def section(self) -> Section:
        """Return the section ``flicker``."""
        section = Section('flicker', 'Flicker')
        overlaps = np.array(self._overlaps)
        seen = overlaps[np.isfinite(overlaps)]
        if not len(seen):
            found = 'is no instrument in any of the frames' if len(overlaps) else 'are no two consecutive frames'
            section.skipped = f'there {found}'
            return section
        pairs, empty = len(seen), len(overlaps) - len(seen)
        section.metrics = {
            'iou_consecutive_mean': Metric(float(seen.mean()), pairs, 'pairs', 'IoU of consecutive masks'),
            'iou_consecutive_p5': Metric(float(np.percentile(seen, 5)), pairs, 'pairs', '5 % are below'),
            'iou_consecutive_worst': Metric(float(seen.min()), pairs, 'pairs'),
            'empty_pairs': Metric(float(empty), len(overlaps), 'pairs', EMPTY_PAIRS),
        }
        section.curves = {'iou_consecutive': self._overlaps}
        return section


def mask_iou(first: np.ndarray, second: np.ndarray) -> float:
    """Return the intersection over the union of two bool masks; NaN where both are empty."""
    union = int(np.count_nonzero(first | second))
    return np.count_nonzero(first & second) / union if union else float('nan')


def judge_flicker(perceiver: Perceiver, frames: Iterable[Frame]) -> Section:
    """Run a network on the frames of a video, in order, and return the section ``flicker``.

    :param frames: with stamps, by which perception knows that they belong together
    """
    scorer = FlickerScorer()
    perceiver.reset()
    for frame in frames:
        scorer.update(instrument_mask(perceiver, frame))
    return scorer.section()


def instrument_mask(perceiver: Perceiver, frame: Frame) -> np.ndarray:
    """Return where a network sees an instrument, (H, W) bool."""
    labels = perceiver(frame, None, _LABELS).labels
    assert labels is not None
    return labels > 0
