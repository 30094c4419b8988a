"""Whether the sequences of a split are there with all their frames."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import TypeVar

from mt3dnet_ros.datasets.frames import DatasetError, DatasetWarning
from mt3dnet_ros.datasets.listing import listed

Key = TypeVar('Key')  # number or name of a sequence


def require_frames(sequences: Mapping[Key, Collection[int]], root: Path, expected: str) -> None:
    """Check that no sequence is without frames: scores on the others would pass for scores on all.

    :param sequences: numbers of the frames, by the number of their sequence
    :param expected: names of the files, for the message
    :raises DatasetError: one has none
    """
    if empty := [sequence for sequence, frames in sequences.items() if not frames]:
        raise DatasetError(
            f"'{root}': there are no frames of the sequences {listed(empty)} (expected {expected}); fetch them, "
            'docs/train/datasets.md shows the layout'
        )


def require_masks(masks: Mapping[str, Path | None], root: Path, expected: str, kind: str = 'mask') -> None:
    """Check that every frame has its mask, or another file, before hours of work with them.

    :param masks: by the frames' names; None for none
    :param expected: name of such a file, for the message
    :param kind: of file
    :raises DatasetError: some are missing
    """
    if missing := [name for name, mask in masks.items() if mask is None or not mask.is_file()]:
        raise DatasetError(
            f"'{root}': {len(missing)} of {len(masks)} frames have no {kind} (expected {expected}): {listed(missing)}; "
            'fetch them, or remove the frames'
        )


def warn_of_missing_frames(
    sequences: Mapping[Key, Collection[int]], root: Path, published: Callable[[Key], int]
) -> None:
    """Warn of sequences with fewer frames than were published, or with gaps.

    :param sequences: numbers of the frames, by the number of their sequence
    :param published: returns how many frames a sequence has; 0 where that is not known
    """
    problems = []
    for sequence, frames in sequences.items():
        first, count = min(frames), published(sequence)
        gaps = sorted(set(range(first, max(frames) + 1)) - set(frames))
        if len(frames) < count or gaps:
            missing = f', without {listed(gaps)}' if gaps else ''
            found = f'{len(frames)} of {count}' if count else f'{len(frames)} frames'
            problems.append(f'{sequence} has {found} ({first} to {max(frames)}{missing})')
    if problems:
        warnings.warn(
            f"'{root}' lacks frames, so that scores are on a part of the data: of sequence {'; '.join(problems)}",
            DatasetWarning,
            stacklevel=3,
        )
