"""Whether a network stays with its word when a picture is mirrored, zoomed or brightened, which needs no labels."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

import cv2
import numpy as np

from mt3dnet_ros.evaluation.report import Metric, Section
from mt3dnet_ros.evaluation.scorers.flicker import mask_iou, see_mask
from mt3dnet_ros.perception.frame import Frame
from mt3dnet_ros.perception.perceiver import Perceiver

ZOOM = 1.15
GAINS = {'darker': 0.75, 'brighter': 1.25}
_UNSEEN = 255


@dataclass(frozen=True)
class View:
    """Another view of a picture, and the way back.

    :param change: from a picture (H, W, 3) uint8 to the view, of the same size
    :param restore: from a mask of the view (H, W) uint8 of 0 and 1 to the picture's geometry, 255 where the view does
        not reach
    """

    change: Callable[[np.ndarray], np.ndarray]
    restore: Callable[[np.ndarray], np.ndarray]


def views() -> dict[str, View]:
    """Return the views by their names."""
    brightened = {name: View(partial(cv2.convertScaleAbs, alpha=gain), _same) for name, gain in GAINS.items()}
    return {'mirrored': View(_mirror, _mirror), 'zoomed': View(_zoom_in, _zoom_out), **brightened}


class ConsistencyScorer:
    """IoU of the instrument masks of a picture and of its views, each brought back to the picture."""

    def __init__(self) -> None:
        self._overlaps: dict[str, list[float]] = {name: [] for name in views()}

    def update(self, image: np.ndarray, see: Callable[[np.ndarray], np.ndarray]) -> None:
        """Add a picture.

        :param image: (H, W, 3) uint8 RGB
        :param see: from a picture to its mask, (H, W) bool
        """
        mask = see(image)
        for name, view in views().items():
            other = view.restore(see(view.change(image)).astype(np.uint8))
            known = other != _UNSEEN
            self._overlaps[name].append(mask_iou(mask & known, other == 1))

    def section(self) -> Section:
        """Return the section ``consistency``."""
        section = Section('consistency', 'Consistency over views')
        pictures = len(next(iter(self._overlaps.values())))
        if not pictures:
            section.skipped = 'there is no picture'
            return section
        section.metrics = {
            f'iou_{name}': Metric(float(np.mean(values)), pictures, 'pictures', 'mean IoU with the view brought back')
            for name, values in self._overlaps.items()
        }
        return section


def judge_consistency(perceiver: Perceiver, images: Iterable[np.ndarray]) -> Section:
    """Run a network on pictures, (H, W, 3) uint8 RGB each, and on their views, each by itself."""
    scorer = ConsistencyScorer()
    for image in images:
        scorer.update(image, lambda view: see_mask(perceiver, Frame(view)))
    return scorer.section()


def _same(mask: np.ndarray) -> np.ndarray:
    return mask


def _mirror(picture: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(picture[:, ::-1])


def _zoom_in(image: np.ndarray) -> np.ndarray:
    return cv2.warpAffine(image, _about_the_centre(image, ZOOM), image.shape[1::-1], flags=cv2.INTER_LINEAR)


def _zoom_out(mask: np.ndarray) -> np.ndarray:
    matrix = _about_the_centre(mask, 1.0 / ZOOM)
    return cv2.warpAffine(mask, matrix, mask.shape[1::-1], flags=cv2.INTER_NEAREST, borderValue=_UNSEEN)


def _about_the_centre(picture: np.ndarray, scale: float) -> np.ndarray:
    height, width = picture.shape[:2]
    return cv2.getRotationMatrix2D((0.5 * (width - 1), 0.5 * (height - 1)), 0.0, scale)
