"""From the classes of a network to those of a data set, by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mt3dnet_ros.errors import MT3DNetError
from mt3dnet_ros.perception.taxonomy import plain_name

NOT_IN_DATA_SET = 'not in the data set'


class ClassMapError(MT3DNetError, ValueError):
    """A class that is to be matched with another does not exist."""


@dataclass(frozen=True)
class ClassMap:
    """How the ids of a network's classes become those of a data set.

    :param names: the data set's class names by id; 0 is the background. Where the network has classes that the data set
        does not know, one more follows: ``NOT_IN_DATA_SET``
    :param table: (256,) uint8 id of the data set for each id of the network
    :param known: number of the data set's own classes
    :param unpredicted: the data set's classes that the network does not know, and so can never predict
    :param unmatched: the network's classes that the data set does not know
    """

    names: tuple[str, ...]
    table: np.ndarray
    known: int
    unpredicted: tuple[str, ...]
    unmatched: tuple[str, ...]

    @property
    def knows_too_little(self) -> bool:
        """Whether the network lacks more than half of the data set's classes: then they are of another kind."""
        return 2 * len(self.unpredicted) > self.known - 1


def map_classes(network: Sequence[str], data_set: Sequence[str], renamed: Mapping[str, str] | None = None) -> ClassMap:
    """Match classes by name; case, hyphens and underscores aside. Id 0 is the background of both.

    :param network: class names by id (and ``data_set``)
    :param renamed: names of the data set by names of the network, where they differ
    :raises ClassMapError: a renamed class does not exist
    """
    targets = _renamed(network, data_set, renamed or {})
    ids = {plain_name(name): index for index, name in enumerate(data_set) if index}
    table = np.zeros(256, np.uint8)
    unmatched = []
    for index, name in enumerate(targets[1:], start=1):
        table[index] = ids.get(plain_name(name), len(data_set))
        if table[index] == len(data_set):
            unmatched.append(network[index])
    unpredicted = tuple(name for index, name in enumerate(data_set) if index and index not in table)
    names = (*data_set, NOT_IN_DATA_SET) if unmatched else tuple(data_set)
    return ClassMap(names, table, len(data_set), unpredicted, tuple(unmatched))


def parse_renames(texts: Sequence[str]) -> dict[str, str]:
    """Return the data set's names by the network's of texts such as ``other=vessel sealer``.

    :raises ClassMapError: a text is not of that form
    """
    renames = {}
    for text in texts:
        source, separator, target = text.partition('=')
        if not (separator and source.strip() and target.strip()):
            raise ClassMapError(
                f"'{text}' does not say which classes are the same; write 'NAME OF NETWORK=NAME OF DATA SET'"
            )
        renames[source.strip()] = target.strip()
    return renames


def _renamed(network: Sequence[str], data_set: Sequence[str], renamed: Mapping[str, str]) -> list[str]:
    plain = {plain_name(source): target for source, target in renamed.items()}
    for names, wanted, owner in ((network, renamed.keys(), 'network'), (data_set, renamed.values(), 'data set')):
        known = {plain_name(name) for name in names[1:]}
        if missing := [name for name in wanted if plain_name(name) not in known]:
            raise ClassMapError(f"the {owner} has no class '{missing[0]}' (it has: {', '.join(names[1:])})")
    return [plain.get(plain_name(name), name) for name in network]
