"""Segmentation of instruments against background, and of their parts."""

from __future__ import annotations

import numpy as np

from mt3dnet_ros.datasets.frames import IGNORED, LabelledFrame
from mt3dnet_ros.evaluation.class_map import ClassMap
from mt3dnet_ros.evaluation.observation import Observation, Scorer
from mt3dnet_ros.evaluation.report import Metric, Section
from mt3dnet_ros.metrics import dice
from mt3dnet_ros.metrics.confusion import Confusion, count_pairs
from mt3dnet_ros.metrics.ternaus import TernausImageScores


class InstrumentScorer(Scorer[np.ndarray]):
    """Dice and IoU of instrument against background.

    Labels of parts say what an instrument is, where there are such: types may number tissue too.
    """

    def __init__(self) -> None:
        self._confusion = Confusion(2)
        self._images = TernausImageScores()
        self._of_frames: list[float] = []

    def measure(self, observation: Observation) -> np.ndarray | None:
        """Return the confusion matrix of a frame."""
        truth = true_foreground(observation.frame)
        if truth is None or observation.scene.labels is None:
            return None
        return count_pairs((observation.scene.labels > 0).astype(np.uint8), truth, 2)

    def add(self, measured: np.ndarray) -> None:
        """Add the confusion matrix of a frame."""
        self._confusion.counts += measured
        self._images.update(measured)
        value = dice.dice_binary(measured)
        self._of_frames.append(1.0 if np.isnan(value) else value)  # neither true nor predicted

    def section(self) -> Section:
        """Return the section ``instrument``."""
        section = Section('instrument', 'Instrument or not')
        if not self._of_frames:
            section.skipped = 'no frame has labels of parts or types'
            return section
        counts, frames = self._confusion.counts, len(self._of_frames)
        pooled = dice.dice_binary(counts)
        section.metrics = {
            'dice': Metric(pooled, int(counts[1].sum()), 'true instrument pixels', 'all frames together'),
            'iou': Metric(pooled / (2.0 - pooled), int(counts[1].sum()), 'true instrument pixels', 'the same as IoU'),
            'dice_frames_mean': Metric(float(np.mean(self._of_frames)), frames, 'frames', 'empty frames score 0 or 1'),
            'dice_frames_median': Metric(float(np.median(self._of_frames)), frames, 'frames'),
            'dice_frames_worst': Metric(min(self._of_frames), frames, 'frames'),
            'iou_frames_mean': Metric(self._images.iou(), frames, 'frames', 'as TernausNet evaluates binary masks'),
        }
        return section


class PartScorer(Scorer[np.ndarray]):
    """Dice over parts.

    :param parts: from the network's parts to those of the data set
    """

    def __init__(self, parts: ClassMap) -> None:
        self._parts = parts
        self._confusion = Confusion(len(parts.names))
        self._images = TernausImageScores()
        self._of_frames: list[np.ndarray] = []

    def measure(self, observation: Observation) -> np.ndarray | None:
        """Return the confusion matrix of a frame."""
        parts, truth = observation.scene.parts, observation.frame.parts
        if parts is None or truth is None:
            return None
        return count_pairs(self._parts.table[parts], truth, len(self._parts.names))

    def add(self, measured: np.ndarray) -> None:
        """Add the confusion matrix of a frame."""
        self._confusion.counts += measured
        self._images.update(measured)
        self._of_frames.append(np.where(measured.sum(axis=1) > 0, dice.dice_per_class(measured), np.nan))

    def section(self) -> Section:
        """Return the section ``parts``."""
        section = Section('parts', 'Instrument parts')
        if not self._images.images:
            section.skipped = 'no frame has labels of parts'
            return section
        counts, pixels = self._confusion.counts, self._confusion.counts.sum(axis=1)
        instrument, shown, images = int(pixels[1:].sum()), int((pixels[1:] > 0).sum()), self._images.images
        section.metrics = {
            'dice_micro': Metric(dice.dice_micro(counts), int(pixels.sum()), 'pixels', 'with the background: accuracy'),
            'dice_micro_instruments': Metric(
                dice.dice_micro_instruments(counts), instrument, 'true instrument pixels', 'without the background'
            ),
            'dice_macro': Metric(dice.dice_macro(counts), shown, 'parts shown', 'mean over parts'),
            'dice_ternaus_images': Metric(self._images.dice(), images, 'frames', 'TernausNet, per image'),
            'iou_ternaus_images': Metric(self._images.iou(), images, 'frames', 'TernausNet, per image'),
        }
        section.tables['classes'] = self._classes()
        section.curves = {'confusion': {'names': list(self._parts.names), 'counts': counts.tolist()}}
        return section

    def _classes(self) -> dict[str, dict[str, Metric]]:
        """Return each part's Dice over all frames together, and its mean over the frames that show the part."""
        counts, of_frames = self._confusion.counts, np.stack(self._of_frames)
        rows, pooled = {}, dice.dice_per_class(counts)
        for index, name in enumerate(self._parts.names):
            shown = of_frames[:, index][~np.isnan(of_frames[:, index])]
            rows[name] = {
                'dice': Metric(float(pooled[index]), int(counts[index].sum()), 'true pixels'),
                'dice_frames_mean': Metric(dice.mean_or_nan(shown), len(shown), 'frames'),
            }
        return rows


def true_foreground(frame: LabelledFrame) -> np.ndarray | None:
    """Return 1 where a frame shows an instrument, else 0, ``IGNORED`` where unlabelled; None without any labels."""
    labels = frame.types if frame.parts is None else frame.parts
    if labels is None:
        return None
    return np.where(labels == IGNORED, IGNORED, labels > 0).astype(np.uint8)
