"""COCO's average precision and recall."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from mt3dnet_ros.errors import needs_extra

with needs_extra('evaluate'):
    from faster_coco_eval import COCO, COCOeval_faster

UNKNOWN_CLASS = 0  # the instrument counts where classes are set aside, nowhere else
RECALLS = np.linspace(0.0, 1.0, 101)
_ALL_SIZES, _HUNDRED_DETECTIONS = 0, 2  # indices of COCO's results
_IOU_50, _IOU_75 = 0, 5


class Object(NamedTuple):
    """One instrument of one frame.

    :param class_id: id in the data set's taxonomy, or ``UNKNOWN_CLASS``
    :param box: left and top edge, width and height in pixels of the image, as COCO has them
    :param score: confidence in [0, 1]; of a true instrument 1
    :param mask: run lengths of COCO; None where there is no mask
    """

    class_id: int
    box: tuple[float, float, float, float]
    score: float = 1.0
    mask: dict[str, Any] | None = None


@dataclass(frozen=True)
class AveragePrecision:
    """What COCO's evaluation says, over all sizes and at most 100 detections per image; NaN without true instruments.

    :param map: mean over IoU thresholds 0.5, 0.55, ... 0.95 and over the classes that the truth shows
    :param map50: at IoU 0.5 (and ``map75`` at 0.75)
    :param mar: largest recall with 100 detections, mean over the same thresholds and classes
    :param per_class: (C,) AP@[.5:.95] in the order of the classes (and ``per_class50`` at 0.5); NaN where none is true
    :param precision50: (C, 101) precision at IoU 0.5 over ``RECALLS``; NaN where none is true
    """

    map: float
    map50: float
    map75: float
    mar: float
    per_class: np.ndarray
    per_class50: np.ndarray
    precision50: np.ndarray


@dataclass
class ObjectSet:
    """The true and the found objects of all images."""

    sizes: list[tuple[int, int]] = field(default_factory=list)
    truths: list[tuple[int, Object]] = field(default_factory=list)
    found: list[tuple[int, Object]] = field(default_factory=list)

    def add_image(self, size: tuple[int, int], truths: Sequence[Object], found: Sequence[Object]) -> None:
        """Add one image of a height and width."""
        self.sizes.append(size)
        image = len(self.sizes)
        self.truths += [(image, item) for item in truths]
        self.found += [(image, item) for item in found]


def average_precision(objects: ObjectSet, classes: Sequence[int]) -> AveragePrecision:
    """Return the average precision of boxes of classes by id; other objects are left out."""
    return _evaluate(objects, classes, 'bbox', _class_id)


def class_agnostic_precision(objects: ObjectSet) -> AveragePrecision:
    """Return the average precision of boxes with all classes taken for one."""
    return _evaluate(objects, [1], 'bbox', lambda _: 1)


def mask_precision(objects: ObjectSet, classes: Sequence[int]) -> AveragePrecision:
    """Return the average precision of masks; what was found without a mask is left out."""
    with_mask = ObjectSet(objects.sizes, objects.truths, [pair for pair in objects.found if pair[1].mask is not None])
    return _evaluate(with_mask, classes, 'segm', _class_id)


def _class_id(item: Object) -> int:
    return item.class_id


def _evaluate(
    objects: ObjectSet, classes: Sequence[int], kind: str, class_of: Callable[[Object], int]
) -> AveragePrecision:
    truth = COCO(_data_set(objects, classes, kind, class_of))
    results = [
        {'image_id': image, 'category_id': class_of(item), 'score': item.score, **_shape(item, kind)}
        for image, item in objects.found
        if class_of(item) in classes
    ]
    evaluation = COCOeval_faster(truth, truth.loadRes(results), kind)
    evaluation.evaluate()
    evaluation.accumulate()
    precision = _known(evaluation.eval['precision'][..., _ALL_SIZES, _HUNDRED_DETECTIONS])  # (10, 101, C)
    recall = _known(evaluation.eval['recall'][..., _ALL_SIZES, _HUNDRED_DETECTIONS])  # (10, C)
    return _summarize(precision, recall)


def _data_set(
    objects: ObjectSet, classes: Sequence[int], kind: str, class_of: Callable[[Object], int]
) -> dict[str, Any]:
    annotations = [
        {
            'id': number,
            'image_id': image,
            'category_id': class_of(item),
            'iscrowd': 0,
            'area': _area(item),
            **_shape(item, kind),
        }
        for number, (image, item) in enumerate(objects.truths, start=1)
        if class_of(item) in classes
    ]
    return {
        'images': [
            {'id': number, 'height': size[0], 'width': size[1]} for number, size in enumerate(objects.sizes, start=1)
        ],
        'annotations': annotations,
        'categories': [{'id': class_id, 'name': str(class_id)} for class_id in classes],
    }


def _shape(item: Object, kind: str) -> dict[str, Any]:
    return {'bbox': list(item.box)} if kind == 'bbox' else {'segmentation': item.mask}


def _area(item: Object) -> float:
    return item.box[2] * item.box[3]


def _known(values: np.ndarray) -> np.ndarray:
    """Return COCO's numbers with NaN where COCO writes -1: no true object."""
    return np.where(values < 0.0, np.nan, values)


def _summarize(precision: np.ndarray, recall: np.ndarray) -> AveragePrecision:
    shown = ~np.isnan(recall[0])
    if not shown.any():
        nothing = np.full(recall.shape[1], np.nan)
        nan = float('nan')
        return AveragePrecision(nan, nan, nan, nan, nothing, nothing, precision[_IOU_50].T)
    means = precision.mean(axis=1)  # over recalls: (10, C)
    return AveragePrecision(
        map=float(means[:, shown].mean()),
        map50=float(means[_IOU_50, shown].mean()),
        map75=float(means[_IOU_75, shown].mean()),
        mar=float(recall[:, shown].mean()),
        per_class=means.mean(axis=0),
        per_class50=means[_IOU_50],
        precision50=precision[_IOU_50].T,
    )
