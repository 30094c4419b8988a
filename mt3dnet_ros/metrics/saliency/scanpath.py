"""The order in which instruments are visited."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

UNMATCHED = 0  # in a scanpath: an instrument that is none of the true ones


def rank_instruments(saliency: np.ndarray, instances: np.ndarray) -> tuple[int, ...]:
    """Return the ids of instruments by falling mean saliency; of equal ones the lower id comes first.

    :param saliency: (H, W)
    :param instances: (H, W) unsigned ids, 0 for none
    """
    ids = np.unique(instances[instances > 0])
    pixels = np.bincount(instances.ravel())[ids]
    means = np.bincount(instances.ravel(), saliency.ravel().astype(np.float64))[ids] / pixels
    return tuple(int(number) for number in ids[np.argsort(-means, kind='stable')])


def matched_path(path: Sequence[int], found: np.ndarray, true: np.ndarray, least_iou: float = 0.5) -> tuple[int, ...]:
    """Return a scanpath over found instruments in the ids of the true ones that they cover.

    :param path: ids of ``found`` in visiting order
    :param found: (H, W) ids of instruments as seen, 0 for none
    :param true: (H, W) ids of the true ones, 0 for none
    :param least_iou: less than that is ``UNMATCHED``; above 0.5 no two instruments match one
    """
    return tuple(_true_id(found == number, true, least_iou) for number in path)


def first_is_right(path: Sequence[int], truth: Sequence[int]) -> bool:
    """Whether the instrument to look at first is the true one; ``truth`` is not empty."""
    return len(path) > 0 and path[0] == truth[0]


def whole_is_right(path: Sequence[int], truth: Sequence[int]) -> bool:
    """Whether all the true instruments, and no others, are visited in the true order."""
    return tuple(path) == tuple(truth)


def _true_id(mask: np.ndarray, true: np.ndarray, least_iou: float) -> int:
    shared = np.bincount(true[mask])
    if not shared[1:].any():
        return UNMATCHED
    best = int(np.argmax(shared[1:])) + 1
    union = np.count_nonzero(mask | (true == best))
    return best if shared[best] / union > least_iou else UNMATCHED
