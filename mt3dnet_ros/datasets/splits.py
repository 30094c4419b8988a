"""Which sequences belong to which split, read from ``config/splits``."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from mt3dnet_ros.datasets.frames import DatasetError
from mt3dnet_ros.resources import package_file


def load_split(dataset: str, split: str) -> Any:
    """Return what ``config/splits/<dataset>.yaml`` says of a split: its sequences, in the data set's own numbers.

    :raises DatasetError: the data set has no such split
    """
    splits = _load(dataset)
    if split not in splits:
        raise DatasetError(f'{dataset} has no split {split!r}; its splits are {", ".join(splits)}')
    return splits[split]


def split_names(dataset: str) -> tuple[str, ...]:
    """Return the names of a data set's splits."""
    return tuple(_load(dataset))


def require_sequences(root: Path, split: str, wanted: Iterable[int], found: Iterable[int]) -> None:
    """Check that all sequences of a split are there: scores on a part of it would pass for scores on the whole.

    :raises DatasetError: some are missing
    """
    present = sorted(set(found))
    if missing := [number for number in wanted if number not in present]:
        raise DatasetError(
            f"'{root}' has no frames of the sequences {', '.join(map(str, missing))} of split {split} "
            f'(it has {", ".join(map(str, present)) or "none"}); fetch them, see docs/train/datasets.md for the layout'
        )


def _load(dataset: str) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(package_file('config', 'splits', f'{dataset}.yaml').read_text('utf-8'))
    return content
