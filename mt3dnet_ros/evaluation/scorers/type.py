"""Segmentation of instrument types."""

from __future__ import annotations

import numpy as np

from mt3dnet_ros.evaluation.class_map import ClassMap
from mt3dnet_ros.evaluation.observation import Observation, Scorer
from mt3dnet_ros.evaluation.report import Metric, Section
from mt3dnet_ros.metrics import dice
from mt3dnet_ros.metrics.confusion import Confusion, count_pairs, fold
from mt3dnet_ros.metrics.isinet import IsinetScores
from mt3dnet_ros.metrics.ternaus import TernausImageScores


class TypeScorer(Scorer[np.ndarray]):
    """Dice and published IoU over types.

    :param classes: from the network's classes to those of the data set; None where the data set has no types
    """

    def __init__(self, classes: ClassMap | None) -> None:
        self._classes = classes
        names = classes.names if classes else ()
        self._known = classes.known if classes else 0
        self._confusion = Confusion(len(names))
        self._isinet = IsinetScores(self._known)
        self._ternaus = TernausImageScores()

    def measure(self, observation: Observation) -> np.ndarray | None:
        """Return the confusion matrix of a frame."""
        labels, truth = observation.scene.labels, observation.frame.types
        if self._classes is None or labels is None or truth is None:
            return None
        return count_pairs(self._classes.table[labels], truth, len(self._classes.names))

    def add(self, measured: np.ndarray) -> None:
        """Add the confusion matrix of a frame."""
        self._confusion.counts += measured
        published = fold(measured, self._known)  # ISINet sets classes that the data set lacks to background
        self._isinet.update(published)
        self._ternaus.update(published)

    def section(self) -> Section:
        """Return the section ``types``."""
        section = Section('types', 'Instrument types')
        if self._classes is None:
            section.skipped = 'the data set has no instrument types'
        elif self._classes.knows_too_little:
            section.skipped = (
                f'the network knows less than half of the classes (it lacks {", ".join(self._classes.unpredicted)}); '
                'say with --taxonomy-map which classes are the same'
            )
        elif not self._ternaus.images:
            section.skipped = 'no frame has labels of types'
        else:
            section.metrics = {**self._dice_metrics(), **self._published_metrics()}
            section.tables['classes'] = self._class_metrics()
            section.curves = {'confusion': {'names': list(self._classes.names), 'counts': self._counts.tolist()}}
            section.notes = _notes(self._classes)
        return section

    @property
    def _counts(self) -> np.ndarray:
        return self._confusion.counts

    def _dice_metrics(self) -> dict[str, Metric]:
        counts, pixels = self._counts, int(self._counts.sum())
        instrument = int(counts[1:].sum())
        shown = int((counts.sum(axis=1)[1:] > 0).sum())
        return {
            'dice_micro': Metric(
                dice.dice_micro(counts), pixels, 'pixels', 'all classes and the background: the pixel accuracy'
            ),
            'dice_micro_instruments': Metric(
                dice.dice_micro_instruments(counts), instrument, 'true instrument pixels', 'without the background'
            ),
            'dice_macro': Metric(dice.dice_macro(counts), shown, 'classes shown', 'mean over classes'),
            'dice_binary': Metric(
                dice.dice_binary(counts), instrument, 'true instrument pixels', 'instrument or not, whatever the type'
            ),
            'dice_ternaus': Metric(
                dice.dice_ternaus(fold(counts, self._known)), self._known - 1, 'classes',
                'ignores confusion with the background',
            ),
        }  # fmt: skip

    def _published_metrics(self) -> dict[str, Metric]:
        frames, challenge_frames = self._isinet.frames
        classes = int((self._isinet.class_frames > 0).sum())
        images = self._ternaus.images
        return {
            'dice_ternaus_images': Metric(self._ternaus.dice(), images, 'frames', 'TernausNet, per image'),
            'iou_ternaus_images': Metric(self._ternaus.iou(), images, 'frames', 'TernausNet, per image'),
            'challenge_iou': Metric(self._isinet.challenge_iou(), challenge_frames, 'frames', 'classes shown'),
            'isi_iou': Metric(self._isinet.isi_iou(), frames, 'frames', 'classes shown or predicted'),
            'mc_iou': Metric(self._isinet.mean_class_iou(), classes, 'classes', 'mean over classes of frames'),
            'cumulative_iou': Metric(self._isinet.cumulative_iou(), frames, 'frames', 'all pixels together'),
        }

    def _class_metrics(self) -> dict[str, dict[str, Metric]]:
        pixels, per_class = self._counts.sum(axis=1), dice.dice_per_class(self._counts)
        ternaus = np.concatenate([[np.nan], dice.dice_ternaus_per_class(fold(self._counts, self._known))])
        iou, frames = self._isinet.class_iou(), self._isinet.class_frames
        return {
            name: {
                'dice': Metric(float(per_class[index]), int(pixels[index]), 'true pixels'),
                'dice_ternaus': Metric(float(ternaus[index]), int(pixels[index]), 'true pixels'),
                'iou': Metric(float(iou[index]), int(frames[index]), 'frames'),
            }
            for index, name in enumerate(self._classes.names[: self._known] if self._classes else ())
        }


def _notes(classes: ClassMap) -> list[str]:
    notes = []
    if classes.unpredicted:
        notes.append(f'Classes that the network does not know: {", ".join(classes.unpredicted)}.')
    if classes.unmatched:
        notes.append(
            f'Classes that the data set does not know: {", ".join(classes.unmatched)}. Dice counts them as wrong '
            'instruments, the published scores as background.'
        )
    return notes
