"""Instances and boxes from masks of classes."""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np

from mt3dnet_ros.datasets.frames import IGNORED
from mt3dnet_ros.errors import InputError

LEAST_AREA = 0.0005  # of the image: 26 x 26 pixels of 1280 x 1024
_MOST_INSTANCES = 254


def instances_from_types(types: np.ndarray, least_area: float = LEAST_AREA) -> np.ndarray:
    """Return the connected regions of each class as instances: all that a mask without instances can tell.

    Two touching tools of one class become one instance, and a tool that is crossed by another becomes two.

    :param types: (H, W) uint8 ids, 0 is background
    :param least_area: share of the image below which a region is no instance
    :returns: (H, W) uint8, 1 for the first instance, 0 for none
    """
    regions = (region for label in _classes(types) for region in _regions(types == label, least_area * types.size))
    return instances_from_masks(regions, types.shape)


def instances_from_masks(masks: Iterable[np.ndarray], shape: tuple[int, ...]) -> np.ndarray:
    """Return masks, one per instance, as one map of ids; later ones cover earlier ones.

    Ids are without a gap: an instance that is wholly covered has none.

    :param masks: (H, W) bool each
    :returns: (H, W) uint8, 1 for the first instance, 0 for none
    :raises ValueError: there are more than 254
    """
    instances = np.zeros(shape, np.uint16)
    for number, mask in enumerate(masks, start=1):
        instances[mask] = number
    visible = np.unique(instances[instances > 0])
    if len(visible) > _MOST_INSTANCES:
        raise InputError(f'{len(visible)} instances in one frame; at most {_MOST_INSTANCES} can be numbered')
    return (np.searchsorted(visible, instances) + 1).astype(np.uint8) * (instances > 0)


def boxes_of_instances(instances: np.ndarray) -> np.ndarray:
    """Return the box of each instance that is there, (N, 4) int64: left, top, width and height in pixels.

    :param instances: (H, W) uint8, 0 for none
    """
    boxes = [cv2.boundingRect((instances == number).astype(np.uint8)) for number in _classes(instances)]
    return np.array(boxes, np.int64).reshape(-1, 4)


def _classes(labels: np.ndarray) -> list[int]:
    present = np.bincount(labels.ravel(), minlength=IGNORED + 1)
    present[[0, IGNORED]] = 0
    return np.flatnonzero(present).tolist()


def _regions(mask: np.ndarray, least: float) -> Iterable[np.ndarray]:
    _, numbers, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    return [numbers == number for number in range(1, len(stats)) if stats[number, cv2.CC_STAT_AREA] >= least]
