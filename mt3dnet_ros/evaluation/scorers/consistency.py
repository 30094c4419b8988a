"""Consistency: whether masks stay the same when a picture is turned, zoomed or lit otherwise; needs no labels."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from mt3dnet_ros.evaluation.report import Metric, Section
from mt3dnet_ros.evaluation.scorers.flicker import EMPTY_PAIRS, instrument_mask, mask_iou
from mt3dnet_ros.evaluation.scorers.perturbations import OUTSIDE, perturbations
from mt3dnet_ros.perception.frame import Frame
from mt3dnet_ros.perception.perceiver import Perceiver

_MEANING = 'mean IoU with its mask'


class ConsistencyScorer:
    """IoU of the instrument masks of a picture and of its perturbed copies, each brought back to the picture.

    Pairs in which neither has an instrument are counted, and have no IoU.
    """

    def __init__(self) -> None:
        self._overlaps: dict[str, list[float]] = {name: [] for name in perturbations()}

    def update(self, image: np.ndarray, segment: Callable[[np.ndarray], np.ndarray]) -> None:
        """Add a picture.

        :param image: (H, W, 3) uint8 RGB
        :param segment: from a picture to its mask, (H, W) bool
        """
        mask = segment(image)
        for name, perturbation in perturbations().items():
            other = perturbation.undo(segment(perturbation.apply(image)).astype(np.uint8))
            known = other != OUTSIDE
            self._overlaps[name].append(mask_iou(mask & known, other == 1))

    def section(self) -> Section:
        """Return the section ``consistency``."""
        section = Section('consistency', 'Consistency when pictures are changed')
        pictures = len(next(iter(self._overlaps.values())))
        if not pictures:
            section.skipped = 'there are no pictures'
            return section
        seen = {name: [value for value in values if np.isfinite(value)] for name, values in self._overlaps.items()}
        empty = sum(len(values) - len(seen[name]) for name, values in self._overlaps.items())
        if not any(seen.values()):
            section.skipped = 'there is no instrument in any of the pictures'
            return section
        section.metrics = {
            f'iou_{name}': Metric(float(np.mean(values)) if values else np.nan, len(values), 'pictures', _MEANING)
            for name, values in seen.items()
        }
        section.metrics['empty_pairs'] = Metric(float(empty), len(seen) * pictures, 'pairs', EMPTY_PAIRS)
        return section


def judge_consistency(perceiver: Perceiver, images: Iterable[np.ndarray]) -> Section:
    """Run a network on pictures, (H, W, 3) uint8 RGB each, and on their perturbed copies, each by itself."""
    scorer = ConsistencyScorer()
    for image in images:
        scorer.update(image, lambda picture: instrument_mask(perceiver, Frame(picture)))
    return scorer.section()
