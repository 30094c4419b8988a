"""Data sets by their names; ``register`` adds readers of your own."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mt3dnet_ros.datasets.frames import DatasetError, FrameSet
from mt3dnet_ros.datasets.splits import split_names

OpenFrames = Callable[..., FrameSet]
"""Called with the folder and the split."""


@dataclass(frozen=True)
class _Reader:
    """How a data set is opened.

    :param open: a function, or ``package.module:name`` of one that is imported when the data set is first asked for
    :param splits: names of its splits; None where ``config/splits`` lists them
    :param ids_persist: of a data set of sequences with all masks, whether an instance keeps its id from frame to frame
    """

    open: OpenFrames | str
    splits: tuple[str, ...] | None = None
    ids_persist: bool | None = None

    def resolved(self) -> OpenFrames:
        if not isinstance(self.open, str):
            return self.open
        module, name = self.open.split(':')
        found: OpenFrames = getattr(importlib.import_module(module), name)
        return found


_PROMISED = ('names', 'taxonomy', '__len__', '__getitem__')  # by a FrameSet

_READERS: dict[str, _Reader] = {}


def register(
    name: str, reader: OpenFrames | str, splits: tuple[str, ...] | None = None, ids_persist: bool | None = None
) -> None:
    """Make a data set known by a name: to ``open_frames``, to recipes and to the command ``mt3dnet``.

    :param reader: called with the folder and the split, returns a ``FrameSet``; or ``package.module:name`` of it, which
        is imported when it is first needed
    :param splits: names of its splits; None where ``config/splits`` has them
    :param ids_persist: of a data set of sequences with all masks, whether an instance keeps its id from frame to frame
    """
    _READERS[name] = _Reader(reader, splits, ids_persist)


def dataset_names() -> tuple[str, ...]:
    """Return the names of all data sets."""
    return tuple(_READERS)


def ids_persist() -> dict[str, bool]:
    """Return, of the data sets of sequences with all masks, whether an instance keeps its id from frame to frame."""
    return {name: reader.ids_persist for name, reader in _READERS.items() if reader.ids_persist is not None}


def open_frames(
    dataset: str, folder: str | Path, split: str, *, depth: str | Path | None = None, numbering: str | None = None
) -> FrameSet:
    """Return the frames of a split of a data set.

    :param dataset: one of ``dataset_names()``, or ``package.module:function`` of a reader that is not registered
    :param folder: where the data set lies; docs/train/datasets.md shows the layouts
    :param split: such as ``train``; see ``dataset_splits``
    :param depth: folder that ``mt3dnet prepare-depth`` wrote, whose maps become the frames' depth
    :param numbering: taxonomy of the ids in the files, where ``endovis2018`` should not find it out by itself
    :raises DatasetError: there is no such data set, reader or split, or the folder is not laid out as it must be
    """
    reader = _find(dataset)
    if numbering is not None and dataset != 'endovis2018':
        raise DatasetError(f'data set {dataset} has only one numbering; leave out {numbering!r}')
    options = {} if numbering is None else {'numbering': numbering}
    frames = _checked(dataset, reader.resolved()(folder, split, **options), f"split '{split}' of '{folder}'")
    if depth is None:
        return frames
    from mt3dnet_ros.datasets.depth.maps import FramesWithPreparedDepth

    return FramesWithPreparedDepth(frames, depth)


def _find(dataset: str) -> _Reader:
    if dataset in _READERS:
        return _READERS[dataset]
    if ':' not in dataset:
        raise DatasetError(
            f'data set {dataset!r} is unknown (known: {", ".join(dataset_names())}); '
            'a reader of your own is named package.module:function'
        )
    return _Reader(_import(dataset), splits=())


def _checked(dataset: str, frames: Any, where: str) -> FrameSet:
    """Check that a reader has returned frames, and not none of them."""
    if lacking := [name for name in _PROMISED if not hasattr(frames, name)]:
        raise DatasetError(
            f'reader {dataset!r} returned a {type(frames).__name__}, which has no {", ".join(lacking)}; it must return '
            'a FrameSet, such as an heir of ListedFrames: see docs/train/datasets.md'
        )
    if not len(frames):
        raise DatasetError(f'data set {dataset!r}: {where} has no frames; is this its folder, and is it unpacked?')
    found: FrameSet = frames
    return found


def _import(path: str) -> OpenFrames:
    """Import a reader that somebody else wrote, by ``package.module:function``."""
    module, _, name = path.partition(':')
    try:
        found = getattr(importlib.import_module(module), name, None)
    except ModuleNotFoundError as error:
        if error.name and not f'{module}.'.startswith(f'{error.name}.'):
            raise DatasetError(
                f'reader {path!r} of a data set cannot be imported: its module needs {error.name!r}, which is not '
                'installed; install it'
            ) from error
        raise DatasetError(
            f'reader {path!r} of a data set cannot be imported: {error}; is its folder on PYTHONPATH?'
        ) from error
    except (ImportError, ValueError) as error:  # ValueError: there is no name before the colon
        raise DatasetError(
            f'reader {path!r} of a data set cannot be imported: {error}; is its folder on PYTHONPATH?'
        ) from error
    if not callable(found):
        raise DatasetError(f'reader {path!r} of a data set: module {module} has no function {name!r}')
    reader: OpenFrames = found
    _check_signature(path, reader)
    return reader


def _check_signature(path: str, reader: OpenFrames) -> None:
    try:
        inspect.signature(reader).bind('folder', 'split')
    except TypeError as error:
        raise DatasetError(f'reader {path!r} of a data set must take the folder and the split: {error}') from error
    except ValueError:  # of what is written in C
        return


def dataset_splits(dataset: str) -> tuple[str, ...]:
    """Return the names of a data set's splits."""
    known = _READERS.get(dataset)
    return known.splits if known and known.splits else split_names(dataset)


register('rendered', 'mt3dnet_ros.datasets.rendered:RenderedFrames', ('train', 'val', 'test'), ids_persist=True)
register('endovis2018', 'mt3dnet_ros.datasets.endovis.endovis2018:open_endovis2018')
register('endovis2018_scene', 'mt3dnet_ros.datasets.endovis.endovis2018_scene:SceneFrames')
register('endovis2017', 'mt3dnet_ros.datasets.endovis.endovis2017:open_endovis2017', ids_persist=False)
register('scared', 'mt3dnet_ros.datasets.scared.scared:open_scared')
register('parts_folder', 'mt3dnet_ros.datasets.parts_folder:PartsFolder', ('test',))
register('masks_folder', 'mt3dnet_ros.datasets.masks_folder:MasksFolder', ('train', 'val', 'test'))
