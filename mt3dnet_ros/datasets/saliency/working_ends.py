"""The working ends of instruments, their wrists and claspers: what attracts the eye."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mt3dnet_ros.datasets.frames import DatasetError, LabelledFrame
from mt3dnet_ros.datasets.masks import LEAST_AREA
from mt3dnet_ros.datasets.numbering import packaged_taxonomy

_PARTS = ('wrist', 'clasper')
_FARTHEST = 0.5  # of the image's width: a tool that would have moved farther is another one


@dataclass(frozen=True)
class WorkingEnd:
    """Wrist and clasper of one instrument in one frame.

    :param instance: the instrument's id in the frame
    :param class_id: its type, in the data set's numbering
    :param mask: (H, W) bool
    """

    instance: int
    class_id: int
    mask: np.ndarray

    @property
    def size(self) -> int:
        """Number of pixels."""
        return int(np.count_nonzero(self.mask))

    @property
    def centre(self) -> np.ndarray:
        """Mean position of its pixels, (2,) x and y."""
        rows, columns = np.nonzero(self.mask)
        return np.array([columns.mean(), rows.mean()])

    def nearest_pixel(self, point: np.ndarray) -> tuple[int, int]:
        """Return the pixel x, y of the end that lies nearest to a point: the middle of open jaws is not on them."""
        rows, columns = np.nonzero(self.mask)
        best = int(np.argmin((columns - point[0]) ** 2 + (rows - point[1]) ** 2))
        return int(columns[best]), int(rows[best])


def working_ends(frame: LabelledFrame) -> tuple[WorkingEnd, ...]:
    """Return the working ends in a frame, in order of their instances; those of too few pixels are not seen.

    :raises DatasetError: the frame has no types, parts or instances
    """
    if frame.types is None or frame.parts is None or frame.instances is None:
        raise DatasetError(
            f"frame '{frame.name}' has no masks of types, parts and instances; fixations lie on wrists and claspers, "
            'so take frames as released, or merged with parts_masks'
        )
    ids = [label.id for label in packaged_taxonomy('parts').classes if label.name in _PARTS]
    working = np.isin(frame.parts, ids) & (frame.instances > 0)
    counts = np.bincount(frame.instances[working], minlength=1)
    return tuple(
        _working_end(frame.types, working & (frame.instances == instance), int(instance))
        for instance in np.flatnonzero(counts >= max(1, LEAST_AREA * working.size))
    )


def predecessors(
    now: Sequence[WorkingEnd], before: Sequence[WorkingEnd], ids_persist: bool
) -> tuple[WorkingEnd | None, ...]:
    """Return what each working end was one frame before; None for a tool that has just come.

    :param ids_persist: whether an instance keeps its id from frame to frame. Otherwise ends of one type are paired,
        those first that overlap most and, without overlap, those nearest to each other.
    """
    if ids_persist:
        known = {(end.instance, end.class_id): end for end in before}
        return tuple(known.get((end.instance, end.class_id)) for end in now)
    pairs = [
        (*_likeness(end, old), i, k)
        for i, end in enumerate(now)
        for k, old in enumerate(before)
        if old.class_id == end.class_id
    ]
    found: dict[int, int] = {}
    for _, distance, i, k in sorted(pairs):
        if distance <= _FARTHEST * now[i].mask.shape[1] and i not in found and k not in found.values():
            found[i] = k
    return tuple(before[found[i]] if i in found else None for i in range(len(now)))


def _working_end(types: np.ndarray, mask: np.ndarray, instance: int) -> WorkingEnd:
    return WorkingEnd(instance, int(np.bincount(types[mask]).argmax()), mask)


def _likeness(first: WorkingEnd, second: WorkingEnd) -> tuple[float, float]:
    """Return minus the intersection over union, and the distance of the centres in pixels: the least are most alike."""
    union = np.count_nonzero(first.mask | second.mask)
    overlap = np.count_nonzero(first.mask & second.mask) / union
    return -overlap, float(np.linalg.norm(first.centre - second.centre))
