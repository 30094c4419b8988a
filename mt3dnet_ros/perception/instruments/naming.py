"""What an instrument is called whose type is not sure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from mt3dnet_ros.perception.taxonomy import plain_name

UNNAMED = 'other'


class Naming(NamedTuple):
    """When an instrument is called by its most probable type.

    :param threshold: probability of that type, given that it is an instrument, from which on it is; 0 for always
    :param unnamed: class id of all others; None where there is no such class, and every instrument is named
    """

    threshold: float = 0.0
    unnamed: int | None = None

    def __call__(self, class_id: int, probability: float) -> int:
        """Return the class id that an instrument is published with."""
        return class_id if self.unnamed is None or probability >= self.threshold else self.unnamed

    def is_sure(self, probability: float) -> bool:
        """Whether an instrument is called by its most probable type, which may be ``unnamed`` itself."""
        return self.unnamed is None or probability >= self.threshold


ALL_NAMED = Naming()


def naming(classes: Sequence[str], threshold: float) -> Naming:
    """Return how instruments are named whose classes, by id, may have one called ``UNNAMED``."""
    ids = (class_id for class_id, name in enumerate(classes) if plain_name(name) == UNNAMED)
    return Naming(threshold, next(ids, None))
