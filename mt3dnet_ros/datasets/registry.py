"""Data sets by their names."""

from __future__ import annotations

import importlib
from pathlib import Path

from mt3dnet_ros.datasets.frames import DatasetError, FrameSet
from mt3dnet_ros.datasets.splits import split_names

# Each is called with the folder and the split, and imported only when it is asked for.
_READERS = {
    'rendered': ('mt3dnet_ros.datasets.rendered', 'RenderedFrames'),
    'endovis2018': ('mt3dnet_ros.datasets.endovis2018', 'open_endovis2018'),
    'endovis2018_scene': ('mt3dnet_ros.datasets.endovis2018_scene', 'SceneFrames'),
    'endovis2017': ('mt3dnet_ros.datasets.endovis2017', 'open_endovis2017'),
    'scared': ('mt3dnet_ros.datasets.scared', 'open_scared'),
    'rendered_live': ('mt3dnet_ros.datasets.renderer.live', 'open_live'),
    'parts_folder': ('mt3dnet_ros.datasets.parts_folder', 'PartsFolder'),
}
_RENDERED_SPLITS = ('train', 'val', 'test')
_OWN_SPLITS = {'rendered': _RENDERED_SPLITS, 'rendered_live': _RENDERED_SPLITS, 'parts_folder': ('test',)}
# The others' are in config/splits.
DATASET_NAMES = tuple(_READERS)
IDS_PERSIST = {'endovis2017': False, 'rendered': True}
"""Of the data sets of sequences with all masks: whether an instance keeps its id from frame to frame."""


def open_frames(
    dataset: str, folder: str | Path, split: str, *, depth: str | Path | None = None, numbering: str | None = None
) -> FrameSet:
    """Return the frames of a split of a data set.

    :param dataset: one of ``DATASET_NAMES``
    :param folder: where the data set lies; docs/train/datasets.md shows the layouts
    :param split: such as ``train``; see ``dataset_splits``
    :param depth: folder that ``mt3dnet prepare-depth`` wrote, whose maps become the frames' depth
    :param numbering: taxonomy of the ids in the files, where ``endovis2018`` should not find it out by itself
    :raises DatasetError: there is no such data set or split, or the folder is not laid out as it must be
    """
    if dataset not in _READERS:
        raise DatasetError(f'data set {dataset!r} is unknown (known: {", ".join(DATASET_NAMES)})')
    if numbering is not None and dataset != 'endovis2018':
        raise DatasetError(f'data set {dataset} has one numbering; numbering {numbering!r} is for endovis2018 alone')
    module, name = _READERS[dataset]
    options = {} if numbering is None else {'numbering': numbering}
    frames: FrameSet = getattr(importlib.import_module(module), name)(folder, split, **options)
    if depth is None:
        return frames
    from mt3dnet_ros.datasets.prepared_depth import WithDepth

    return WithDepth(frames, depth)


def dataset_splits(dataset: str) -> tuple[str, ...]:
    """Return the names of a data set's splits."""
    return _OWN_SPLITS.get(dataset) or split_names(dataset)
