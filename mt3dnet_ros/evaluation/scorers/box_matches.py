"""Matches of detected and true boxes, and their precision and recall by the threshold of the score."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from mt3dnet_ros.datasets.masks import boxes_of_instances
from mt3dnet_ros.perception.scene import Box, Detection

LEAST_IOU = 0.5


class PrecisionRecall(NamedTuple):
    """Share of the boxes that are right, share of the instruments that are found, and F1; each is 1 at best."""

    precision: float
    recall: float
    f1: float


class Matches(NamedTuple):
    """Detections of some frames.

    :param scores: (n,)
    :param right: (n,) bool, whether a true instrument, whatever its type, is in the box
    :param true_count: number of true instruments in these frames
    """

    scores: np.ndarray
    right: np.ndarray
    true_count: int

    def at(self, threshold: float) -> PrecisionRecall:
        """Return precision, recall and F1 of the detections whose score reaches a threshold; NaN without any to count.

        F1 = 2 TP / (2 TP + FP + FN).
        """
        kept = self.scores >= threshold
        hits, found = int(self.right[kept].sum()), int(kept.sum())
        return PrecisionRecall(
            hits / found if found else float('nan'),
            hits / self.true_count if self.true_count else float('nan'),
            2.0 * hits / (found + self.true_count) if found + self.true_count else float('nan'),
        )


def match_boxes(frames: list[tuple[list[Detection], list[Box]]]) -> Matches:
    """Give each true box to the strongest detection that overlaps it by ``LEAST_IOU`` at least, types set aside.

    :param frames: the detections of each and its true boxes
    """
    scores, right = [], []
    for detections, truths in frames:
        free = list(truths)
        for found in sorted(detections, key=lambda detection: -detection.score):
            overlaps = [box_iou(found.box, truth) for truth in free]
            is_right = max(overlaps, default=0.0) >= LEAST_IOU
            if is_right:
                del free[int(np.argmax(overlaps))]
            scores.append(found.score)
            right.append(is_right)
    return Matches(np.array(scores), np.array(right, bool), sum(len(truths) for _, truths in frames))


def true_boxes(instances: np.ndarray) -> list[Box]:
    """Return the boxes of the instruments of a frame, from (H, W) uint8 instance ids with 0 for none."""
    return [Box(*box) for box in boxes_of_instances(instances).tolist()]


def box_iou(first: Box, second: Box) -> float:
    """Return the intersection of two boxes over their union."""
    columns = min(first.x + first.width, second.x + second.width) - max(first.x, second.x)
    rows = min(first.y + first.height, second.y + second.height) - max(first.y, second.y)
    common = max(columns, 0) * max(rows, 0)
    return common / (first.width * first.height + second.width * second.height - common)
