"""Rendered frames on their way to disk: memory-mappable arrays, and a journal by which a killed render continues."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib.format import open_memmap

from mt3dnet_ros.datasets.frames import DatasetError
from mt3dnet_ros.datasets.resumable import write_atomically
from mt3dnet_ros.renderer.domains.file import with_later_keys, with_moved_keys
from mt3dnet_ros.renderer.plan import SPLITS, RenderPlan
from mt3dnet_ros.renderer.render import RenderedFrame
from mt3dnet_ros.renderer.writing.frame_entries import frame_entry

ARRAYS: dict[str, tuple[str, type]] = {
    'image': ('images', np.uint8),
    'types': ('types', np.uint8),
    'parts': ('parts', np.uint8),
    'instances': ('instances', np.uint8),
    'depth': ('depth', np.float16),
}
RIGHT: dict[str, tuple[str, type]] = {'right': ('right_images', np.uint8)}  # of stereo pairs
PLAN, JOURNAL, FRAMES = 'plan.json', 'frames.jsonl', 'frames.json'


class SplitWriter:
    """One split's folder: its arrays are laid out at once and filled in order.

    ``plan.json`` says what is rendered, ``frames.jsonl`` describes the frames that are done and becomes ``frames.json``
    with the last one.

    :raises DatasetError: the folder holds other files, or frames of another plan
    """

    def __init__(self, plan: RenderPlan, split: str, folder: Path) -> None:
        self._plan, self._folder, self._count = plan, folder, plan.frames(split)
        folder.mkdir(parents=True, exist_ok=True)
        begun = _has_begun(folder, _description(plan, split))
        self._arrays = {field: self._array(*kind, begun) for field, kind in _arrays(plan).items()}
        per_scene = max(1, plan.frames_per_sequence)
        entries = self._finished() if begun else []
        self._entries = entries[: len(entries) // per_scene * per_scene]  # a sequence is rendered as a whole
        self.scenes_done, self.frames_done = len(self._entries) // per_scene, len(self._entries)

    def write(self, frames: Iterator[RenderedFrame]) -> None:
        """Write the frames of the scenes that are left, and finish the split."""
        journal = self._folder / JOURNAL
        journal.write_text(''.join(map(_line, self._entries)))
        with journal.open('a') as lines:
            for frame in frames:
                self._write(frame)
                lines.write(_line(self._entries[-1]))
                lines.flush()
        (self._folder / FRAMES).write_text(json.dumps(self._entries))
        journal.unlink()

    def _write(self, frame: RenderedFrame) -> None:
        index = len(self._entries)
        for field, array in self._arrays.items():
            array[index] = getattr(frame, field)
        self._entries.append(frame_entry(self._plan, index, frame))

    def _array(self, name: str, dtype: type, begun: bool) -> np.memmap:
        path = self._folder / f'{name}.npy'
        if begun and path.is_file():
            array = open_memmap(path, 'r+')
        else:
            channels = (3,) if name in ('images', 'right_images') else ()
            array = open_memmap(path, 'w+', dtype, (self._count, self._plan.height, self._plan.width, *channels))
        _take_room(path)
        return array

    def _finished(self) -> list[dict[str, Any]]:
        if (whole := self._folder / FRAMES).is_file():
            return list(json.loads(whole.read_text()))
        journal = self._folder / JOURNAL
        lines = journal.read_text().splitlines(keepends=True) if journal.is_file() else []
        return [json.loads(line) for line in lines if line.endswith('\n')]  # the last one may have been cut off


def _arrays(plan: RenderPlan) -> dict[str, tuple[str, type]]:
    return ARRAYS | RIGHT if plan.baseline else ARRAYS


def _take_room(path: Path) -> None:
    """Have the disk keep room for all of a file: one that is full when a mapped page is written ends the process.

    :raises OSError: there is not enough
    """
    with path.open('r+b') as file:
        try:
            os.posix_fallocate(file.fileno(), 0, path.stat().st_size)
        except OSError as error:
            raise OSError(error.errno, os.strerror(error.errno or 0), str(path)) from error


def _line(entry: dict[str, Any]) -> str:
    return json.dumps(entry) + '\n'


def _description(plan: RenderPlan, split: str) -> dict[str, Any]:
    """Return all that the frames of a split depend on, except where the meshes lie."""
    values = {name: value for name, value in asdict(plan).items() if name not in SPLITS}
    values |= {'scenes': plan.scenes(split), **{name: values[name] is not None for name in ('data', 'dvrk_model')}}
    return dict(json.loads(json.dumps(values)))


def _has_begun(folder: Path, description: dict[str, Any]) -> bool:
    """Return whether a folder holds frames of this plan already; write the plan's description into one without frames.

    A render that failed before its first frame leaves a plan that binds nobody.
    """
    path = folder / PLAN
    if not path.is_file() and any(folder.iterdir()):
        raise DatasetError(
            f"'{folder}' holds files that `mt3dnet render` did not write (no {PLAN}); choose another folder"
        )
    there = _read_plan(path) if path.is_file() else None
    if there is None or (_differences(there, description) and not _has_frames(folder)):
        for name in (*(f'{name}.npy' for name, _ in (ARRAYS | RIGHT).values()), JOURNAL):
            (folder / name).unlink(missing_ok=True)
        write_atomically(path, json.dumps(description, indent=1).encode())
        return False
    if changed := _differences(there, description):
        raise DatasetError(
            f"'{folder}' holds frames that were rendered with other values of {', '.join(changed)}; "
            'choose another folder or delete it'
        )
    return True


def _read_plan(path: Path) -> dict[str, Any]:
    try:
        there = dict(json.loads(path.read_text()))
    except (ValueError, TypeError) as error:
        raise DatasetError(f"'{path}' is damaged ({error}); delete its folder and render it again") from error
    there['domain'] = with_later_keys(with_moved_keys(there.get('domain', {})))
    return there


def _differences(there: dict[str, Any], description: dict[str, Any]) -> list[str]:
    return [name for name in description if there.get(name) != description[name]]


def _has_frames(folder: Path) -> bool:
    journal = folder / JOURNAL
    return (folder / FRAMES).is_file() or (journal.is_file() and '\n' in journal.read_text())
