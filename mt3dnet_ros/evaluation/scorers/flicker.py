"""Flicker: how much masks differ between consecutive frames of a video; needs no labels."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from mt3dnet_ros.evaluation.report import Metric, Section
from mt3dnet_ros.perception.frame import Frame
from mt3dnet_ros.perception.perceiver import Perceiver

_LABELS = frozenset({'labels'})


class FlickerScorer:
    """IoU of the instrument masks of consecutive frames.

    True masks differ from frame to frame too, as tools move: 1 is not the aim, the value of the true masks is.
    """

    def __init__(self) -> None:
        self._last: np.ndarray | None = None
        self._overlaps: list[float] = []

    def update(self, mask: np.ndarray) -> None:
        """Add the mask of the next frame, (H, W) bool."""
        if self._last is not None:
            self._overlaps.append(mask_iou(self._last, mask))
        self._last = mask

    def section(self) -> Section:
        """Return the section ``flicker``."""
        section = Section('flicker', 'Flicker')
        if not self._overlaps:
            section.skipped = 'there are no two consecutive frames'
            return section
        overlaps, pairs = np.array(self._overlaps), len(self._overlaps)
        section.metrics = {
            'iou_consecutive_mean': Metric(float(overlaps.mean()), pairs, 'pairs', 'IoU of consecutive masks'),
            'iou_consecutive_p5': Metric(float(np.percentile(overlaps, 5)), pairs, 'pairs', '5 % are below'),
            'iou_consecutive_worst': Metric(float(overlaps.min()), pairs, 'pairs'),
        }
        section.curves = {'iou_consecutive': self._overlaps}
        return section


def mask_iou(first: np.ndarray, second: np.ndarray) -> float:
    """Return the intersection over the union of two bool masks; 1 where both are empty."""
    union = int(np.count_nonzero(first | second))
    return np.count_nonzero(first & second) / union if union else 1.0


def judge_flicker(perceiver: Perceiver, images: Iterable[np.ndarray], rate: float) -> Section:
    """Run a network on the frames of a video, in order, and return the section ``flicker``.

    :param images: (H, W, 3) uint8 RGB each
    :param rate: frames per second, for the stamps by which perception knows that frames belong together
    """
    scorer = FlickerScorer()
    perceiver.reset()
    for number, image in enumerate(images, start=1):
        scorer.update(instrument_mask(perceiver, Frame(image, stamp=round(1e9 * number / rate))))
    return scorer.section()


def instrument_mask(perceiver: Perceiver, frame: Frame) -> np.ndarray:
    """Return where a network sees an instrument, (H, W) bool."""
    labels = perceiver(frame, None, _LABELS).labels
    assert labels is not None
    return labels > 0
