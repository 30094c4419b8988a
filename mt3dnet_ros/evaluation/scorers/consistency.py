"""Consistency: whether masks stay the same when a picture is mirrored, zoomed or brightened; needs no labels."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

import cv2
import numpy as np

from mt3dnet_ros.evaluation.report import Metric, Section
from mt3dnet_ros.evaluation.scorers.flicker import EMPTY_PAIRS, instrument_mask, mask_iou
from mt3dnet_ros.perception.frame import Frame
from mt3dnet_ros.perception.perceiver import Perceiver

ZOOM = 1.15
GAINS = {'darker': 0.75, 'brighter': 1.25}
_OUTSIDE = 255
_MEANING = 'mean IoU with its mask'


@dataclass(frozen=True)
class Perturbation:
    """A change of a picture that must not change what is seen in it, and its inverse for masks.

    :param apply: from a picture (H, W, 3) uint8 to the changed one, of the same size
    :param undo: from a mask of the changed picture (H, W) uint8 of 0 and 1 to the geometry of the first, 255 outside of
        what the changed picture shows
    """

    apply: Callable[[np.ndarray], np.ndarray]
    undo: Callable[[np.ndarray], np.ndarray]


def perturbations() -> dict[str, Perturbation]:
    """Return the perturbations by their names."""
    brightened = {name: Perturbation(partial(cv2.convertScaleAbs, alpha=gain), _same) for name, gain in GAINS.items()}
    return {'mirrored': Perturbation(_mirror, _mirror), 'zoomed': Perturbation(_zoom_in, _zoom_out), **brightened}


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
            known = other != _OUTSIDE
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


def _same(mask: np.ndarray) -> np.ndarray:
    return mask


def _mirror(picture: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(picture[:, ::-1])


def _zoom_in(image: np.ndarray) -> np.ndarray:
    return cv2.warpAffine(image, _about_the_centre(image, ZOOM), image.shape[1::-1], flags=cv2.INTER_LINEAR)


def _zoom_out(mask: np.ndarray) -> np.ndarray:
    matrix = _about_the_centre(mask, 1.0 / ZOOM)
    return cv2.warpAffine(mask, matrix, mask.shape[1::-1], flags=cv2.INTER_NEAREST, borderValue=_OUTSIDE)


def _about_the_centre(picture: np.ndarray, scale: float) -> np.ndarray:
    height, width = picture.shape[:2]
    return cv2.getRotationMatrix2D((0.5 * (width - 1), 0.5 * (height - 1)), 0.0, scale)
